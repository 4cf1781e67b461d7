"""A receipt as a file, in any format that there is a writer for."""

from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _
from escpos.printer import Dummy

from receipts.models import MEDIA_TYPES, Format, Receipt
from receipts.writers import WRITERS

ESCPOS = "escpos"
ESCPOS_MEDIA_TYPE = "application/vnd.escpos"


class NoSuchFormat(LookupError):
    """There is no writer for it."""


def document(receipt: Receipt, format: str, **variant: Any) -> tuple[str, str, bytes]:
    """Its file name, media type and content. `variant`: columns and codepage of ESC/POS; `copy` marks a copy."""
    name = f"{receipt.number}.{format}"
    if format == ESCPOS:
        return name, ESCPOS_MEDIA_TYPE, _escpos(receipt, **variant)
    if format not in Format.values:
        raise NoSuchFormat(format)
    return name, f"{MEDIA_TYPES[Format(format)]}; charset=utf-8", WRITERS[Format(format)](receipt.content)


def _escpos(receipt: Receipt, *, columns: int = 42, codepage: str = "cp858", copy: bool = False) -> bytes:
    text = WRITERS[Format.TEXT](receipt.content).decode()
    if copy:
        with translation.override(receipt.content["language"]):
            mark = _("COPY")
        text = f"{mark.center(columns).rstrip()}\n{text}"
    return on_paper(text, codepage=codepage)


def on_paper(text: str, *, codepage: str) -> bytes:
    """Text for a receipt printer, and a cut after it."""
    printer = Dummy()
    printer.hw("INIT")
    printer.charcode(codepage.upper())
    printer.text(text)
    printer.cut()
    content: bytes = printer.output
    return content
