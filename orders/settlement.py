"""Where the state of an order changes, and where its money is written: under its lock, nowhere else."""

import logging
from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from gateway.remote import RemoteMerchantOrder, RemotePayment
from orders import rules
from orders.errors import Refused
from orders.models import MerchantOrder, Order, OrderQuerySet, Payment, Refund, RefundRequest, Transition
from orders.money import Money, add_up
from orders.rules import LATE, Facts
from orders.signals import order_closed
from orders.spreading import start
from orders.states import APPROVED, REFUNDED, TRANSITIONS, Attention, RequestStatus, Status
from stores.models import RefundPolicy

logger = logging.getLogger(__name__)


@transaction.atomic
def settle(
    order_id: int,
    remote: Sequence[RemoteMerchantOrder],
    *,
    actor: str,
    payments: Sequence[RemotePayment] | None = None,
) -> Order:
    """Write down what Mercado Pago says of this order, and do what follows from it: see `orders.rules`.

    `payments` is the second look at the payments themselves; None when there was none.
    """
    order = Order.objects.locked().get(pk=order_id)  # what we knew before may be old
    _record(order, remote)
    facts = _gather(order, payments)
    order.paid_amount, order.refunded_amount = facts.money.arrived, facts.money.refunded
    order.payment_status = facts.money.status
    if rules.closes(facts) and not facts.is_closed:
        reason = LATE[facts.ended_as].value if facts.ended_as else "paid"
        move(order, Status.CLOSED, reason=reason, actor=actor)
        order_closed.send(sender=Order, order_id=order.pk)
        facts = _gather(order, payments)
    undecided = _propose(order, facts)
    order.attention = rules.attention(facts, undecided=undecided)
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


def _record(order: Order, remote: Sequence[RemoteMerchantOrder]) -> None:
    known = {m.remote_id: m for m in order.merchant_orders.all()}
    news = [r for r in remote if r.id not in known or _is_newer(r, known[r.id])]
    objections = {r.id: _objection(order, r) for r in news}
    mine = [r for r in news if r.id in known or _is_mine(order, r, objections[r.id])]
    if not mine:
        return
    merchant_orders = MerchantOrder.objects.bulk_create(
        [
            MerchantOrder(
                account=order.account,
                order=order,
                remote_id=r.id,
                status=r.status[:30],
                objection=objections[r.id] or "",
                order_status=r.order_status[:30],
                total_amount=r.total,
                created_at=r.created_at,
                updated_at=r.updated_at,
                seen_at=r.asked_at,
            )
            for r in mine
        ],
        update_conflicts=True,
        unique_fields=["account", "remote_id"],
        update_fields=["status", "objection", "order_status", "total_amount", "created_at", "updated_at", "seen_at"],
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
                refunded=p.amount if p.status == REFUNDED else p.refunded,
                operation_type=p.operation_type[:40],
                approved_at=p.approved_at,
            )
            for merchant_order, r in zip(merchant_orders, mine, strict=True)
            for p in (() if objections[r.id] else r.payments)
        ],
        update_conflicts=True,
        unique_fields=["account", "remote_id"],
        update_fields=["status", "status_detail", "amount", "refunded", "operation_type", "approved_at"],
    )


def _is_newer(remote: RemoteMerchantOrder, known: MerchantOrder) -> bool:
    """Answers overtake each other: one that is older than what we hold says nothing new."""
    if remote.updated_at and known.updated_at and remote.updated_at != known.updated_at:
        return remote.updated_at > known.updated_at
    return remote.asked_at >= known.seen_at


def _objection(order: Order, remote: RemoteMerchantOrder) -> Attention | None:
    reason = rules.objection(
        remote,
        external_reference=order.external_reference,
        collector_id=order.account.user_id,
        currency=order.currency,
    )
    if reason is not None:
        logger.error("order %s: merchant order %s is not counted: %s", order, remote.id, reason)
    return reason


def _is_mine(order: Order, remote: RemoteMerchantOrder, reason: Attention | None) -> bool:
    """False for one that is, or is to be, written down with another order."""
    reference = remote.external_reference.upper()
    if reason == Attention.FOREIGN_REFERENCE and Order.objects.filter(external_reference=reference).exists():
        return False
    return not MerchantOrder.objects.filter(account=order.account, remote_id=remote.id).exists()


def _gather(order: Order, seen: Sequence[RemotePayment] | None) -> Facts:
    merchant_orders = list(order.merchant_orders.all())
    objections = [Attention(m.objection) for m in merchant_orders if m.objection]
    counted = [m.pk for m in merchant_orders if not m.objection]
    payments = list(Payment.objects.filter(merchant_order__in=counted))
    money = add_up(order.total_amount, payments)
    asked_back, outside = _compare_refunds(order, payments)
    requests = list(order.refund_requests.all())
    confirmed = None
    if seen is not None:
        confirmed = rules.confirmed(
            list(seen),
            external_reference=order.external_reference,
            collector_id=order.account.user_id,
            currency=order.currency,
        )
    return Facts(
        money=money,
        is_closed=order.status == Status.CLOSED,
        ended_as=_ended_as(order, money),
        is_overdue=order.expires_at <= timezone.now() or order.attention == Attention.PARTIALLY_PAID,
        merchant_order_is_closed=any(m.status == "closed" and not m.objection for m in merchant_orders),
        confirmed=confirmed,
        objection=objections[0] if objections else None,
        asked_back=asked_back,
        refunded_outside=outside,
        kept=sum((r.amount for r in requests if r.status == RequestStatus.DECLINED), Decimal(0)),
        refund_failed=next((r.status == RequestStatus.FAILED for r in requests if _was_tried(r)), False),
    )


def _compare_refunds(order: Order, payments: list[Payment]) -> tuple[Decimal, Decimal]:
    """What we asked back and Mercado Pago does not report yet; what it reports and we did not ask for."""
    ours: dict[int, Decimal] = {}
    for refund in Refund.objects.asked().filter(request__order=order):
        ours[refund.payment_id] = ours.get(refund.payment_id, Decimal(0)) + refund.amount
    changes = [
        (ours.get(p.pk, Decimal(0)) - p.refunded, p.status) for p in payments if p.status in (APPROVED, REFUNDED)
    ]
    asked_back = sum((change for change, status in changes if change > 0 and status == APPROVED), Decimal(0))
    return asked_back, -sum((change for change, _status in changes if change < 0), Decimal(0))


def _was_tried(request: RefundRequest) -> bool:
    return request.status in (RequestStatus.PENDING, RequestStatus.APPROVED, RequestStatus.FAILED)


def _ended_as(order: Order, money: Money) -> Status | None:
    """How the order ended before its money came."""
    if order.status in LATE:
        return Status(order.status)
    if order.status == Status.OPEN or not money.arrived:
        return None
    late_close = order.transitions.filter(to_status=Status.CLOSED, from_status__in=LATE).first()
    return Status(late_close.from_status) if late_close else None


def _propose(order: Order, facts: Facts) -> Decimal:
    """Let the money that sold nothing go back, as the store's policy says. What is left for a person to decide."""
    amount = rules.to_give_back(facts)
    reason = LATE[facts.ended_as] if facts.ended_as else Attention.OVERPAID
    policy = order.pos.store.late_refunds if facts.ended_as else order.pos.store.surplus_refunds
    if amount and policy == RefundPolicy.AUTO and not facts.refund_failed and _refund(order, amount, reason):
        amount = Decimal(0)
    proposal = order.refund_requests.filter(status=RequestStatus.PROPOSED).first()
    if proposal and not amount:
        proposal.status = RequestStatus.WITHDRAWN
        proposal.save()
    elif amount and (proposal is None or proposal.amount != amount):
        proposal = proposal or RefundRequest(order=order, status=RequestStatus.PROPOSED, actor="rules")
        proposal.amount, proposal.reason = amount, reason.value
        proposal.save()
    return amount


def _refund(order: Order, amount: Decimal, reason: Attention) -> bool:
    try:
        with transaction.atomic():
            start(RefundRequest(order=order, amount=amount, actor="policy", reason=reason.value))
    except Refused as refusal:
        logger.warning("order %s: %s is not refunded by itself: %s", order, amount, refusal)
        return False
    return True


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
