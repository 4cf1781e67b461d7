"""Writing the money trail: in the transaction of what it tells of, so that neither is without the other."""

from collections.abc import Iterable
from decimal import Decimal

from gateway.remote import RemotePayment
from orders.models import MoneyEntry, MoneyEvent, Order, Payment, Refund, RefundRequest
from stores import rows


def payments(order: Order, reported: Iterable[tuple[Payment | None, RemotePayment]], *, actor: str) -> None:
    """What reports say that was not known: of each payment its state, and how much of it went back."""
    rows.insert([entry for known, payment in reported for entry in _news(order, known, payment, actor)])


def request(request: RefundRequest, event: MoneyEvent, *, actor: str, before: str = "") -> None:
    """A decision about giving money back."""
    MoneyEntry.objects.create(
        order_id=request.order_id,
        event=event,
        amount=request.amount,
        before=before,
        after=request.status,
        reason=request.decided_because or request.reason,
        actor=actor[:100],
    )


def answer(refund: Refund, *, before: str) -> None:
    """What Mercado Pago said to the refund of one payment."""
    MoneyEntry.objects.create(
        order_id=refund.request.order_id,
        event=MoneyEvent.REFUND_ANSWERED,
        amount=refund.amount,
        before=before,
        after=refund.status,
        remote_id=refund.remote_id,
        reason=refund.error[:300],
        actor="Mercado Pago",
    )


def _news(order: Order, known: Payment | None, payment: RemotePayment, actor: str) -> Iterable[MoneyEntry]:
    if known is None or (known.status, known.amount) != (payment.status, payment.amount):
        yield MoneyEntry(
            order=order,
            event=MoneyEvent.PAYMENT,
            amount=payment.amount,
            before=known.status if known else "",
            after=payment.status,
            remote_id=payment.id,
            reason=payment.status_detail[:300],
            actor=actor[:100],
        )
    if payment.refunded != (known.refunded if known else 0):
        yield MoneyEntry(
            order=order,
            event=MoneyEvent.PAID_BACK,
            amount=payment.refunded,
            before=order.site.text(known.refunded if known else Decimal(0)),
            after=order.site.text(payment.refunded),
            remote_id=payment.id,
            actor=actor[:100],
        )
