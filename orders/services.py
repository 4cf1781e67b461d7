"""Making, cancelling, expiring and following orders. Mercado Pago is asked first, outside of any transaction."""

import contextlib
import hashlib
import logging
from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

import simplejson
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from gateway.client import Client
from gateway.errors import NotUnderstood
from gateway.remote import RemoteMerchantOrder
from orders import lookups, loyalty
from orders.announcements import announce, announce_status
from orders.attention import still
from orders.errors import Refused
from orders.levies import fee_of, taxes_of
from orders.models import MerchantOrder, Order, Transition, money_of
from orders.settlement import move, settle
from orders.states import Attention, Status
from pos.models import ControllerStatus, PointOfSale
from pos.services import report
from stores.models import Account
from stores.services import connect
from stores.tracing import following

logger = logging.getLogger(__name__)

FIRST_CHECK = timedelta(seconds=30)  # "after 30 s without notification, search" (protocol.md §5)
_POSTPONED = timedelta(minutes=1)
_ONCE_MORE = timedelta(minutes=1)
_ATTEMPTS = 5
_SHOWN = ("status", "payment_status", "paid_amount", "refunded_amount", "attention")


def fingerprint(body: Any) -> str:
    """What tells whether two requests asked for the same thing."""
    return hashlib.sha256(simplejson.dumps(body, sort_keys=True, use_decimal=True).encode()).hexdigest()


def create(
    pos: PointOfSale, sale: Mapping[str, Any], *, idempotency_key: str, fingerprint: str, actor: str
) -> tuple[Order, bool]:
    """The order of this sale, and whether it is new. `sale` is validated: see `SaleSerializer`."""
    for attempt in range(_ATTEMPTS):
        # Nearly always the key is new and nothing is open here: the database says so while it inserts, if it is not so.
        looks = attempt or not pos.is_in_service or sale.get("replace") or "loyalty" in sale
        if looks and (order := _make_way(pos, sale, idempotency_key, fingerprint, actor)):
            return order, False
        try:
            return _insert(pos, sale, idempotency_key, fingerprint, actor), True
        except IntegrityError as error:
            logger.info("%s: an order is in the way, of this same sale or another: looking (%s)", pos, error)
    raise Refused("open-order", _("Other orders are being made here at this very moment: send this one again."))


def cancel(order: Order, *, actor: str, reason: str = "canceled") -> Order:
    """End an order that nobody paid. Money wins: with any of it there or on its way, the order stays."""
    asked = order.status == Status.OPEN and order.first_served_at is not None
    if asked:
        refresh(order, client=connect(order.account, about=order), actor=actor)
    with transaction.atomic():
        order = Order.objects.locked().get(pk=order.pk)
        if order.status == Status.CLOSED:
            raise Refused("paid", _("The customer has paid this order; refund it instead."))
        if order.status != Status.OPEN:
            return order
        if order.first_served_at is None or asked:
            _end(order, Status.CANCELED, reason=reason, actor=actor)
            return order
    return cancel(order, actor=actor, reason=reason)  # a customer has seen it in this very moment: ask after all


def release(order: Order, *, client: Client, actor: str, reason: str) -> Order:
    """End an open order because a person says so, whatever is known of its money: its point of sale is free again.

    What arrived or will arrive is late money then. Mercado Pago is asked first; an order that turns out paid closes.
    """
    with contextlib.suppress(NotUnderstood):  # that is why a person must decide
        refresh(order, client=client, actor=actor)
    with transaction.atomic():
        order = Order.objects.locked().get(pk=order.pk)
        if order.status != Status.OPEN:
            text = _("This order is not open any more: it is %(status)s.")
            raise Refused("not-open", text % {"status": order.get_status_display()})
        move(order, Status.CANCELED, reason=reason[:200], actor=actor)
        announce_status(order)
        return settle(order.pk, [], actor=actor)


def expire(order: Order, *, client: Client) -> None:
    """End an order whose time is over. With money there or on its way it is postponed instead."""
    if order.first_served_at is not None:
        refresh(order, client=client, actor="expiry")
    with transaction.atomic():
        order = Order.objects.locked().get(pk=order.pk)
        if order.status != Status.OPEN or order.expires_at > timezone.now():
            return
        try:
            _end(order, Status.EXPIRED, reason="not paid in time", actor="expiry")
        except Refused as refusal:
            partial = Attention.PARTIALLY_PAID if refusal.kind == "partially-paid" else None
            is_news = order.attention is None and still(order, partial) is not None
            order.attention = partial if is_news else order.attention
            order.expires_at = timezone.now() + _POSTPONED
            order.save()
            if is_news:
                announce(order, "order.updated")


def refresh(order: Order, *, client: Client, actor: str) -> Order:
    """Ask Mercado Pago where this order stands, its payments too, then follow it."""
    try:
        remote = client.search_merchant_orders(external_reference=order.external_reference)  # slow: no transaction open
        order = settle(order.pk, remote, actor=actor)
        return order if order.status == Status.CLOSED else _look_again(order, client=client, actor=actor)
    except NotUnderstood:
        _mark_not_understood(order.pk)
        raise


def follow(account: Account, merchant_order_id: int, *, client: Client, actor: str) -> Order | None:
    """Fetch one merchant order and settle the order it belongs to. None when that is not one of this account's."""
    return take(account, client.get_merchant_order(merchant_order_id), client=client, actor=actor)


def take(account: Account, remote: RemoteMerchantOrder, *, client: Client, actor: str) -> Order | None:
    """Settle the order that a merchant order belongs to. None when that is not one of this account's."""
    reference = remote.external_reference.upper()
    mine = lookups.NAMED(reference, account.pk)
    if not mine:
        return None
    order = settle(mine[0].pk, [remote], actor=actor)
    return _look_again(order, client=client, actor=actor) if order.is_paid_but_not_closed else order


def preview(account: Account, merchant_order_id: int, *, client: Client) -> dict[str, tuple[Any, Any]]:
    """What following this merchant order now would change: fields with their values before and after. Keeps nothing."""
    remote = client.get_merchant_order(merchant_order_id)
    with transaction.atomic():
        order = Order.objects.filter(external_reference=remote.external_reference.upper(), pos__account=account).first()
        before = _snapshot(order)
        if order:
            settle(order.pk, [remote], actor="preview")
        after = _snapshot(order)
        transaction.set_rollback(True)
    return {name: (before.get(name), after.get(name)) for name in after if before.get(name) != after.get(name)}


def _look_again(order: Order, *, client: Client, actor: str) -> Order:
    """A second look, at the payments themselves: it happens that merchant orders stay opened (protocol.md §11.4)."""
    payments = client.search_payments(external_reference=order.external_reference)
    known = set(order.merchant_orders.values_list("remote_id", flat=True))
    unknown = {p.merchant_order_id for p in payments if p.merchant_order_id and p.merchant_order_id not in known}
    missing = [client.get_merchant_order(remote_id) for remote_id in sorted(unknown)]
    return settle(order.pk, missing, actor=actor, payments=payments)


def _snapshot(order: Order | None) -> dict[str, Any]:
    if order is None:
        return {}
    order.refresh_from_db()
    shown: dict[str, Any] = {name: getattr(order, name) for name in _SHOWN}
    for merchant_order in MerchantOrder.objects.filter(order=order).prefetch_related("payments"):
        shown[f"merchant order {merchant_order}"] = merchant_order.objection or merchant_order.status
        for payment in merchant_order.payments.all():
            shown[f"payment {payment}"] = f"{payment.status} {payment.amount} − {payment.refunded}"
    for request in order.refund_requests.all():
        shown[f"refund request {request.pk}"] = f"{request.status} {request.amount}"
    return shown


def _make_way(
    pos: PointOfSale, sale: Mapping[str, Any], idempotency_key: str, fingerprint: str, actor: str
) -> Order | None:
    """The order that this same request made before; otherwise see to it, or refuse, that there can be a new one."""
    # With one look: else this same request on another thread could be taken for another order in between.
    known = lookups.OPEN_OR_MADE(pos.pk, idempotency_key)
    if order := next((order for order in known if order.idempotency_key == idempotency_key), None):
        if order.fingerprint != fingerprint:
            text = _("This Idempotency-Key was used for another order: take a new key for every sale.")
            raise Refused("idempotency-key-reused", text)
        return order
    if not pos.is_in_service:
        raise Refused("out-of-service", _("This point of sale, its store or its account is switched off."))
    if "loyalty" in sale:
        loyalty.check(pos, sale["loyalty"])
    for order in known:  # one at most
        if not sale.get("replace"):
            text = _('Order %(id)s is still open here: cancel it, or send this one with "replace": true.')
            raise Refused("open-order", text % {"id": order.pk})
        cancel(order, actor=actor, reason="replaced")
    return None


@transaction.atomic
def _insert(pos: PointOfSale, sale: Mapping[str, Any], idempotency_key: str, fingerprint: str, actor: str) -> Order:
    total = sum((Decimal(item["total_amount"]) for item in sale["items"]), Decimal(0))
    points = sale.get("loyalty")
    order = Order.objects.create(
        pos=pos,
        items=sale["items"],
        currency=pos.store.account.site.currency,
        total_amount=total,
        taxes=taxes_of(pos.store, total),
        marketplace_fee=fee_of(pos.store.account, total),
        loyalty=points,
        loyalty_transaction_id=points["transaction_id"] if points else None,
        reference=sale.get("reference", ""),
        title=sale.get("title", ""),
        description=sale.get("description", ""),
        expires_at=timezone.now() + timedelta(seconds=sale.get("expires_in") or pos.order_lifetime),
        idempotency_key=idempotency_key,
        fingerprint=fingerprint,
    )
    Transition.objects.create(order=order, to_status=Status.OPEN, reason="reported by the controller", actor=actor)
    # The sale has ended: `in_process` said before it must not keep the next customer waiting.
    report(pos, ControllerStatus.IDLE)
    announce(order, "order.created")
    with following(**order.in_logs):
        logger.info("order %s: %s %s at %s, by %s", order, order.total_amount, order.currency, pos.external_id, actor)
    return order


def _end(order: Order, status: Status, *, reason: str, actor: str) -> None:
    """Cancel or expire a locked order."""
    if order.merchant_orders.exclude(objection="").exists():
        text = _("Mercado Pago reports something about this order that is not understood; a person must look first.")
        raise Refused("not-understood", text)
    money = money_of(order)
    if money.approved:
        raise Refused("partially-paid", _("The customer has paid a part of this order; refund that first."))
    if money.is_undecided:
        raise Refused("payment-in-process", _("A payment of this order is being processed; wait for its outcome."))
    move(order, status, reason=reason, actor=actor)
    announce_status(order)


@transaction.atomic
def _mark_not_understood(order_id: int) -> None:
    order = Order.objects.locked().get(pk=order_id)
    if order.attention != Attention.NOT_UNDERSTOOD and still(order, Attention.NOT_UNDERSTOOD):
        order.attention = Attention.NOT_UNDERSTOOD
        order.next_check_at = order.next_check_at or timezone.now() + _ONCE_MORE
        order.save(update_fields=["attention", "next_check_at"])
        announce(order, "order.updated")
