"""All that draws posters, with its libraries: imported by who prints, not by every process that could."""

from collections.abc import Callable
from typing import Final

from pos.posters import pdf, png, svg
from pos.posters.layout import lay_out
from pos.posters.page import Page
from pos.posters.sheets import tile

__all__ = ["OF_ONE", "booklet", "lay_out"]

OF_ONE: Final[dict[str, Callable[[Page], bytes]]] = {
    "pdf": lambda page: pdf.write([page]),
    "png": png.write,
    "svg": svg.write,
}


def booklet(pages: list[Page], *, on_sheets: bool) -> bytes:
    return pdf.write(tile(pages) if on_sheets else pages)
