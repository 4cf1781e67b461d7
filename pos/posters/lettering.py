"""The posters' letters: how wide they are, which there are, how a text is broken and shrunk to fit."""

import unicodedata
from collections.abc import Container, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from fontTools.pens.svgPathPen import SVGPathPen
from fontTools.ttLib import TTFont

FONTS: Final = {False: "Roboto-Regular.ttf", True: "Roboto-Bold.ttf"}
FOLDER: Final = Path(__file__).parent / "fonts"
LEADING: Final = 1.22  # from one line to the next, in sizes
CAPITAL: Final = 0.711  # how high a capital letter is
_STEP: Final = 0.96  # by how much a text shrinks at a time


@dataclass(frozen=True, slots=True)
class Letter:
    """How far the next letter stands from this one, in sizes; its outline as an SVG path, in font units, upwards."""

    advance: float
    outline: str


@dataclass(frozen=True, slots=True)
class Face:
    """One of the fonts, read once and whole: the library's own objects may not be shared between threads."""

    units: int
    letters: dict[str, Letter]


@cache
def face(*, bold: bool) -> Face:
    with TTFont(FOLDER / FONTS[bold]) as font:
        units, glyphs, widths = font["head"].unitsPerEm, font.getGlyphSet(), font["hmtx"].metrics
        letters = {
            chr(number): Letter(widths[name][0] / units, _outline(glyphs, name))
            for number, name in font.getBestCmap().items()
        }
    return Face(units, letters)


def _outline(glyphs: Any, name: str) -> str:
    pen = SVGPathPen(glyphs)
    glyphs[name].draw(pen)
    return str(pen.getCommands())


def width(text: str, size: float, *, bold: bool) -> float:
    """In the unit of `size`."""
    letters = face(bold=bold).letters
    return size * sum(letters[letter].advance for letter in text)


def printable(text: str) -> str:
    """The text with what the fonts lack replaced by its plain letter or `?`; pictures are left out."""
    known = face(bold=True).letters
    found = "".join(_instead(letter, known) for letter in unicodedata.normalize("NFC", text))
    return " ".join(found.split())


def _instead(letter: str, known: Container[str]) -> str:
    if letter in known:
        return letter
    if letter.isspace():
        return " "
    plain = "".join(part for part in unicodedata.normalize("NFKD", letter) if part in known)
    return plain or ("?" if letter.isalnum() else "")


def fit(text: str, room: float, size: float, *, lines: int, bold: bool) -> tuple[float, list[str]]:
    """The largest size up to `size` at which the text takes no more than `lines` lines of width `room`.

    Words are broken only where shrinking to half would not keep them whole.
    """
    smallest = size / 2
    while True:
        broken = list(_wrap(text, room, size, bold=bold, anywhere=size < smallest))
        if len(broken) <= lines and all(width(line, size, bold=bold) <= room for line in broken):
            return size, broken
        size *= _STEP


def _wrap(text: str, room: float, size: float, *, bold: bool, anywhere: bool) -> Iterator[str]:
    line = ""
    for word in text.split():
        longer = f"{line} {word}".strip()
        if not line or width(longer, size, bold=bold) <= room:
            line = longer
        else:
            yield line
            line = word
        while anywhere and width(line, size, bold=bold) > room:
            head = _head(line, room, size, bold=bold)
            yield head
            line = line[len(head) :]
    if line:
        yield line


def _head(word: str, room: float, size: float, *, bold: bool) -> str:
    """As much of the word as fits, at least a letter."""
    end = len(word)
    while end > 1 and width(word[:end], size, bold=bold) > room:
        end -= 1
    return word[:end]
