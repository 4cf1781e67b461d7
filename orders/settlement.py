"""Where the state of an order changes, and where its money is written: under its lock, nowhere else."""

import logging
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from functools import partial

from django.db import IntegrityError, transaction
from django.utils import timezone

from gateway.remote import RemoteMerchantOrder, RemotePayment
from orders import lookups, rules, trail
from orders.announcements import announce_changes, announce_refund
from orders.announcements import facts as told
from orders.attention import still
from orders.errors import Refused
from orders.models import MoneyEvent, Order, Payment, Refund, RefundRequest, Transition
from orders.money import Money, add_up
from orders.recording import Books, ours, record_merchant_orders, record_payments
from orders.rules import LATE, Facts
from orders.signals import order_closed
from orders.spreading import start
from orders.states import APPROVED, REFUNDED, TRANSITIONS, Attention, RequestStatus, Status
from stores import metrics, rows
from stores.models import RefundPolicy
from stores.tracing import following

logger = logging.getLogger(__name__)
_CHANGED = (
    "status", "closed_at", "next_check_at", "loyalty_due_at", "payment_status", "paid_amount", "refunded_amount",
    "attention",
)  # fmt: skip


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
    try:
        return _settle(order_id, remote, payments, actor, reads_everywhere=False)
    except IntegrityError as error:
        logger.info("order %s: the same is with another one: reading again (%s)", order_id, error)
        return _settle(order_id, remote, payments, actor, reads_everywhere=True)


@transaction.atomic
def _settle(
    order_id: int,
    remote: Sequence[RemoteMerchantOrder],
    payments: Sequence[RemotePayment] | None,
    actor: str,
    *,
    reads_everywhere: bool,
) -> Order:
    [order] = lookups.LOCKED(order_id)  # what we knew before may be old
    with following(**order.in_logs):
        return _follow(order, remote, payments, actor, reads_everywhere=reads_everywhere)


def _follow(
    order: Order,
    remote: Sequence[RemoteMerchantOrder],
    payments: Sequence[RemotePayment] | None,
    actor: str,
    *,
    reads_everywhere: bool,
) -> Order:
    before = told(order)
    books = Books.open(order, remote, payments, everywhere=reads_everywhere)
    requests = lookups.REQUESTS(order.pk) if books.payments else []  # only what was paid is asked back
    record_merchant_orders(books, remote, actor=actor)
    record_payments(books, payments or (), actor=actor)
    for request in requests:
        request.order = order
    facts = _gather(books, requests, payments)
    order.paid_amount, order.refunded_amount = facts.money.arrived, facts.money.refunded
    order.payment_status = facts.money.status
    if rules.closes(facts) and not facts.is_closed:
        _enter(order, Status.CLOSED, reason=LATE[facts.ended_as].value if facts.ended_as else "paid", actor=actor)
        transaction.on_commit(partial(_time, order, books.counted), robust=True)
        order_closed.send(sender=Order, order_id=order.pk)
        facts = replace(facts, is_closed=True)
    if facts.is_closed:
        order.next_check_at = None  # closed now; or closed before, and asked about since an answer was not understood
    undecided = _propose(order, facts, requests)
    order.attention = still(order, rules.attention(facts, undecided=undecided))
    rows.update(order, _CHANGED)
    announce_changes(order, before)
    return order


def move(order: Order, to: Status, *, reason: str, actor: str) -> bool:
    """Take a locked order to another state. False, and nothing done, when the table knows no way: the news is late."""
    if to not in TRANSITIONS[Status(order.status)]:
        return False
    _enter(order, to, reason=reason, actor=actor)
    rows.update(order, _CHANGED)
    return True


def _enter(order: Order, to: Status, *, reason: str, actor: str) -> None:
    """Into another state, which the caller saves with what else he changes."""
    rows.insert([Transition(order=order, from_status=order.status, to_status=to, reason=reason, actor=actor[:100])])
    logger.info("order %s: %s → %s (%s, by %s)", order, order.status, to, reason, actor)
    order.status = to
    if to == Status.CLOSED:
        order.closed_at = timezone.now()
        order.loyalty_due_at = order.closed_at if order.loyalty else None


def _time(order: Order, payments: list[Payment]) -> None:
    """How long it took from the payment that covered it to here."""
    approved = [payment.approved_at for payment in payments if payment.status == APPROVED and payment.approved_at]
    if approved and order.closed_at:
        metrics.took("paid_to_closed", max(approved), order.closed_at)


def _gather(books: Books, requests: list[RefundRequest], seen: Sequence[RemotePayment] | None) -> Facts:
    order, payments = books.order, books.counted
    merchant_orders = books.merchant_orders.values()
    objections = [Attention(m.objection) for m in merchant_orders if m.objection]
    money = add_up(order.total_amount, payments)
    asked_back, outside = _compare_refunds(order, payments, has_requests=bool(requests))
    return Facts(
        money=money,
        is_closed=order.status == Status.CLOSED,
        ended_as=_ended_as(order, money),
        is_overdue=order.expires_at <= timezone.now() or order.is_held_open,
        merchant_order_is_closed=any(m.status == "closed" and not m.objection for m in merchant_orders),
        confirmed=None if seen is None else rules.confirmed(seen, ours(order)),
        objection=objections[0] if objections else None,
        asked_back=asked_back,
        refunded_outside=outside,
        kept=sum((r.amount for r in requests if r.is_of_rules and r.status == RequestStatus.DECLINED), Decimal(0)),
        refund_failed=money.approved > 0 and any(r.status == RequestStatus.FAILED for r in requests),
    )


def _compare_refunds(order: Order, payments: list[Payment], *, has_requests: bool) -> tuple[Decimal, Decimal]:
    """What of our refunds Mercado Pago does not report yet; what it reports and we did not ask for."""
    asked: dict[int, Decimal] = defaultdict(Decimal)
    on_the_way = Decimal(0)
    if has_requests:
        refunds = Refund.objects.filter(request__order=order)
        for refund in refunds.asked():
            asked[refund.payment_id] += refund.amount
        on_the_way = refunds.unreported().filter(payment__status=APPROVED).total()
    # What is on its way may be reported already: the answer to our call can be late, or lost.
    others = [p.refunded - asked[p.pk] for p in payments if p.status in (APPROVED, REFUNDED)]
    return on_the_way, sum((other for other in others if other > 0), Decimal(0))


def _ended_as(order: Order, money: Money) -> Status | None:
    """How the order ended before its money came."""
    if order.status in LATE:
        return Status(order.status)
    if order.status == Status.OPEN or not money.arrived:
        return None
    late_close = order.transitions.filter(to_status=Status.CLOSED, from_status__in=LATE).first()
    return Status(late_close.from_status) if late_close else None


def _propose(order: Order, facts: Facts, requests: list[RefundRequest]) -> Decimal:
    """Let the money that sold nothing go back, as the store's policy says. What is left for a person to decide."""
    amount = rules.to_give_back(facts)
    reason = rules.why_back(facts)
    policy = order.pos.store.surplus_refunds if reason == Attention.OVERPAID else order.pos.store.late_refunds
    if amount and policy == RefundPolicy.AUTO and not facts.refund_failed and _refund(order, amount, reason):
        amount = Decimal(0)
    proposal = next((r for r in requests if r.is_of_rules and r.status == RequestStatus.PROPOSED), None)
    if proposal and not amount:
        proposal.status = RequestStatus.WITHDRAWN
        proposal.save()
        trail.request(proposal, MoneyEvent.REFUND_WITHDRAWN, actor="rules", before=RequestStatus.PROPOSED)
    elif amount and (proposal is None or proposal.amount != amount):
        proposal = proposal or RefundRequest(order=order, status=RequestStatus.PROPOSED, actor="rules")
        # Another amount is another question: who agreed to the one before agrees anew.
        proposal.amount, proposal.reason, proposal.first_person = amount, reason.value, None
        proposal.save()
        trail.request(proposal, MoneyEvent.REFUND_PROPOSED, actor="rules")
    return amount


def _refund(order: Order, amount: Decimal, reason: Attention) -> bool:
    try:
        with transaction.atomic():
            request = RefundRequest(order=order, amount=amount, actor="policy", reason=reason.value)
            start(request)
            announce_refund(order, request)
    except Refused as refusal:
        logger.warning("order %s: %s is not refunded by itself: %s", order, amount, refusal)
        return False
    return True
