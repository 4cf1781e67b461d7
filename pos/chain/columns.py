"""The columns of the table: what they are called, and how their cells are read and written (docs/import.md)."""

import difflib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Final, Literal

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from gateway.dialects import Dialect
from gateway.sites import CATEGORIES
from pos.chain.sheets import MADE_DATE, Line
from stores import hours

Cells = dict[str, str]
Row = tuple[int, Cells]


def _plain(cell: str) -> str:
    return cell


def _code(cell: str) -> str:
    """An external id or a house number: Excel likes to make 1001.0 of 1001."""
    return re.sub(r"^(\d+)[.,]0+$", r"\1", cell)


def _whole(cell: str) -> int | None:
    if not cell:
        return None
    number = _code(cell)
    if not re.fullmatch(r"[0-9]{1,18}", number):
        raise ValidationError(_("%(text)s is no whole number.") % {"text": cell})
    return int(number)


def _lifetime(cell: str) -> int:
    number = _whole(cell)
    return 15 * 60 if number is None else number


def _degrees(cell: str) -> Decimal | None:
    """With a point or a comma; rounded to a centimetre."""
    if not cell:
        return None
    try:
        number = Decimal(cell.replace("\N{MINUS SIGN}", "-").replace(",", ".")).quantize(Decimal("1e-7"))
    except InvalidOperation:
        number = Decimal("NaN")
    if number.is_finite():
        return number
    raise ValidationError(_("%(text)s is no number; write degrees like -34.6352.") % {"text": cell})


def _choice(choices: Sequence[str], default: str) -> Callable[[str], str]:
    def read(cell: str) -> str:
        if (found := cell.lower() or default) in ("", *choices):
            return found
        raise ValidationError(_("%(text)s is none of %(list)s.") % {"text": cell, "list": ", ".join(choices)})

    return read


@dataclass(frozen=True)
class Column:
    """`field` is that of the store or the point of sale; the key columns have none."""

    name: str
    of: Literal["account", "store", "pos"]
    field: str = ""
    read: Callable[[str], Any] = _plain
    write: Callable[[Any], Any] = lambda value: "" if value is None else value
    is_required: bool = False


COLUMNS: Final = (
    Column("account", "account", is_required=True),
    Column("store_external_id", "store", is_required=True),
    Column("store_name", "store", "name", is_required=True),
    Column("street", "store", "street", is_required=True),
    Column("number", "store", "number", _code, is_required=True),
    Column("city", "store", "city", is_required=True),
    Column("state", "store", "state", is_required=True),
    Column("latitude", "store", "latitude", _degrees, is_required=True),
    Column("longitude", "store", "longitude", _degrees, is_required=True),
    Column("reference", "store", "reference"),
    Column("time_zone", "store", "time_zone"),
    Column("business_hours", "store", "business_hours", hours.read, hours.write),
    Column("pos_external_id", "pos"),
    Column("pos_name", "pos", "name"),
    Column("category", "pos", "category", _choice(CATEGORIES, "other")),
    Column("dialect", "pos", "dialect", _choice([d.value for d in Dialect], "")),
    Column("heartbeat", "pos", "heartbeat", _whole),
    Column("order_lifetime", "pos", "order_lifetime", _lifetime),
)
NAMES: Final = tuple(column.name for column in COLUMNS)
_KEYS: Final = tuple(column.name for column in COLUMNS if not column.field)
OF_STORE: Final = tuple(column for column in COLUMNS if column.of == "store" and column.field)
OF_POS: Final = tuple(column for column in COLUMNS if column.of == "pos" and column.field)


def column_of(part: str, field: str) -> str:
    """What the table calls a field of the `store` or the `pos`; "" when it has no such column."""
    names = {"account": "account", "store": "store_external_id", "external_id": f"{part}_external_id"}
    own = {column.field: column.name for column in COLUMNS if column.of == part and column.field}
    return own.get(field) or names.get(field, "")


def table(lines: Sequence[Line]) -> list[Row]:
    """The rows by column. Raises ValidationError when the columns are not those of the table."""
    if len(lines) < 2:
        raise ValidationError(
            _("The file has no rows. The first one names the columns, each other is a point of sale.")
        )
    header = [re.sub(r"[\s-]+", "_", name.lower()) for name in lines[0][1]]
    _check(header)
    rows = []
    for number, cells in lines[1:]:
        if any(cells[i] for i in range(len(cells)) if i >= len(header) or not header[i]):
            text = _(
                "Row %(row)s has more cells than there are columns. Does a text with a comma lack quotation marks?"
            )
            raise ValidationError(text % {"row": number})
        named = dict(zip(header, [*cells, *[""] * len(header)], strict=False))
        rows.append((number, {name: _code(cell) if name in _KEYS else cell for name, cell in named.items() if name}))
    return rows


def read(column: Column, cell: str) -> Any:
    if cell.startswith(MADE_DATE):
        text = _("A spreadsheet made the date or time %(text)s of this. Format the column as text and type it again.")
        raise ValidationError(text % {"text": cell.removeprefix(MADE_DATE).strip()})
    return column.read(cell)


def _check(header: Sequence[str]) -> None:
    unknown = [name for name in header if name and name not in NAMES]
    missing = [column.name for column in COLUMNS if column.is_required and column.name not in header]
    if "pos_external_id" in header and "pos_name" not in header:
        missing.append("pos_name")
    if "pos_external_id" not in header and (lost := [c.name for c in OF_POS if c.name in header]):
        raise ValidationError(_("%(names)s without pos_external_id: add that column.") % {"names": ", ".join(lost)})
    if twice := sorted({name for name in header if name and header.count(name) > 1}):
        raise ValidationError(_("Two columns are called %(names)s: remove one.") % {"names": ", ".join(twice)})
    errors = [_unknown(name) for name in unknown]
    if missing:
        errors.append(_("These columns are missing: %(names)s. Add them.") % {"names": ", ".join(missing)})
    if errors:
        raise ValidationError([*errors, _("The columns are: %(names)s.") % {"names": ", ".join(NAMES)}])


def _unknown(name: str) -> str:
    if close := difflib.get_close_matches(name, NAMES, n=1):
        return _("There is no column %(name)s. Do you mean %(close)s?") % {"name": name, "close": close[0]}
    return _("There is no column %(name)s. Remove it.") % {"name": name}
