"""Why the sums of a day are not the same: a line for each reason, with the order, payment or refund behind it.

The lines of orders and payments together are what was paid beyond what was sold: none is missing, none is twice.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from backoffice.closing.figures import Figures
from backoffice.closing.gathering import MOST_AT_ONCE, Entries, Span
from backoffice.models import ClosingLine, LineKind
from orders.models import Order, Payment
from orders.states import ARRIVED, FOREIGN, Status

# What of the lines makes up the difference between payments and orders.
MONEY: Final = frozenset(
    {
        LineKind.PAID_BEFORE, LineKind.PAID_AFTER, LineKind.OVERPAID, LineKind.PAID_SHORT, LineKind.NO_PAYMENT,
        LineKind.STILL_OPEN, LineKind.SOLD_NOTHING, LineKind.CLOSED_BEFORE, LineKind.CLOSED_AFTER,
    }
)  # fmt: skip
_ZERO: Final = Decimal(0)


@dataclass(slots=True)
class _Paid:
    """Of one order, before the span and after it."""

    before: Decimal = _ZERO
    after: Decimal = _ZERO


def lines(span: Span, entries: Entries, figures: Sequence[Figures]) -> list[ClosingLine]:
    """In the order in which they are read. They are not saved."""
    return [
        *_of_orders(span, entries),
        *_of_payments(span, entries),
        *_of_refunds(span, entries),
        *_of_pumps(figures),
        *_of_open_orders(span),
    ]


def _of_orders(span: Span, entries: Entries) -> Iterator[ClosingLine]:
    """Orders closed in the span whose payments in it are not what they were sold for."""
    paid: dict[int, Decimal] = defaultdict(Decimal)
    for payment in entries.payments.values():
        paid[payment.order] += payment.amount
    unlike = [order for order in entries.orders.values() if paid[order.pk] != order.amount]
    elsewhere = _paid_outside(span, [order.pk for order in unlike])
    for order in unlike:
        other = elsewhere[order.pk]
        rest = paid[order.pk] + other.before + other.after - order.amount
        nothing = not paid[order.pk] and not other.before and not other.after
        short = LineKind.NO_PAYMENT if nothing else LineKind.PAID_SHORT
        for kind, amount in (
            (LineKind.PAID_BEFORE, -other.before),
            (LineKind.PAID_AFTER, -other.after),
            (LineKind.OVERPAID if rest > 0 else short, rest),
        ):
            if amount:
                yield ClosingLine(kind=kind, amount=amount, pos_id=order.pos, order_id=order.pk)


def _paid_outside(span: Span, orders: Sequence[int]) -> Mapping[int, _Paid]:
    found: dict[int, _Paid] = defaultdict(_Paid)
    for start in range(0, len(orders), MOST_AT_ONCE):
        some = orders[start : start + MOST_AT_ONCE]
        rows = Payment.objects.filter(merchant_order__order__in=some, status__in=ARRIVED)
        rows = rows.exclude(merchant_order__objection__in=FOREIGN)
        for order, at, amount in rows.values_list("merchant_order__order", "approved_at", "amount"):
            if at and at < span.begin:
                found[order].before += amount
            elif at and at >= span.end:
                found[order].after += amount
    return found


def _of_payments(span: Span, entries: Entries) -> Iterator[ClosingLine]:
    """Payments of the span whose order was not closed in it."""
    strange = [payment for payment in entries.payments.values() if payment.order not in entries.orders]
    for start in range(0, len(strange), MOST_AT_ONCE):
        some = strange[start : start + MOST_AT_ONCE]
        orders = Order.objects.only("status", "closed_at").in_bulk([payment.order for payment in some])
        for payment in some:
            kind = _why(span, orders[payment.order])
            yield ClosingLine(
                kind=kind, amount=payment.amount, pos_id=payment.pos, order_id=payment.order, payment_id=payment.pk
            )


def _why(span: Span, order: Order) -> LineKind:
    if order.closed_at is not None:
        return LineKind.CLOSED_BEFORE if order.closed_at < span.begin else LineKind.CLOSED_AFTER
    return LineKind.STILL_OPEN if order.status == Status.OPEN else LineKind.SOLD_NOTHING


def _of_refunds(span: Span, entries: Entries) -> Iterator[ClosingLine]:
    own = {payment.order for payment in entries.payments.values()} | set(entries.orders)
    for refund in entries.refunds.values():
        if refund.order not in own:
            yield ClosingLine(
                kind=LineKind.REFUND_OF_OTHER_DAY, amount=-refund.amount, pos_id=refund.pos, order_id=refund.order,
                refund_id=refund.pk,
            )  # fmt: skip
    for kind, rows in (
        (LineKind.REFUNDED_OUTSIDE, entries.outside),
        (LineKind.CHARGED_BACK, entries.chargebacks),
    ):
        for entry in rows.values():
            yield ClosingLine(
                kind=kind, amount=-entry.amount, pos_id=entry.pos, order_id=entry.order, payment_id=entry.pk
            )


def _of_pumps(figures: Sequence[Figures]) -> Iterator[ClosingLine]:
    """Only where pumps hand in at all: then one that does not is missed."""
    hand_in = any(one.handed_in is not None for one in figures)
    for one in figures:
        if one.pump_difference:
            yield ClosingLine(kind=LineKind.PUMP, amount=one.pump_difference, pos_id=one.pos)
        elif hand_in and one.handed_in is None and one.sold:
            yield ClosingLine(kind=LineKind.NOT_HANDED_IN, amount=-one.sold, pos_id=one.pos)


def _of_open_orders(span: Span) -> Iterator[ClosingLine]:
    rows = Order.objects.open().filter(pos__store=span.store, created_at__lt=span.end).order_by("pk")
    for order in rows.only("total_amount", "pos_id"):
        yield ClosingLine(kind=LineKind.OPEN_ORDER, amount=order.total_amount, pos_id=order.pos_id, order_id=order.pk)
