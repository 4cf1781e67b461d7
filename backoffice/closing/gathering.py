"""What belongs to a span of a store's time: its orders, payments, refunds, chargebacks; each once, with its amount.

The rows of one day are read, four columns of each, and added up here: a close, its lines and a later comparison must
speak of the very same rows, and sums of the database could not be compared with anything afterwards.
"""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from orders.models import Order, Payment, Refund, money_field
from orders.states import APPROVED, ARRIVED, CHARGED_BACK, FOREIGN, REFUNDED, RefundStatus
from stores.models import Store


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
    """As it stands now."""
    payments = payments_of(span)
    of_payment = ("pk", "merchant_order__order__pos", "merchant_order__order", "amount")
    return Entries(
        orders=_read(orders_of(span), "pk", "pos", "pk", "total_amount"),
        payments=_read(payments, *of_payment),
        refunds=_read(refunds_of(span), "pk", "request__order__pos", "request__order", "amount"),
        chargebacks=_read(payments.filter(status=CHARGED_BACK), *of_payment),
        outside=_outside(payments),
    )


def orders_of(span: Span) -> QuerySet[Order]:
    return Order.objects.filter(pos__store=span.store, closed_at__gte=span.begin, closed_at__lt=span.end)


def payments_of(span: Span) -> QuerySet[Payment]:
    """Those whose money arrived, by the moment of their approval at Mercado Pago."""
    of_store = Payment.objects.filter(account=span.store.account_id, merchant_order__order__pos__store=span.store)
    dated = of_store.filter(approved_at__gte=span.begin, approved_at__lt=span.end, status__in=ARRIVED)
    return dated.exclude(merchant_order__objection__in=FOREIGN)


def refunds_of(span: Span) -> QuerySet[Refund]:
    made = Refund.objects.filter(made_at__gte=span.begin, made_at__lt=span.end, status=RefundStatus.APPROVED)
    return made.filter(request__order__pos__store=span.store)


def _outside(payments: QuerySet[Payment]) -> dict[int, Entry]:
    """Of payments, what went back without being asked for here; Mercado Pago tells no date of it."""
    asked = Refund.objects.asked().filter(payment=OuterRef("pk")).order_by().values("payment")
    total = Coalesce(Subquery(asked.annotate(total=Sum("amount")).values("total")), Decimal(0), output_field=_MONEY)
    rows = payments.filter(refunded__gt=0, status__in=(APPROVED, REFUNDED)).annotate(asked=total)
    columns = ("pk", "merchant_order__order__pos", "merchant_order__order", "refunded", "asked")
    found = rows.order_by("pk").values_list(*columns)
    return _by_id(
        Entry(pk, pos, order, refunded - asked) for pk, pos, order, refunded, asked in found if refunded > asked
    )


def _read(rows: QuerySet[Any], *columns: str) -> dict[int, Entry]:
    return _by_id(Entry(*row) for row in rows.order_by("pk").values_list(*columns))


def _by_id(entries: Iterable[Entry]) -> dict[int, Entry]:
    return {entry.pk: entry for entry in entries}


_MONEY = money_field("")
