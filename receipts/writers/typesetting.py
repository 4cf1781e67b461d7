"""How wide words are in a proportional font, and where lines break."""

from collections.abc import Mapping
from typing import Final

from receipts.characters import known_only
from receipts.writers.breaking import wrap
from receipts.writers.faces import Face

LEADING: Final = 1.32  # from one line to the next, in sizes
_POINT: Final = 25.4 / 72  # mm


class Typesetter:
    """Measures in mm, sizes in points."""

    def __init__(self, faces: Mapping[str, Face]) -> None:
        self._faces = faces

    def known(self, text: str) -> str:
        """The text in letters that the fonts have."""
        return known_only(text, lambda char: ord(char) in self._faces[""].glyph_ids)

    def width(self, text: str, style: str, size: float) -> float:
        widths = self._faces[style].cw
        return sum(widths[ord(char)] for char in text) * size / 1000 * _POINT

    def wrap(self, text: str, width: float, style: str, size: float) -> list[str]:
        return wrap(self.known(text), width, lambda part: self.width(part, style, size))
