"""For an 80 mm roll, a browser and a phone."""

from django.template.loader import render_to_string
from django.utils import translation

from receipts.layout import Block, Content

_COLUMNS = 32  # characters that fit beside each other on 80 mm
_LINE, _MARGINS = 5, 20  # mm


def write(content: Content) -> bytes:
    length = _MARGINS + _LINE * sum(map(_lines, content["blocks"]))
    with translation.override(content["language"]):
        return render_to_string("receipts/receipt.html", {"content": content, "length": length}).encode()


def _lines(block: Block) -> int:
    """How many lines it may take: CSS wants the length of the page, no browser measures a roll by itself."""
    text = block.get("text", "") + block.get("left", "") + block.get("right", "")
    return 1 + len(text) // _COLUMNS + (block["kind"] in ("title", "total"))
