"""How wide words are in a proportional font, and where lines break."""

from collections.abc import Iterator, Mapping
from typing import Final

from receipts.writers.characters import known_only
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
        """At least one line; a word that is wider than the line is broken."""
        done, line = [], ""
        for word in self.known(text).split():
            longer = f"{line} {word}" if line else word
            if self.width(longer, style, size) <= width:
                line = longer
                continue
            if line:
                done.append(line)
            *full, line = self._broken(word, width, style, size)
            done += full
        return [*done, line]

    def _broken(self, word: str, width: float, style: str, size: float) -> Iterator[str]:
        part = ""
        for char in word:
            if part and self.width(part + char, style, size) > width:
                yield part
                part = ""
            part += char
        yield part
