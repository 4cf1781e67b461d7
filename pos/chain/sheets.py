"""Files of spreadsheets as rows of text, and back. What Excel does to numbers and encodings is undone here."""

import csv
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, time
from decimal import Decimal
from io import BytesIO, StringIO
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from stores import formulas

Line = tuple[int, list[str]]  # the row's number as a spreadsheet shows it, its cells

MOST_BYTES: Final = 5 * 1024 * 1024
MOST_ROWS: Final = 10_000
FORMATS: Final = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
MADE_DATE: Final = "\N{CALENDAR}"  # before what a spreadsheet turned into a date or a time
TOO_LARGE: Final = _("The file has more than 5 MB. Split it: stores may be spread over several files.")
_UNPACKED = 100 * 1024 * 1024  # bytes; a small file can hold a huge one
_WIDEST = 60  # columns; a sheet can be 16,384 wide
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


def read(content: bytes) -> list[Line]:
    """The rows that are not empty, the header first. Raises ValidationError with the remedy."""
    if len(content) > MOST_BYTES:
        raise ValidationError(TOO_LARGE)
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        raise ValidationError(_("This is a file of an old Excel (.xls). Save it as .xlsx or as CSV."))
    lines: list[Line] = []
    for number, cells in _xlsx(content) if content.startswith(b"PK") else _csv(_text(content)):
        if any(cells):
            lines.append((number, cells))
        if len(lines) > MOST_ROWS + 1 or number > 10 * MOST_ROWS:
            text = _("The file has more than 10,000 rows. Split it: stores may be spread over several files.")
            raise ValidationError(text)
    return lines


def write(header: Sequence[str], rows: Iterable[Sequence[Any]], *, name: str) -> bytes:
    """A file for spreadsheets; `name` is csv or xlsx. No text in it is taken for a formula."""
    import tablib  # with all that knows of spreadsheets, as below: loaded by who has one
    from import_export.formats.base_formats import CSV, XLSX

    table = tablib.Dataset(headers=list(header), title="chain")
    for row in rows:
        table.append([_written(cell, as_number=name == "xlsx") for cell in row])
    written = {"csv": CSV, "xlsx": XLSX}[name]().export_data(table)
    # Without the mark Excel takes UTF-8 for its own encoding.
    return written.encode("utf-8-sig") if isinstance(written, str) else bytes(written)


def _written(value: Any, *, as_number: bool) -> Any:
    if isinstance(value, Decimal):
        plain = f"{value.normalize():f}"
        return float(plain) if as_number else plain
    if isinstance(value, int):
        return value if as_number and abs(value) < 10**11 else str(value)  # Excel shows longer ones as 1.2E+11
    return formulas.defuse(str(value))


def _text(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", errors="replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        # What Excel writes in Spanish and Portuguese; it differs from latin-1 in signs that no name has.
        return content.decode("cp1252", errors="replace")


def _csv(text: str) -> Iterator[Line]:
    first, _end, rest = text.partition("\n")
    named = re.fullmatch(r"sep=(.)", first.strip())  # Excel's own way to name the separator
    separator = named[1] if named else max(";,\t", key=first.count)
    reader = csv.reader(StringIO(rest if named else text, newline=""), delimiter=separator, strict=True)
    try:
        for number, row in enumerate(reader, start=1):
            yield number, [_read(cell) for cell in row]
    except csv.Error as error:
        wrong = _("Line %(line)s cannot be read (%(why)s). Is a quotation mark missing?")
        raise ValidationError(wrong, params={"line": reader.line_num, "why": str(error)}) from error


def _xlsx(content: bytes) -> Iterator[Line]:
    """The first sheet."""
    from openpyxl import load_workbook

    try:
        with zipfile.ZipFile(BytesIO(content)) as packed:
            if sum(part.file_size for part in packed.infolist()) > _UNPACKED:
                raise ValidationError(_("The file is too large when unpacked. Save it as CSV."))
        book = load_workbook(BytesIO(content), read_only=True, data_only=True)
        for number, row in enumerate(book.worksheets[0].iter_rows(max_col=_WIDEST, values_only=True), start=1):
            yield number, [_read(value) for value in row]
    except ValidationError:
        raise
    except Exception as error:  # openpyxl raises whatever its XML parsers do
        raise ValidationError(_("This file is no Excel file that can be read. Save it as .xlsx or as CSV.")) from error


def _read(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, date | time):
        return f"{MADE_DATE} {value}"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    text = _CONTROL.sub("", str(value)).replace("\N{NO-BREAK SPACE}", " ").strip()
    return formulas.restore(text)
