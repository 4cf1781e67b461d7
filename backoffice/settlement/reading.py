"""An uploaded file as rows, a piece at a time: however large it is, a few of its rows are in memory."""

import csv
from codecs import getincrementaldecoder
from collections.abc import Iterable, Iterator
from itertools import chain

from backoffice.models import SettlementPiece, SettlementRun

_LONGEST_LINE = 1_000_000


def rows(run: SettlementRun) -> Iterator[list[str]]:
    """The cells of each line that is not empty, the header first. Raises csv.Error, UnicodeDecodeError."""
    lines = _lines(_texts(run))
    first = next(lines, "")
    separator = max(";,\t", key=first.count)
    for cells in csv.reader(chain([first], lines), delimiter=separator):
        if any(cells):
            yield cells


def _texts(run: SettlementRun) -> Iterator[str]:
    decode = getincrementaldecoder("utf-8-sig")().decode
    keys = SettlementPiece.objects.filter(run=run).order_by("pk").values_list("pk", flat=True)
    for pk in list(keys):
        yield decode(bytes(SettlementPiece.objects.values_list("content", flat=True).get(pk=pk)))
    yield decode(b"", final=True)


def _lines(texts: Iterable[str]) -> Iterator[str]:
    rest = ""
    for text in texts:
        *whole, rest = (rest + text).split("\n")
        yield from (line.removesuffix("\r") + "\n" for line in whole)
        if len(rest) > _LONGEST_LINE:
            raise csv.Error("a line does not end")
    if rest:
        yield rest
