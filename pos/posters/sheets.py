"""Stickers beside each other on A4, with marks where to cut: a cut between two is one cut."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from pos.posters.page import Box, Item, Page

_WIDTH, _HEIGHT = 297.0, 210.0  # A4, lying
_MARK: Final = 4.0  # mm long, in the margin
_LINE: Final = 0.15


def tile(pages: Sequence[Page]) -> list[Page]:
    """The same stickers, as many as fit on each sheet."""
    if not pages:
        return []
    width, height = pages[0].width, pages[0].height
    columns, rows = int(_WIDTH // width), int(_HEIGHT // height)
    left, top = (_WIDTH - columns * width) / 2, (_HEIGHT - rows * height) / 2
    marks = _marks([left + n * width for n in range(columns + 1)], [top + n * height for n in range(rows + 1)])
    return [
        Page(_WIDTH, _HEIGHT, group[0].title, group[0].language, (*marks, *_placed(group, columns, left, top)))
        for group in _groups(pages, columns * rows)
    ]


def _placed(group: Sequence[Page], columns: int, left: float, top: float) -> list[Item]:
    return [
        replace(item, x=item.x + left + n % columns * page.width, y=item.y + top + n // columns * page.height)
        for n, page in enumerate(group)
        for item in page.items
    ]


def _marks(verticals: Sequence[float], horizontals: Sequence[float]) -> list[Item]:
    """In the margin only, at both ends of every cut."""
    marks: list[Item] = []
    for x in verticals:
        marks += [Box(x - _LINE / 2, y, _LINE, _MARK, "#000000") for y in _ends(horizontals)]
    for y in horizontals:
        marks += [Box(x, y - _LINE / 2, _MARK, _LINE, "#000000") for x in _ends(verticals)]
    return marks


def _ends(cuts: Sequence[float]) -> tuple[float, float]:
    return cuts[0] - _MARK, cuts[-1]


def _groups(pages: Sequence[Page], size: int) -> list[Sequence[Page]]:
    return [pages[at : at + size] for at in range(0, len(pages), size)]
