"""A PDF for a roll, as long as the receipt, or for pages. Laid out first, since a roll's length must be known."""

from collections.abc import Mapping
from datetime import UTC, datetime
from io import BytesIO

from fpdf import FPDF

from receipts.layout import Content
from receipts.variants import Variant
from receipts.writers import codes
from receipts.writers.faces import FAMILY, FaceProducer, faces
from receipts.writers.paper import SHEETS, Piece, Sheet, height_of, paginate
from receipts.writers.setting import GAP, Setter
from receipts.writers.typesetting import Typesetter


def write(content: Content, variant: Variant, images: Mapping[str, bytes]) -> bytes:
    sheet = SHEETS[variant.paper]
    pdf = FPDF(unit="mm")
    fonts = faces()
    for font in fonts:
        pdf.fonts[font.fontkey] = font
    setter = Setter(content, sheet, Typesetter({font.emphasis.style: font for font in fonts}), images)
    for page in _pages(setter, sheet):
        height = sheet.height or max(sheet.top * 2 + height_of(page), sheet.width)
        pdf.add_page(format=(sheet.width, height))
        y = sheet.top
        for piece in page:
            _draw(pdf, piece, y, sheet, images)
            y += piece.height
    _describe(pdf, content)
    return bytes(pdf.output(output_producer_class=FaceProducer))


def _pages(setter: Setter, sheet: Sheet) -> list[list[Piece]]:
    head = height_of(setter.head(99, 99)) if sheet.height else 0
    first, *others = paginate(setter.groups(), sheet, head=head)
    count = len(others) + 1
    return [first, *([*setter.head(number, count), *page] for number, page in enumerate(others, start=2))]


def _describe(pdf: FPDF, content: Content) -> None:
    pdf.set_title(content.get("title", content["number"]))
    pdf.set_lang(content["language"])
    issued = content.get("issued_at")  # the clock must not get into it: the same content is the same file
    pdf.set_creation_date(datetime.fromisoformat(issued) if issued else datetime(2000, 1, 1, tzinfo=UTC))


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
        _draw_code(pdf, piece.data, left, y + GAP, piece.width)


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
