"""Making, cancelling, expiring and following orders. Mercado Pago is asked first, outside of any transaction."""

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
from orders.models import Order, Transition
from orders.settlement import move, schedule_check, settle
from orders.states import Attention, Status
from pos.models import ControllerStatus, PointOfSale
from stores.models import Account
from stores.services import connect

logger = logging.getLogger(__name__)

FIRST_CHECK = timedelta(seconds=30)  # "after 30 s without notification, search" (protocol.md §5)
_POSTPONED = timedelta(minutes=1)
_ATTEMPTS = 5


class Refused(Exception):
    """What was asked cannot be done as things stand. `kind` is for programs, the text for people."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


def fingerprint(body: Any) -> str:
    """What tells whether two requests asked for the same thing."""
    return hashlib.sha256(simplejson.dumps(body, sort_keys=True, use_decimal=True).encode()).hexdigest()


def create(
    pos: PointOfSale, sale: Mapping[str, Any], *, idempotency_key: str, fingerprint: str, actor: str
) -> tuple[Order, bool]:
    """The order of this sale, and whether it is new. `sale` is validated: see `SaleSerializer`."""
    for _attempt in range(_ATTEMPTS):
        # Before the key is looked up: otherwise this same request on another thread could be taken for another order.
        open_order = Order.objects.open().with_site().filter(pos=pos).first()
        if order := _made_before(pos, idempotency_key, fingerprint):
            return order, False
        if not pos.is_in_service:
            raise Refused("out-of-service", _("This point of sale, its store or its account is switched off."))
        if open_order:
            if not sale.get("replace"):
                raise _has_open_order(open_order)
            cancel(open_order, actor=actor, reason="replaced")
        try:
            return _insert(pos, sale, idempotency_key, fingerprint, actor), True
        except IntegrityError as error:
            logger.info("%s: somebody was faster, with this same sale or another: looking again (%s)", pos, error)
    raise Refused("open-order", _("Other orders are being made here at this very moment: send this one again."))


def cancel(order: Order, *, actor: str, reason: str = "canceled") -> Order:
    """End an order that nobody paid. Money wins: with any of it there or on its way, the order stays."""
    asked = order.status == Status.OPEN and order.first_served_at is not None
    if asked:
        refresh(order, client=connect(order.account), actor=actor)
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
            if refusal.kind == "partially-paid":
                order.attention = order.attention or Attention.PARTIALLY_PAID
            order.expires_at = timezone.now() + _POSTPONED
            order.save()


def refresh(order: Order, *, client: Client, actor: str) -> Order:
    """Ask Mercado Pago where this order stands, then follow it."""
    remote = client.search_merchant_orders(external_reference=order.external_reference)  # slow: no transaction open
    return settle(order.pk, remote, actor=actor)


def check(order: Order, *, client: Client) -> None:
    """Ask although no news came, and plan the next time. A failure to ask plans it too."""
    schedule_check(order)
    refresh(order, client=client, actor="check")


def follow(account: Account, merchant_order_id: int, *, client: Client, actor: str) -> Order | None:
    """Fetch one merchant order and settle the order it belongs to. None when that is not one of this account's."""
    remote = client.get_merchant_order(merchant_order_id)
    reference = remote.external_reference.upper()
    order = Order.objects.filter(external_reference=reference, pos__account=account).first() if reference else None
    return settle(order.pk, [remote], actor=actor) if order else None


def _made_before(pos: PointOfSale, idempotency_key: str, fingerprint: str) -> Order | None:
    order = Order.objects.with_site().filter(pos=pos, idempotency_key=idempotency_key).first()
    if order and order.fingerprint != fingerprint:
        text = _("This Idempotency-Key was used for another order: take a new key for every sale.")
        raise Refused("idempotency-key-reused", text)
    return order


@transaction.atomic
def _insert(pos: PointOfSale, sale: Mapping[str, Any], idempotency_key: str, fingerprint: str, actor: str) -> Order:
    order = Order.objects.create(
        pos=pos,
        items=sale["items"],
        currency=pos.store.account.site.currency,
        total_amount=sum((Decimal(item["total_amount"]) for item in sale["items"]), Decimal(0)),
        reference=sale.get("reference", ""),
        title=sale.get("title", ""),
        description=sale.get("description", ""),
        expires_at=timezone.now() + timedelta(seconds=sale.get("expires_in") or pos.order_lifetime),
        idempotency_key=idempotency_key,
        fingerprint=fingerprint,
    )
    Transition.objects.create(order=order, to_status=Status.OPEN, reason="reported by the controller", actor=actor)
    # The sale has ended: `in_process` said before it must not keep the next customer waiting.
    pos.status, pos.status_at = ControllerStatus.IDLE, timezone.now()
    pos.save(update_fields=["status", "status_at"])
    return order


def _end(order: Order, status: Status, *, reason: str, actor: str) -> None:
    """Cancel or expire a locked order."""
    money = order.money()
    if money.approved:
        raise Refused("partially-paid", _("The customer has paid a part of this order; refund that first."))
    if money.is_undecided:
        raise Refused("payment-in-process", _("A payment of this order is being processed; wait for its outcome."))
    move(order, status, reason=reason, actor=actor)


def _has_open_order(order: Order) -> Refused:
    text = _('Order %(id)s is still open here: cancel it, or send this one with "replace": true.') % {"id": order.pk}
    return Refused("open-order", text)
