"""A receipt's blocks as strips of paper, in groups that belong together."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Final

from django.utils import translation
from django.utils.translation import gettext as _

from receipts.layout import Block, Content
from receipts.writers.paper import Piece, Sheet
from receipts.writers.typesetting import LEADING, Typesetter

GAP: Final = 1.5  # mm
_DOT: Final = 25.4 / 203  # mm, of a receipt printer
_STYLES: Final = {"title": ("B", 1.5), "heading": ("B", 1.3), "mark": ("B", 1.1), "total": ("B", 1.4)}


class Setter:
    """Sets one receipt on one paper."""

    def __init__(self, content: Content, sheet: Sheet, letters: Typesetter, images: Mapping[str, bytes]) -> None:
        self._content, self._sheet, self._letters, self._images = content, sheet, letters, images

    def groups(self) -> Iterator[list[Piece]]:
        for blocks in _together(self._content["blocks"]):
            yield [piece for block in blocks for piece in self._pieces(block)]

    def head(self, page: int, pages: int) -> list[Piece]:
        """What a page says above all else, from the second one on: of which receipt it is, and whether it is a copy."""
        with translation.override(self._content["language"]):
            place = _("Page %(page)s of %(pages)s") % {"page": page, "pages": pages}
        marks = [block["text"] for block in self._content["blocks"] if block["kind"] == "mark"]
        title = " · ".join([self._content.get("title", self._content["number"]), *marks])
        return [*self._row({"left": title, "right": place}, "", self._sheet.size), Piece(2 * GAP, drawing="rule")]

    def _pieces(self, block: Block) -> Iterator[Piece]:
        kind, size = block["kind"], self._sheet.size
        style, scale = _STYLES.get(kind, ("", 1.0))
        if kind == "rule":
            yield Piece(2 * GAP, drawing="rule")
        elif kind == "logo":
            if png := self._images.get(block["image"]):
                yield self._picture(block["image"], png)
        elif kind in ("row", "total"):
            yield from self._row(block, style, size * scale)
        elif kind == "left":
            for line in self._letters.wrap(block["text"], self._sheet.inner, style, size):
                yield self._line([(0, line)], style, size)
        elif kind == "qr":
            yield from self._centred(block["text"], style, size)
            yield Piece(self._sheet.code + 2 * GAP, drawing="qr", data=block["data"], width=self._sheet.code)
        elif kind == "mark":
            yield Piece(GAP, drawing="edge")
            yield from self._centred(block["text"], style, size * scale)
            yield Piece(2 * GAP, drawing="edge")
        else:
            yield from self._centred(block["text"], style, size * scale)

    def _picture(self, name: str, png: bytes) -> Piece:
        width, height = (int.from_bytes(png[at : at + 4], "big") for at in (16, 20))  # the PNG's header
        shown = min(width * _DOT, self._sheet.inner)
        return Piece(height * shown / width + 2 * GAP, drawing="logo", data=name, width=shown)

    def _centred(self, text: str, style: str, size: float) -> Iterator[Piece]:
        for line in self._letters.wrap(text, self._sheet.inner, style, size):
            indent = (self._sheet.inner - self._letters.width(line, style, size)) / 2
            yield self._line([(indent, line)], style, size)

    def _row(self, block: Block, style: str, size: float) -> Iterator[Piece]:
        """The right side ends at the margin, on the last line of the left side; below it when both do not fit."""
        inner, letters = self._sheet.inner, self._letters
        *above, last = letters.wrap(block["left"], inner, style, size)
        *full, end = letters.wrap(block["right"], inner, style, size)
        width = letters.width(end, style, size)
        if full or (last and letters.width(last, style, size) + GAP + width > inner):
            above, last = [*above, last], ""
        for line in above:
            yield self._line([(0, line)], style, size)
        for line in full:
            yield self._line([(inner - letters.width(line, style, size), line)], style, size)
        yield self._line([(0, last), (inner - width, end)], style, size)

    def _line(self, words: list[tuple[float, str]], style: str, size: float) -> Piece:
        height = LEADING * size / 72 * 25.4
        return Piece(
            height, words=tuple((self._sheet.margin + x, height * 0.76, text, style, size) for x, text in words if text)
        )


def _together(blocks: Sequence[Block]) -> Iterator[list[Block]]:
    """What the end of a page does not tear apart: each section, and in the list before the totals each item."""
    sections: list[list[Block]] = [[]]
    for block in blocks:
        if block["kind"] == "rule":
            sections.append([])
        sections[-1].append(block)
    for section, following in pairwise([*sections, []]):
        is_list = any(block["kind"] == "total" for block in following)
        yield from _items(section) if is_list else [section]


def _items(section: list[Block]) -> Iterator[list[Block]]:
    """An item's name and what it costs: all blocks up to its row."""
    item: list[Block] = []
    for block in section:
        item.append(block)
        if block["kind"] == "row":
            yield item
            item = []
    if item:
        yield item
