"""A PDF for a roll, as long as the receipt, or for pages. Laid out first, since a roll's length must be known."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from typing import Final

from fpdf import FPDF

from receipts.layout import Block, Content
from receipts.variants import Variant
from receipts.writers import codes
from receipts.writers.faces import FAMILY, FaceProducer, faces
from receipts.writers.typesetting import LEADING, Typesetter

_DOT: Final = 25.4 / 203  # mm, of a receipt printer
_GAP: Final = 1.5  # mm


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


def write(content: Content, variant: Variant, images: Mapping[str, bytes]) -> bytes:
    sheet = SHEETS[variant.paper]
    pdf = FPDF(unit="mm")
    fonts = faces()
    for font in fonts:
        pdf.fonts[font.fontkey] = font
    pieces = list(_pieces(content, sheet, Typesetter({font.emphasis.style: font for font in fonts}), images))
    for page in _pages(pieces, sheet):
        height = sheet.height or max(sheet.top * 2 + sum(piece.height for piece in page), sheet.width)
        pdf.add_page(format=(sheet.width, height))
        y = sheet.top
        for piece in page:
            _draw(pdf, piece, y, sheet, images)
            y += piece.height
    _describe(pdf, content)
    return bytes(pdf.output(output_producer_class=FaceProducer))


def _describe(pdf: FPDF, content: Content) -> None:
    pdf.set_title(content.get("title", content["number"]))
    pdf.set_lang(content["language"])
    issued = content.get("issued_at")  # the clock must not get into it: the same content is the same file
    pdf.set_creation_date(datetime.fromisoformat(issued) if issued else datetime(2000, 1, 1, tzinfo=UTC))


def _pages(pieces: list[Piece], sheet: Sheet) -> Iterator[list[Piece]]:
    page: list[Piece] = []
    room = sheet.height - 2 * sheet.top if sheet.height else float("inf")
    left = room
    for piece in pieces:
        if piece.height > left and page:
            yield page
            page, left = [], room
        page.append(piece)
        left -= piece.height
    yield page


def _pieces(content: Content, sheet: Sheet, setter: Typesetter, images: Mapping[str, bytes]) -> Iterator[Piece]:
    for block in content["blocks"]:
        yield from _piece(block, sheet, setter, images)


def _piece(block: Block, sheet: Sheet, setter: Typesetter, images: Mapping[str, bytes]) -> Iterator[Piece]:
    size, kind = sheet.size, block["kind"]
    if kind == "rule":
        yield Piece(height=2 * _GAP, drawing="rule")
    elif kind == "logo":
        if png := images.get(block["image"]):
            yield _picture(block["image"], png, sheet)
    elif kind == "qr":
        yield from _centred(block["text"], sheet, setter, size)
        yield Piece(height=sheet.code + 2 * _GAP, drawing="qr", data=block["data"], width=sheet.code)
    elif kind == "row":
        yield from _row(block, sheet, setter, "", size)
    elif kind == "total":
        yield from _row(block, sheet, setter, "B", size * 1.4)
    elif kind == "left":
        for line in setter.wrap(block["text"], sheet.inner, "", size):
            yield _line([(0, line, "", size)], sheet, size)
    else:
        style, scale = {"title": ("B", 1.5), "heading": ("B", 1.3), "mark": ("B", 1.1)}.get(kind, ("", 1.0))
        frame = kind == "mark"
        if frame:
            yield Piece(height=_GAP, drawing="edge")
        yield from _centred(block["text"], sheet, setter, size * scale, style)
        if frame:
            yield Piece(height=2 * _GAP, drawing="edge")


def _picture(name: str, png: bytes, sheet: Sheet) -> Piece:
    width, height = (int.from_bytes(png[at : at + 4], "big") for at in (16, 20))  # the PNG's header
    shown = min(width * _DOT, sheet.inner)
    return Piece(height=height * shown / width + 2 * _GAP, drawing="logo", data=name, width=shown)


def _centred(text: str, sheet: Sheet, setter: Typesetter, size: float, style: str = "") -> Iterator[Piece]:
    for line in setter.wrap(text, sheet.inner, style, size):
        indent = (sheet.inner - setter.width(line, style, size)) / 2
        yield _line([(indent, line, style, size)], sheet, size)


def _row(block: Block, sheet: Sheet, setter: Typesetter, style: str, size: float) -> Iterator[Piece]:
    """The right side ends at the margin, on the last line of the left side; below it when both do not fit."""
    right = setter.known(block["right"])
    width = setter.width(right, style, size)
    room = sheet.inner - width - _GAP
    lines = setter.wrap(block["left"], max(room, 1), style, size)
    beside = room > sheet.inner * 0.35 or (len(lines) == 1 and room > 0)
    *above, last = lines if beside else setter.wrap(block["left"], sheet.inner, style, size)
    for line in above:
        yield _line([(0, line, style, size)], sheet, size)
    if beside:
        yield _line([(0, last, style, size), (sheet.inner - width, right, style, size)], sheet, size)
        return
    if last:
        yield _line([(0, last, style, size)], sheet, size)
    for line in setter.wrap(right, sheet.inner, style, size):
        yield _line([(sheet.inner - setter.width(line, style, size), line, style, size)], sheet, size)


def _line(words: list[tuple[float, str, str, float]], sheet: Sheet, size: float) -> Piece:
    height = LEADING * size / 72 * 25.4
    placed = tuple((sheet.margin + x, height * 0.76, text, style, size) for x, text, style, size in words if text)
    return Piece(height=height, words=placed)


def _draw(pdf: FPDF, piece: Piece, y: float, sheet: Sheet, images: Mapping[str, bytes]) -> None:
    for x, baseline, text, style, size in piece.words:
        pdf.set_font(FAMILY, style, size)
        pdf.text(x, y + baseline, text)
    middle = y + piece.height / 2
    left = (sheet.width - piece.width) / 2
    if piece.drawing in ("rule", "edge"):
        pdf.set_line_width(0.25 if piece.drawing == "rule" else 0.5)
        pdf.set_dash_pattern(*((0.8, 0.8) if piece.drawing == "rule" else (0, 0)))
        pdf.line(sheet.margin, middle, sheet.width - sheet.margin, middle)
    elif piece.drawing == "logo":
        pdf.image(BytesIO(images[piece.data]), x=left, y=y, w=piece.width)
    elif piece.drawing == "qr":
        _draw_code(pdf, piece.data, left, y + _GAP, piece.width)


def _draw_code(pdf: FPDF, data: str, x: float, y: float, width: float) -> None:
    """In strips, so that no hair lines stand between the modules of a row."""
    rows = codes.qr(data).matrix
    unit = width / len(rows)
    for number, row in enumerate(rows):
        start = 0
        while start < len(row):
            end = start
            while end < len(row) and row[end] == row[start]:
                end += 1
            if row[start]:
                pdf.rect(x + start * unit, y + number * unit, (end - start) * unit, unit * 1.02, "F")
            start = end
