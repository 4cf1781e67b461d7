"""Writing down what Mercado Pago reports of an order: each merchant order and each payment once, and only news."""

import logging
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from typing import Self, TypeVar

from django.db.models import Q, QuerySet

from gateway.remote import RemoteMerchantOrder, RemotePayment
from orders import rules, trail
from orders.models import MerchantOrder, Order, Payment
from orders.rules import Ours
from orders.states import FOREIGN, Attention
from stores import rows
from stores.compiled import Compiled

logger = logging.getLogger(__name__)
Row = TypeVar("Row", MerchantOrder, Payment)
_MERCHANT_ORDERS = Compiled(
    lambda order_id, account_id, ids: MerchantOrder.objects.filter(
        Q(order=order_id) | Q(account=account_id, remote_id__in=ids)
    )
)
_PAYMENTS = Compiled(
    lambda merchant_order_ids, account_id, ids: Payment.objects.filter(
        Q(merchant_order__in=merchant_order_ids) | Q(account=account_id, remote_id__in=ids)
    )
)
_OF_MERCHANT_ORDERS = ("status", "objection", "order_status", "total_amount", "created_at", "updated_at", "seen_at")
_OF_PAYMENTS = ("status", "status_detail", "amount", "refunded", "operation_type", "approved_at", "updated_at")


@dataclass(slots=True)
class Books:
    """What is written down of a locked order. As long as it is locked nobody else writes it: no need to read again."""

    order: Order
    merchant_orders: dict[int, MerchantOrder]  # by their numbers at Mercado Pago
    others: set[int]  # of those reported, the ones that are written down with another order
    payments: dict[int, Payment]  # also those of others, where they were reported

    @classmethod
    def open(
        cls,
        order: Order,
        remote: Sequence[RemoteMerchantOrder],
        payments: Sequence[RemotePayment] | None,
        *,
        everywhere: bool,
    ) -> Self:
        """Payments belong to merchant orders, so with none of these there are none: the usual first report.

        Unless one is written down with another order's. Writing it is refused then; `everywhere` finds it.
        """
        found = _MERCHANT_ORDERS(order.pk, order.account.pk, [r.id for r in remote])
        mine = {m.remote_id: m for m in found if m.order_id == order.pk}
        others = {m.remote_id for m in found if m.order_id != order.pk}
        ids = {p.id for p in payments or ()} | {p.id for r in remote for p in r.payments}
        known = _PAYMENTS([m.pk for m in mine.values()], order.account.pk, [*ids]) if found or everywhere else []
        return cls(order, mine, others, {p.remote_id: p for p in known})

    @property
    def counted(self) -> list[Payment]:
        """As `PaymentQuerySet.counted_for`."""
        counted = {m.pk for m in self.merchant_orders.values() if m.objection not in FOREIGN}
        return [p for p in self.payments.values() if p.merchant_order_id in counted]


def record_merchant_orders(books: Books, remote: Sequence[RemoteMerchantOrder], *, actor: str) -> None:
    """What is news of a locked order's merchant orders, with their payments."""
    order, known = books.order, books.merchant_orders
    news = [r for r in remote if r.id not in known or _is_newer(r, known[r.id])]
    objections = {r.id: _objection(order, r) for r in news}
    mine = [r for r in news if r.id in known or _is_mine(books, r, objections[r.id])]
    if not mine:
        return
    written = [_merchant_order(order, r, objections[r.id]) for r in mine]
    _write(MerchantOrder.objects.all(), written, known=known, changing=_OF_MERCHANT_ORDERS)
    known.update({m.remote_id: m for m in written})
    _record(books, [(known[r.id], p) for r in mine for p in (() if objections[r.id] else r.payments)], actor)


def record_payments(books: Books, payments: Iterable[RemotePayment], *, actor: str) -> None:
    """What the payments themselves say of a locked order: merchant orders may lag behind them (protocol.md §11.4)."""
    counted = {m.remote_id: m for m in books.merchant_orders.values() if not m.objection}
    mine = [p for p in payments if rules.is_ours(p, ours(books.order))]
    _record(books, [(counted[p.merchant_order_id], p) for p in mine if p.merchant_order_id in counted], actor)


def ours(order: Order) -> Ours:
    """What must be the same for money to be this order's."""
    return Ours(
        external_reference=order.external_reference, collector_id=order.account.user_id, currency=order.currency
    )


def _record(books: Books, reported: Sequence[tuple[MerchantOrder, RemotePayment]], actor: str) -> None:
    once = {payment.id: (merchant_order, payment) for merchant_order, payment in reported}
    known = {p_id: books.payments[p_id] for p_id in once if p_id in books.payments}
    news = [(m, p) for m, p in once.values() if p.id not in known or _is_payment_news(p, known[p.id])]
    if not news:
        return
    written = [_payment(books.order, m, p) for m, p in news]
    _write(Payment.objects.all(), written, known=known, changing=_OF_PAYMENTS)
    for payment in written:
        if payment.remote_id in known:  # a payment stays where it was found first
            payment.merchant_order_id = known[payment.remote_id].merchant_order_id
        books.payments[payment.remote_id] = payment
    trail.payments(books.order, [(known.get(p.id), p) for _m, p in news], actor=actor)


def _write(manager: "QuerySet[Row]", written: Sequence[Row], *, known: Container[int], changing: Sequence[str]) -> None:
    """Raises IntegrityError when one that is new here was just written down with another order: read again then."""
    rows.insert([row for row in written if row.remote_id not in known])
    manager.bulk_create(
        [row for row in written if row.remote_id in known],
        update_conflicts=True,
        unique_fields=["account", "remote_id"],
        update_fields=changing,
    )


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
        pos_id=order.pos_id,
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


def _is_mine(books: Books, remote: RemoteMerchantOrder, reason: Attention | None) -> bool:
    """False for one that is, or is to be, written down with another order."""
    reference = remote.external_reference.upper()
    if reason == Attention.FOREIGN_REFERENCE and Order.objects.filter(external_reference=reference).exists():
        return False
    return remote.id not in books.others
