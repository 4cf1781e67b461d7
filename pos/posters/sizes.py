"""The formats a poster comes in."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Size:
    """All in millimetres. Of the letters the largest sizes: long words shrink."""

    width: float
    height: float
    margin: float  # nothing stands nearer to the edge: printers and knives are not exact
    gap: float
    title: float
    store: float
    name: float
    code: float
    step: float


SIZES: Final = {
    "a4": Size(210, 297, margin=14, gap=8, title=15.5, store=7.5, name=14, code=10, step=6.3),
    "a6": Size(105, 148, margin=7, gap=3.6, title=7.7, store=3.9, name=7, code=5, step=3.2),
    "sticker": Size(80, 100, margin=3.5, gap=1.8, title=4.6, store=2.6, name=4.4, code=3.4, step=2.2),
}
