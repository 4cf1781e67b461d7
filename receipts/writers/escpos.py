"""Bytes for receipt printers. Words in the printer's own letters, native QR codes, a cut; the drawer stays shut."""

import struct
from collections.abc import Mapping
from io import BytesIO

from escpos.codepages import CodePages
from escpos.printer import Dummy
from PIL import Image, ImageOps

from receipts.characters import known_only
from receipts.layout import Block, Content
from receipts.variants import Variant
from receipts.writers import columns

_TALL = ("title", "heading", "total")  # double height, so that as many letters fit as in any line
_STRONG = (*_TALL, "mark")
_DOTS = {32: 384, 42: 504, 48: 576}  # in a line: 12 to a letter


def write(content: Content, variant: Variant, images: Mapping[str, bytes]) -> bytes:
    printer = _Printer(variant)
    for block in content["blocks"]:
        printer.block(block, images)
    printer.cut()
    return bytes(printer.output)


class _Printer(Dummy):  # type: ignore[misc]  # python-escpos is not typed
    def __init__(self, variant: Variant) -> None:
        super().__init__()
        self._columns = variant.columns
        self._code_page = CodePages.get_encoding_name(variant.codepage.replace("iso8859-", "ISO_8859-"))
        self.hw("INIT")
        self.charcode(self._code_page)
        self._strong = self._tall = False

    def block(self, block: Block, images: Mapping[str, bytes]) -> None:
        kind = block["kind"]
        if kind == "logo":
            if png := images.get(block["image"]):
                self._picture(png)
            return
        self._emphasize(strong=kind in _STRONG, tall=kind in _TALL)
        self._words(block)
        if kind == "qr":
            self._code(block["data"])

    def _words(self, block: Block) -> None:
        if block["kind"] == "mark":
            self.textln("=" * self._columns)
        known: Block = block.copy()
        for side in ("text", "left", "right"):
            if side in block:
                known[side] = self._known(block[side])
        for line in columns.lines(known, self._columns):
            self.textln(line.rstrip())
        if block["kind"] == "mark":
            self.textln("=" * self._columns)

    def _emphasize(self, *, strong: bool, tall: bool) -> None:
        if tall != self._tall:
            self._raw(b"\x1d!\x01" if tall else b"\x1d!\x00")  # GS !: the size alone, whatever else is set
        if strong != self._strong:
            self.set(bold=strong)
        self._strong, self._tall = strong, tall

    def _code(self, data: str) -> None:
        self.ln()  # a code needs white around it
        self.set(align="center")
        self.qr(data, native=True, ec=1, size=5 if self._columns == 32 else 6)
        self.set(align="left")
        self.ln()

    def _picture(self, png: bytes) -> None:
        picture = Image.open(BytesIO(png)).convert("L")
        picture.thumbnail((_DOTS[self._columns], 480))
        dots = ImageOps.invert(picture).convert("1")  # a set bit is a black dot
        width, height = ((dots.width + 7) // 8, dots.height)
        self.set(align="center")
        self._raw(b"\x1dv0\0" + struct.pack("<HH", width, height) + dots.tobytes())  # GS v 0
        self.set(align="left")

    def _known(self, text: str) -> str:
        encoder = self.magic.encoder
        return known_only(text, lambda char: encoder.can_encode(self._code_page, char))
