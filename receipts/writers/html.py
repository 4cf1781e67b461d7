"""For an 80 mm roll, a browser and a phone."""

from base64 import b64encode
from collections.abc import Iterator, Mapping
from typing import Any

from django.template.loader import render_to_string
from django.utils import translation

from receipts.layout import Block, Content
from receipts.writers import codes

_COLUMNS = 32  # characters that fit beside each other on 80 mm
_LINE, _MARGINS = 5, 20  # mm
_CODE, _LOGO = 40, 30  # mm, with the space around it


def write(content: Content, images: Mapping[str, bytes]) -> bytes:
    """Every version has a template of its own, which is not changed when there are receipts of it."""
    lines = _lines if content["version"] == 1 else _lines_and_amounts
    length = _MARGINS + _LINE * sum(map(lines, content["blocks"])) + sum(map(_drawings, content["blocks"]))
    context = {"content": content, "length": length, "blocks": list(_blocks(content, images))}
    with translation.override(content["language"]):
        return render_to_string(f"receipts/receipt_{content['version']}.html", context).encode()


def _blocks(content: Content, images: Mapping[str, bytes]) -> Iterator[Mapping[str, Any]]:
    """With the pictures in it: the page is one file."""
    for block in content["blocks"]:
        if block["kind"] == "logo":
            if png := images.get(block["image"]):
                yield {**block, "png": b64encode(png).decode()}
        elif block["kind"] == "qr":
            code = codes.qr(block["data"])
            yield {**block, "svg": code.svg_inline(border=2, omitsize=True, svgclass=None, lineclass=None)}
        else:
            yield block


def _lines(block: Block) -> int:
    """How many lines it may take: CSS wants the length of the page, no browser measures a roll by itself."""
    text = block.get("text", "") + block.get("left", "") + block.get("right", "")
    return 1 + len(text) // _COLUMNS + (block["kind"] in ("title", "total", "heading", "mark"))


def _lines_and_amounts(block: Block) -> int:
    """From version 2 on: an amount that has no room beside its words gets a line of its own."""
    both = len(block.get("left", "")) + len(block.get("right", ""))
    return _lines(block) + (both > _COLUMNS)


def _drawings(block: Block) -> int:
    return {"qr": _CODE, "logo": _LOGO}.get(block["kind"], 0)
