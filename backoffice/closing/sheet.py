"""A statement as CSV: the heading, the figures, the differences, what came after the close."""

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

from django.utils.translation import gettext as _

from backoffice.closing import words
from backoffice.closing.figures import Figures
from backoffice.closing.statement import Statement
from backoffice.exports.cells import cell, money, pieces
from backoffice.models import ClosingLine


def write(statement: Statement) -> bytes:
    """Numbers for machines: a point before the decimals, whatever the reader's language."""
    return b"".join(pieces([cell(words.title(statement))], _rows(statement)))


def _rows(statement: Statement) -> Iterator[Sequence[str]]:
    for name, value in words.facts(statement):
        yield [cell(name), cell(value)]
    yield []
    yield [cell(one) for one in words.columns()]
    for row in (*statement.rows, statement.total):
        yield _figures(statement, row)
    for heading, lines in ((_("Differences"), statement.lines), (_("After the close"), statement.news)):
        if lines:
            yield from ([], [cell(heading)], _heading(), *_lines(statement, lines))


def _heading() -> Sequence[str]:
    names = (_("What differs"), _("Amount"), _("Point of sale"), _("Order"), _("Behind it"), _("Gone back by now"))
    return [cell(one) for one in names]


def _figures(statement: Statement, row: Figures) -> Sequence[str]:
    sums: tuple[int | Decimal | None, ...] = (
        row.orders, row.sold, row.payments, row.paid, row.difference, row.refunds, row.refunded, row.charged_back,
        row.kept, row.handed_in, row.pump_difference,
    )  # fmt: skip
    shown = [money(one, statement.currency) if isinstance(one, Decimal) else cell(one) for one in sums]
    return [cell(row.name or _("Total")), *shown, cell(row.volume)]


def _lines(statement: Statement, lines: Iterable[ClosingLine]) -> Iterator[Sequence[str]]:
    for line in lines:
        behind = words.behind(line)
        yield [
            cell(line.get_kind_display()), money(line.amount, statement.currency), cell(line.pos), cell(line.order),
            cell(behind.name if behind else ""), cell(words.gone_back(statement, line)),
        ]  # fmt: skip
