"""What belongs to a span of a store's time: its orders, payments, refunds, chargebacks; each once, with its amount.

The rows of one day are read, four columns of each, and added up here: a close, its lines and a later comparison must
speak of the very same rows, and sums of the database could not be compared with anything afterwards.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from decimal import Decimal
from typing import Any, Final, NamedTuple

from django.db.models import QuerySet, Sum

from orders.models import Order, Payment, Refund
from orders.states import APPROVED, ARRIVED, CHARGED_BACK, FOREIGN, REFUNDED, RefundStatus
from stores.models import Store

MOST_AT_ONCE: Final = 500  # keys in one question
_OF_PAYMENT: Final = ("pk", "pos", "merchant_order__order", "amount", "status", "refunded")


@dataclass(frozen=True, slots=True)
class Span:
    """From a moment to another, which is not a part of it."""

    store: Store
    begin: datetime
    end: datetime


class Entry(NamedTuple):
    """One row that is counted."""

    pk: int
    pos: int
    order: int
    amount: Decimal


class _Paid(NamedTuple):
    """A payment, and what is counted of it besides."""

    pk: int
    pos: int
    order: int
    amount: Decimal
    status: str
    refunded: Decimal

    def entry(self, amount: Decimal) -> Entry:
        return Entry(self.pk, self.pos, self.order, amount)


@dataclass(frozen=True, slots=True)
class Entries:
    """By what they are, then by id. Chargebacks and refunds from outside are those of the span's own payments."""

    orders: dict[int, Entry]
    payments: dict[int, Entry]
    refunds: dict[int, Entry]
    chargebacks: dict[int, Entry]
    outside: dict[int, Entry]

    def frozen(self) -> dict[str, list[list[Any]]]:
        """As JSON; `thawed` reads it."""
        return {
            field.name: [[pk, pos, order, str(amount)] for pk, pos, order, amount in getattr(self, field.name).values()]
            for field in fields(self)
        }


def thawed(kept: dict[str, list[list[Any]]]) -> Entries:
    rows = {
        name: _by_id(Entry(pk, pos, order, Decimal(amount)) for pk, pos, order, amount in entries)
        for name, entries in kept.items()
    }
    return Entries(**rows)


def gather(span: Span) -> Entries:
    """As it stands now. The payments are read once: to find those of a store's day is what takes long."""
    rows = payments_of(span).order_by("pk")
    found = [_Paid(*row) for row in rows.values_list(*_OF_PAYMENT)]
    return Entries(
        orders=_read(orders_of(span), "pk", "pos", "pk", "total_amount"),
        payments=_by_id(paid.entry(paid.amount) for paid in found),
        refunds=_read(refunds_of(span), "pk", "request__order__pos", "request__order", "amount"),
        chargebacks=_by_id(paid.entry(paid.amount) for paid in found if paid.status == CHARGED_BACK),
        outside=_outside([paid for paid in found if paid.refunded > 0 and paid.status in (APPROVED, REFUNDED)]),
    )


def orders_of(span: Span) -> QuerySet[Order]:
    return Order.objects.filter(pos__store=span.store, closed_at__gte=span.begin, closed_at__lt=span.end)


def payments_of(span: Span) -> QuerySet[Payment]:
    """Those whose money arrived, by the moment of their approval at Mercado Pago."""
    dated = Payment.objects.filter(pos__store=span.store, approved_at__gte=span.begin, approved_at__lt=span.end)
    return dated.filter(status__in=ARRIVED).exclude(merchant_order__objection__in=FOREIGN)


def refunds_of(span: Span) -> QuerySet[Refund]:
    made = Refund.objects.filter(made_at__gte=span.begin, made_at__lt=span.end, status=RefundStatus.APPROVED)
    return made.filter(request__order__pos__store=span.store)


def _outside(payments: Sequence[_Paid]) -> dict[int, Entry]:
    """Of payments, what went back without being asked for here; Mercado Pago tells no date of it."""
    asked: dict[int, Decimal] = {}
    for start in range(0, len(payments), MOST_AT_ONCE):
        keys = [paid.pk for paid in payments[start : start + MOST_AT_ONCE]]
        refunds = Refund.objects.asked().filter(payment__in=keys).order_by().values("payment")
        asked |= dict(refunds.annotate(total=Sum("amount")).values_list("payment", "total"))
    rest = ((paid, paid.refunded - asked.get(paid.pk, Decimal(0))) for paid in payments)
    return _by_id(paid.entry(amount) for paid, amount in rest if amount > 0)


def _read(rows: QuerySet[Any], *columns: str) -> dict[int, Entry]:
    return _by_id(Entry(*row) for row in rows.order_by("pk").values_list(*columns))


def _by_id(entries: Iterable[Entry]) -> dict[int, Entry]:
    return {entry.pk: entry for entry in entries}
