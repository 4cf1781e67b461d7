"""The papers of a PDF, the strips that stand on them, and where a page ends."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Sheet:
    """Measures in mm, the size of letters in points. A roll has no height."""

    width: float
    height: float | None
    margin: float
    top: float
    size: float
    code: float

    @property
    def inner(self) -> float:
        return self.width - 2 * self.margin


SHEETS: Final[Mapping[str, Sheet]] = {
    "80mm": Sheet(80, None, 4.5, 5, 9, 28),
    "58mm": Sheet(58, None, 4, 4, 7.8, 24),
    "a4": Sheet(210, 297, 45, 22, 10.5, 32),
}


@dataclass(frozen=True, slots=True)
class Piece:
    """What stands in one strip of the paper: words at their places, or one drawing."""

    height: float
    words: tuple[tuple[float, float, str, str, float], ...] = ()  # x, baseline, text, style, size
    drawing: str = ""
    data: str = ""
    width: float = 0


def height_of(pieces: Iterable[Piece]) -> float:
    return sum(piece.height for piece in pieces)


def paginate(groups: Iterable[list[Piece]], sheet: Sheet, *, head: float) -> Iterator[list[Piece]]:
    """Pages on which no group is torn, unless it is longer than a page. All but the first lose `head` to their head."""
    first = sheet.height - 2 * sheet.top if sheet.height else float("inf")
    page: list[Piece] = []
    room, later = first, first - head
    for group in groups:
        if page and room < height_of(group) <= later:
            yield page
            page, room = [], later
            group = group[1:] if group[0].drawing == "rule" else group  # the page's head has one already
        for piece in group:
            if page and piece.height > room:
                yield page
                page, room = [], later
            page.append(piece)
            room -= piece.height
    yield page
