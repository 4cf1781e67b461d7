"""Writing down what Mercado Pago reports of an order: each merchant order and each payment once, and only news."""

import logging
from collections.abc import Iterable, Sequence

from gateway.remote import RemoteMerchantOrder, RemotePayment
from orders import rules, trail
from orders.models import MerchantOrder, Order, Payment
from orders.rules import Ours
from orders.states import Attention

logger = logging.getLogger(__name__)


def record_merchant_orders(order: Order, remote: Sequence[RemoteMerchantOrder], *, actor: str) -> None:
    """What is news of a locked order's merchant orders, with their payments."""
    known = {m.remote_id: m for m in order.merchant_orders.all()}
    news = [r for r in remote if r.id not in known or _is_newer(r, known[r.id])]
    objections = {r.id: _objection(order, r) for r in news}
    mine = [r for r in news if r.id in known or _is_mine(order, r, objections[r.id])]
    if not mine:
        return
    merchant_orders = MerchantOrder.objects.bulk_create(
        [_merchant_order(order, r, objections[r.id]) for r in mine],
        update_conflicts=True,
        unique_fields=["account", "remote_id"],
        update_fields=["status", "objection", "order_status", "total_amount", "created_at", "updated_at", "seen_at"],
    )
    _record(
        order,
        [
            (merchant_order, payment)
            for merchant_order, r in zip(merchant_orders, mine, strict=True)
            for payment in (() if objections[r.id] else r.payments)
        ],
        actor,
    )


def record_payments(order: Order, payments: Iterable[RemotePayment], *, actor: str) -> None:
    """What the payments themselves say of a locked order: merchant orders may lag behind them (protocol.md §11.4)."""
    counted = {m.remote_id: m for m in order.merchant_orders.filter(objection="")}
    mine = [p for p in payments if rules.is_ours(p, ours(order))]
    _record(order, [(counted[p.merchant_order_id], p) for p in mine if p.merchant_order_id in counted], actor)


def ours(order: Order) -> Ours:
    """What must be the same for money to be this order's."""
    return Ours(
        external_reference=order.external_reference, collector_id=order.account.user_id, currency=order.currency
    )


def _record(order: Order, reported: Sequence[tuple[MerchantOrder, RemotePayment]], actor: str) -> None:
    once = {payment.id: (merchant_order, payment) for merchant_order, payment in reported}
    known = {p.remote_id: p for p in Payment.objects.filter(account=order.account, remote_id__in=once)}
    news = [(m, p) for m, p in once.values() if p.id not in known or _is_payment_news(p, known[p.id])]
    Payment.objects.bulk_create(
        [_payment(order, m, p) for m, p in news],
        update_conflicts=True,
        unique_fields=["account", "remote_id"],
        update_fields=["status", "status_detail", "amount", "refunded", "operation_type", "approved_at", "updated_at"],
    )
    trail.payments(order, [(known.get(p.id), p) for _m, p in news], actor=actor)


def _merchant_order(order: Order, remote: RemoteMerchantOrder, objection: Attention | None) -> MerchantOrder:
    return MerchantOrder(
        account=order.account,
        order=order,
        remote_id=remote.id,
        status=remote.status[:30],
        objection=objection or "",
        order_status=remote.order_status[:30],
        total_amount=remote.total,
        created_at=remote.created_at,
        updated_at=remote.updated_at,
        seen_at=remote.asked_at,
    )


def _payment(order: Order, merchant_order: MerchantOrder, remote: RemotePayment) -> Payment:
    return Payment(
        account=order.account,
        merchant_order=merchant_order,
        remote_id=remote.id,
        status=remote.status,
        status_detail=remote.status_detail[:100],
        amount=remote.amount,
        refunded=remote.refunded,
        operation_type=remote.operation_type[:40],
        approved_at=remote.approved_at,
        updated_at=remote.updated_at,
    )


def _is_newer(remote: RemoteMerchantOrder, known: MerchantOrder) -> bool:
    """Answers overtake each other: one that is older than what we hold says nothing new."""
    if remote.updated_at and known.updated_at and remote.updated_at != known.updated_at:
        return remote.updated_at > known.updated_at
    return remote.asked_at >= known.seen_at


def _is_payment_news(remote: RemotePayment, known: Payment) -> bool:
    return remote.updated_at is None or known.updated_at is None or remote.updated_at >= known.updated_at


def _objection(order: Order, remote: RemoteMerchantOrder) -> Attention | None:
    reason = rules.objection(remote, ours(order))
    if reason is not None:
        logger.error("order %s: merchant order %s is not counted: %s", order, remote.id, reason)
    return reason


def _is_mine(order: Order, remote: RemoteMerchantOrder, reason: Attention | None) -> bool:
    """False for one that is, or is to be, written down with another order."""
    reference = remote.external_reference.upper()
    if reason == Attention.FOREIGN_REFERENCE and Order.objects.filter(external_reference=reference).exists():
        return False
    return not MerchantOrder.objects.filter(account=order.account, remote_id=remote.id).exists()
