"""Where the state of an order changes, and where its money is written: under its lock, nowhere else."""

import logging
from collections.abc import Sequence
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from gateway.remote import RemoteMerchantOrder
from orders.models import MerchantOrder, Order, OrderQuerySet, Payment, Transition
from orders.money import Money, objection
from orders.signals import order_closed
from orders.states import TRANSITIONS, Attention, Status

logger = logging.getLogger(__name__)

_LATE = {Status.CANCELED: Attention.PAID_AFTER_CANCEL, Status.EXPIRED: Attention.PAID_AFTER_EXPIRY}


@transaction.atomic
def settle(order_id: int, remote: Sequence[RemoteMerchantOrder], *, actor: str) -> Order:
    """Write down what Mercado Pago says of this order, and close it when that covers it."""
    order = Order.objects.locked().get(pk=order_id)  # what we knew before may be old
    _record(order, _accept(order, remote))
    money = order.money()
    order.paid_amount, order.refunded_amount = money.arrived, money.refunded
    order.payment_status = money.status
    if money.is_covered and order.merchant_orders.filter(status="closed").exists():
        _close(order, actor=actor)
    _notice(order, money)
    order.save()
    return order


def move(order: Order, to: Status, *, reason: str, actor: str) -> bool:
    """Take a locked order to another state. False, and nothing done, when the table knows no way: the news is late."""
    if to not in TRANSITIONS[Status(order.status)]:
        return False
    Transition.objects.create(order=order, from_status=order.status, to_status=to, reason=reason, actor=actor[:100])
    logger.info("order %s: %s → %s (%s, by %s)", order, order.status, to, reason, actor)
    order.status = to
    if to == Status.CLOSED:
        order.closed_at = timezone.now()
        order.next_check_at = None
    order.save()
    return True


def _close(order: Order, *, actor: str) -> None:
    late = _LATE.get(Status(order.status))
    if move(order, Status.CLOSED, reason=late.value if late else "paid", actor=actor):
        order.attention = late or order.attention
        order_closed.send(sender=Order, order_id=order.pk)


def _accept(order: Order, remote: Sequence[RemoteMerchantOrder]) -> list[RemoteMerchantOrder]:
    """Those that are ours and understood; the others stop this order and are shown, never guessed."""
    accepted = []
    for merchant_order in remote:
        reason = objection(
            merchant_order,
            external_reference=order.external_reference,
            collector_id=order.account.user_id,
            currency=order.currency,
        )
        if reason is None:
            accepted.append(merchant_order)
        else:
            logger.error("order %s: merchant order %s is not counted: %s", order, merchant_order.id, reason)
            order.attention = reason
    return accepted


def _record(order: Order, remote: Sequence[RemoteMerchantOrder]) -> None:
    known = {m.remote_id: m.updated_at for m in order.merchant_orders.all()}
    # Answers overtake each other: one that is older than what we hold says nothing new.
    news = [r for r in remote if not (r.updated_at and (seen := known.get(r.id)) and r.updated_at < seen)]
    if not news:
        return
    merchant_orders = MerchantOrder.objects.bulk_create(
        [
            MerchantOrder(
                account=order.account,
                order=order,
                remote_id=r.id,
                status=r.status,
                order_status=r.order_status,
                total_amount=r.total,
                updated_at=r.updated_at,
                seen_at=timezone.now(),
            )
            for r in news
        ],
        update_conflicts=True,
        unique_fields=["account", "remote_id"],
        update_fields=["status", "order_status", "total_amount", "updated_at", "seen_at"],
    )
    Payment.objects.bulk_create(
        [
            Payment(
                account=order.account,
                merchant_order=merchant_order,
                remote_id=p.id,
                status=p.status,
                status_detail=p.status_detail[:100],
                amount=p.amount,
                refunded=p.amount if p.status == "refunded" else p.refunded,
                operation_type=p.operation_type[:40],
                approved_at=p.approved_at,
            )
            for merchant_order, r in zip(merchant_orders, news, strict=True)
            for p in r.payments
        ],
        update_conflicts=True,
        unique_fields=["account", "remote_id"],
        update_fields=["status", "status_detail", "amount", "refunded", "operation_type", "approved_at"],
    )


def _notice(order: Order, money: Money) -> None:
    """What about this order's money a person must see."""
    if money.is_charged_back:
        order.attention = Attention.CHARGED_BACK
    elif money.has_surplus and order.attention is None:
        order.attention = Attention.OVERPAID
    elif money.arrived and order.status in _LATE and order.attention is None:
        order.attention = _LATE[Status(order.status)]


def schedule_check(order: Order) -> None:
    """When to ask Mercado Pago again although nothing was heard: soon at first, then ever less, for a day."""
    now = timezone.now()
    ceiling = 60 if order.status == Status.OPEN else 3600
    delay = timedelta(seconds=min(5 * 1.5 ** min(order.checks, 20), ceiling))
    is_over = order.status == Status.CLOSED or now > order.expires_at + timedelta(days=1)
    Order.objects.filter(pk=order.pk).exclude(status=Status.CLOSED).update(
        next_check_at=None if is_over else now + delay, checks=order.checks + 1
    )


def lease(due: OrderQuerySet, *, limit: int) -> list[int]:
    """Take due orders for a minute, so that the next sweep does not wake them again while they wait in the queue."""
    order_ids = list(due.values_list("pk", flat=True)[:limit])
    Order.objects.filter(pk__in=order_ids).update(next_check_at=timezone.now() + timedelta(minutes=1))
    return order_ids
