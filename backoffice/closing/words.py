"""The words of a statement: its columns and its heading, the same on every medium."""

from collections.abc import Iterator
from typing import NamedTuple

from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from backoffice.closing.figures import Figures
from backoffice.closing.statement import Statement
from backoffice.models import ClosingLine
from orders.models import Order, Payment, Refund
from stores.amounts import quantity

Row = list[str]


class Behind(NamedTuple):
    """What a line is about: a name, and which admin page shows it."""

    name: str
    model: str
    pk: int


def title(statement: Statement) -> str:
    """What it is, and of which day."""
    day = date_format(statement.day, "DATE_FORMAT")
    text = _("Close of shift, %(day)s") if statement.shift else _("Close of day, %(day)s")
    return text % {"day": day}


def facts(statement: Statement) -> Iterator[tuple[str, str]]:
    """The heading: where, from when to when, closed by whom."""
    yield _("Store"), str(statement.store)
    yield _("From"), statement.moment(statement.begin)
    yield _("To"), _end(statement)
    yield _("Time zone"), statement.store.time_zone
    yield _("Currency"), statement.currency
    if statement.shift:
        yield _("Shift of"), statement.shift.opened_by
    if closing := statement.closing:
        yield _("Closed by"), f"{closing.closed_by}, {statement.moment(closing.closed_at)}"
        yield _("Version"), str(closing.version)
        if hasattr(closing, "reopening"):
            again = closing.reopening
            yield _("Opened again"), f"{again.actor}, {statement.moment(again.at)}: {again.reason}"
    else:
        yield _("State"), _("not closed: these figures can still change")


def _end(statement: Statement) -> str:
    """Until when it counts; a day that somebody closed early holds nothing of the time that was still to come."""
    closing, end = statement.closing, statement.moment(statement.end)
    if closing is None or closing.closed_at >= statement.end:
        return end
    text = _("%(closed)s: it was closed then, before its end, %(end)s")
    return text % {"closed": statement.moment(closing.closed_at), "end": end}


def columns() -> Row:
    return [
        _("Point of sale"), _("Orders"), _("Sold"), _("Payments"), _("Paid"), _("Paid − sold"), _("Refunds"),
        _("Refunded"), _("Charged back"), _("Kept"), _("Pump total"), _("Pump − sold"), _("Pump volume (L or m³)"),
    ]  # fmt: skip


def cells(statement: Statement, row: Figures) -> Row:
    money = statement.money
    return [
        row.name or _("Total"), str(row.orders), money(row.sold), str(row.payments), money(row.paid),
        money(row.difference), str(row.refunds), money(row.refunded), money(row.charged_back), money(row.kept),
        money(row.handed_in), money(row.pump_difference),
        "–" if row.volume is None else quantity(row.volume, statement.store.account.site),
    ]  # fmt: skip


def gone_back(statement: Statement, line: ClosingLine) -> str:
    """Whether there is still something to give back, as of now; nothing for lines that are of no surplus."""
    found = statement.gone_back(line)
    if found is None:
        return ""
    if found.left and not found.back and not found.on_its_way:
        return _("nothing of it has gone back yet")
    if not found.left and not found.on_its_way:
        return _("settled: %(back)s went back") % {"back": statement.money(found.back)}
    values = {name: statement.money(getattr(found, name)) for name in ("back", "on_its_way", "left")}
    if found.left and not found.on_its_way:
        return _("%(back)s went back, %(left)s is still here") % values
    if not found.left:
        return _("settled: %(back)s went back, %(on_its_way)s is on its way") % values
    return _("%(back)s went back, %(on_its_way)s is on its way, %(left)s is still here") % values


def is_settled(statement: Statement, line: ClosingLine) -> bool:
    """Nothing is left to do about it."""
    found = statement.gone_back(line)
    return found is not None and not found.left


def behind(line: ClosingLine) -> Behind | None:
    """The refund, or else the payment, or else the order that explains the line."""
    if line.refund:
        return _behind(line.refund, line.refund.remote_id or line.refund.pk)
    if line.payment:
        return _behind(line.payment, line.payment.remote_id)
    return _behind(line.order, line.order) if line.order else None


def _behind(row: Order | Payment | Refund, name: object) -> Behind:
    return Behind(f"{capfirst(row._meta.verbose_name)} {name}", f"orders_{row._meta.model_name}", row.pk)
