"""Posters as PDF: letters of our own fonts, the code as one path, so that both are sharp at any size."""

from collections.abc import Sequence
from typing import Final

from fpdf import FPDF
from fpdf.drawing import GraphicsContext, PaintedPath
from fpdf.enums import PathPaintRule

from pos.posters.lettering import FOLDER, FONTS
from pos.posters.page import Box, Item, Matrix, Page, Text

_FAMILY: Final = "Roboto"
_POINTS: Final = 72 / 25.4  # in a millimetre


def write(pages: Sequence[Page]) -> bytes:
    """One document with these pages, each of its own size."""
    pdf = FPDF(unit="mm")
    pdf.set_auto_page_break(auto=False)
    for bold, file in FONTS.items():
        pdf.add_font(_FAMILY, "B" if bold else "", FOLDER / file)
    if pages:
        pdf.set_title(pages[0].title)
        pdf.set_lang(pages[0].language)
    for page in pages:
        pdf.add_page(format=(page.width, page.height))
        for item in page.items:
            _draw(pdf, item)
    return bytes(pdf.output())


def _draw(pdf: FPDF, item: Item) -> None:
    match item:
        case Box():
            _fill_box(pdf, item)
        case Text():
            pdf.set_font(_FAMILY, "B" if item.bold else "", item.size * _POINTS)
            pdf.set_text_color(item.color)
            pdf.text(item.x, item.y, item.text)
        case Matrix():
            _fill_modules(pdf, item)


def _fill_box(pdf: FPDF, box: Box) -> None:
    path = _path(box.color)
    path.rectangle(box.x, box.y, box.width, box.height, box.radius, box.radius)
    _paint(pdf, path)


def _fill_modules(pdf: FPDF, code: Matrix) -> None:
    path = _path("#000000")  # filled at once: rectangles filled one by one show hairlines between them
    for x, y, width in code.runs():
        path.rectangle(x, y, width, code.module)
    _paint(pdf, path)


def _path(color: str) -> PaintedPath:
    path = PaintedPath()
    path.style.fill_color = color
    path.style.stroke_color = None
    path.style.paint_rule = PathPaintRule.FILL_NONZERO
    return path


def _paint(pdf: FPDF, path: PaintedPath) -> None:
    drawing = GraphicsContext()
    drawing.add_item(path, clone=False)
    pdf.draw_path(drawing, copy=False)
