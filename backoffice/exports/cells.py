"""Values as cells of a CSV file: numbers stay numbers, moments name their zone, no text is taken for a formula."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, tzinfo
from decimal import Decimal
from itertools import islice
from typing import Any, Final

from gateway.sites import BY_CURRENCY
from stores import formulas

MARK: Final = "\N{ZERO WIDTH NO-BREAK SPACE}"  # without it Excel takes UTF-8 for its own encoding
_ROWS_A_PIECE = 500


def cell(value: Any, zone: tzinfo = UTC) -> str:
    """A moment is written by the clocks of `zone`, with how far that is from UTC."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.astimezone(zone).isoformat(timespec="seconds")
    if isinstance(value, Decimal | int):
        return f"{value:f}" if isinstance(value, Decimal) else str(value)
    return formulas.defuse(str(value))


def money(amount: Decimal | None, currency: str) -> str:
    """With the decimals of its currency: `500.00`, or `500` where there are none."""
    return "" if amount is None else BY_CURRENCY[currency].text(amount)


def pieces(header: Sequence[str], rows: Iterable[Iterable[str]]) -> Iterator[bytes]:
    """A file in pieces of some hundred rows. The cells are `cell`s already."""
    write = csv.writer(_Echo()).writerow
    yield (MARK + write(header)).encode()
    rows = iter(rows)
    while some := list(islice(rows, _ROWS_A_PIECE)):
        yield "".join(map(write, some)).encode()


class _Echo:
    """A file that hands back what is written to it."""

    def write(self, text: str) -> str:
        return text
