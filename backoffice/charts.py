"""Small charts, drawn here: geometry for a template, in whole units of its view box."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

WIDTH: Final = 480
HEIGHT: Final = 120


@dataclass(frozen=True, slots=True)
class Bar:
    """From its foot at HEIGHT up to `y`."""

    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Bars:
    """Two rows of bars, one before the other; `most` is what the highest stands for."""

    front: tuple[Bar, ...]
    back: tuple[Bar, ...]
    most: int


def bars(front: Sequence[int], back: Sequence[int]) -> Bars:
    """Each pair shares a place; nothing but zeros gives bars without height."""
    most = max((*front, *back), default=0)
    place = WIDTH // max(len(front), 1)
    return Bars(_row(front, most, place, inset=4), _row(back, most, place, inset=1), most)


def _row(values: Sequence[int], most: int, place: int, *, inset: int) -> tuple[Bar, ...]:
    heights = [max(round(HEIGHT * value / most), 2) if value else 0 for value in values]
    return tuple(
        Bar(number * place + inset, HEIGHT - height, place - 2 * inset, height) for number, height in enumerate(heights)
    )
