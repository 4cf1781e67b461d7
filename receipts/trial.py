"""A test page: does the printer print, how wide, and are the letters right?"""

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from receipts.characters import sayable
from receipts.layout import Content
from receipts.models import Format, Printer
from receipts.variants import Variant
from receipts.writers import write


def page(printer: Printer) -> bytes:
    ruler = "".join(str(n % 10) for n in range(1, printer.columns + 1))
    content: Content = {
        "version": 2,
        "language": get_language() or "en",
        "number": "",
        "blocks": [
            {"kind": "title", "text": sayable(printer.name)},
            {"kind": "text", "text": sayable(str(printer.pos or printer.store))},
            {"kind": "text", "text": _("Test page")},
            {"kind": "left", "text": "áéíóú ñ ç ã õ ü ¿ ¡ $ €"},
            {"kind": "left", "text": ruler},
        ],
    }
    return write(content, Format.ESCPOS, Variant(columns=printer.columns, codepage=printer.codepage), {})
