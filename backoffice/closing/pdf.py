"""A statement on paper: A4, to be signed and filed."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from django.utils.translation import get_language
from django.utils.translation import gettext as _
from fpdf import FPDF
from fpdf.fonts import FontFace

import receipts
from backoffice.closing import words
from backoffice.closing.statement import Statement
from backoffice.models import ClosingLine

_FONTS: Final = Path(receipts.__file__).parent / "fonts"
_FAMILY: Final = "DejaVu"
_MARGIN: Final = 15.0
_MOST_LINES: Final = 300  # the CSV has all
_GREY: Final = (235, 235, 235)
_NARROW: Final = (28, 14, 20, 15, 20, 18, 17, 19, 18, 20, 20, 18, 15)
_LINES: Final = (80, 26, 50, 70)


class _Page(FPDF):
    """With the number of the page and what it is about below."""

    def footer(self) -> None:
        self.set_y(-12)
        self.set_font(_FAMILY, size=8)
        self.cell(0, 5, f"{self.title} · {self.page_no()} / {{nb}}", align="C")


def write(statement: Statement) -> bytes:
    pdf = _Page(orientation="landscape", format="A4")
    for style, name in (("", "DejaVuSansCondensed.ttf"), ("B", "DejaVuSansCondensed-Bold.ttf")):
        pdf.add_font(_FAMILY, style, _FONTS / name)
    pdf.set_margin(_MARGIN)
    pdf.set_auto_page_break(True, margin=18)
    pdf.set_title(f"{words.title(statement)} · {statement.store}")
    pdf.set_lang(get_language() or "en")
    pdf.set_creation_date(statement.closing.closed_at if statement.closing else datetime.now(UTC))
    pdf.add_page()
    _heading(pdf, words.title(statement), size=16)
    _facts(pdf, statement)
    _figures(pdf, statement)
    _lines(pdf, statement, _("Differences"), statement.lines)
    _lines(pdf, statement, _("After the close"), statement.news)
    _signatures(pdf)
    return bytes(pdf.output())


def _heading(pdf: FPDF, text: str, *, size: float) -> None:
    pdf.set_font(_FAMILY, "B", size)
    pdf.cell(0, size * 0.6, text, new_x="LMARGIN", new_y="NEXT")
    pdf.set_font(_FAMILY, size=9)


def _facts(pdf: FPDF, statement: Statement) -> None:
    for name, value in words.facts(statement):
        pdf.set_font(_FAMILY, "B", 9)
        pdf.cell(35, 5, f"{name}:")
        pdf.set_font(_FAMILY, size=9)
        pdf.multi_cell(0, 5, value, new_x="LMARGIN", new_y="NEXT")
    pdf.ln(3)


def _figures(pdf: FPDF, statement: Statement) -> None:
    rows = [words.cells(statement, row) for row in statement.rows]
    _table(pdf, words.columns(), rows, widths=_NARROW, total=words.cells(statement, statement.total))


def _lines(pdf: FPDF, statement: Statement, heading: str, lines: Sequence[ClosingLine]) -> None:
    if not lines:
        return
    pdf.ln(4)
    _heading(pdf, f"{heading}: {len(lines)}", size=11)
    columns = [_("What differs"), _("Amount"), _("Point of sale"), _("Behind it")]
    _table(pdf, columns, [_line(statement, line) for line in lines[:_MOST_LINES]], widths=_LINES)
    if len(lines) > _MOST_LINES:
        more = _("%(number)s more are in the CSV file.") % {"number": len(lines) - _MOST_LINES}
        pdf.cell(0, 6, more, new_x="LMARGIN", new_y="NEXT")


def _line(statement: Statement, line: ClosingLine) -> list[str]:
    behind = words.behind(line)
    name = behind.name if behind else "–"
    what = ": ".join(filter(None, (str(line.get_kind_display()), words.gone_back(statement, line))))
    return [what, statement.money(line.amount), line.pos.name if line.pos else "–", name]


def _table(
    pdf: FPDF, columns: Sequence[str], rows: Iterable[Sequence[str]], *, widths: Sequence[int],
    total: Sequence[str] = (),
) -> None:  # fmt: skip
    """The first column is a name; amounts end at the right. The heading stands on every page."""
    is_wide = len(columns) > len(_LINES)
    pdf.set_font(_FAMILY, size=7.5 if is_wide else 8.5)
    aligned = ["L", *["R"] * (len(columns) - 1)] if is_wide else ["L", "R", "L", "L"]
    face = FontFace(emphasis="BOLD", fill_color=_GREY)
    with pdf.table(
        col_widths=tuple(widths), text_align=tuple(aligned), line_height=4.5, headings_style=face,
        borders_layout="HORIZONTAL_LINES", padding=(0.7, 1.5),
    ) as table:  # fmt: skip
        for row in (columns, *rows):
            table.row(row)
        if total:
            table.row(total, style=face)


def _signatures(pdf: FPDF) -> None:
    if pdf.get_y() > pdf.h - 45:
        pdf.add_page()
    pdf.ln(18)
    width, y = 75.0, pdf.get_y()
    for number, text in enumerate((_("Handed over by"), _("Received by"), _("Date"))):
        x = _MARGIN + number * (width + 15)
        pdf.line(x, y, x + width, y)
        pdf.set_xy(x, y + 1)
        pdf.cell(width, 5, text)
