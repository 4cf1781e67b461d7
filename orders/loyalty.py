"""Points for a sale: where they can be earned, and what became of them. Nothing here touches an order's money."""

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from django.utils import timezone
from django.utils.translation import gettext as _

from gateway.client import Client
from gateway.dialects import Dialect
from gateway.errors import GatewayError, NotAsked, NotFound
from gateway.loyalty import RemoteLoyalty
from orders.errors import Refused
from orders.models import Order, OrderQuerySet
from orders.states import ARRIVED, LoyaltyStatus
from pos.models import PointOfSale
from stores import breaker

logger = logging.getLogger(__name__)

PATIENCE: Final = timedelta(days=3)
REGISTRY_PATIENCE: Final = timedelta(hours=1)  # the program's registry may be later than the payment
_SHORTEST, _LONGEST = timedelta(seconds=30), timedelta(hours=6)
# A failure is none yet: Mercado Pago goes on trying by itself (its guide of 2018).
_UNDECIDED = ("pending", "failure")


def check(pos: PointOfSale, block: Mapping[str, Any]) -> None:
    """Refuse a block that could not be served here, or that earned points before."""
    if not pos.store.account.site.has_loyalty:
        raise Refused("loyalty", _("Loyalty programs exist in Argentina only: leave this field out."), field="loyalty")
    if pos.wire_dialect is not Dialect.V1:
        text = _("This point of sale speaks dialect v2, which has no loyalty programs: leave this field out.")
        raise Refused("loyalty", text, field="loyalty")
    if Order.objects.filter(loyalty_transaction_id=block["transaction_id"]).exists():
        text = _("Another order has this number: join store_id, pump side and the sale's number, new for every sale.")
        raise Refused("loyalty", text, field="loyalty.transaction_id")


def lease(due: OrderQuerySet, *, limit: int) -> list[int]:
    """Take due orders for a minute, so that the next sweep does not wake them again while they wait in the queue."""
    order_ids = breaker.askable(due, account="pos__account", limit=limit)
    Order.objects.filter(pk__in=order_ids).update(loyalty_due_at=timezone.now() + timedelta(minutes=1))
    return order_ids


def ask(order: Order, *, client: Client) -> None:
    """Ask what became of a closed order's points, and plan the next time; a failure to ask plans it too."""
    try:
        remote = _ask(order, client)  # slow: no transaction open
    except NotFound:
        _take_unknown(order)
    except NotAsked as error:
        _keep(order, due_at=timezone.now() + timedelta(seconds=error.retry_after))
        raise
    except GatewayError as error:
        _keep(order, due_at=_next(order, at_least=error.retry_after))
        raise
    else:
        due_at = _next(order) if remote.status in _UNDECIDED else None
        _keep(order, due_at=due_at, loyalty_status=LoyaltyStatus(remote.status), loyalty_points=remote.points)


def _ask(order: Order, client: Client) -> RemoteLoyalty:
    """By the merchant order that was paid. Where there are several, only one that was offered whole has points."""
    paid = order.merchant_orders.filter(objection="", payments__status__in=ARRIVED).distinct()
    unknown = NotFound("no merchant order of this order is known yet")
    for merchant_order in sorted(paid, key=lambda m: (m.status != "closed", m.remote_id)):
        try:
            return client.get_loyalty(merchant_order.remote_id)
        except NotFound as error:
            unknown = error
    raise unknown


def _take_unknown(order: Order) -> None:
    if _age(order) < REGISTRY_PATIENCE:
        _keep(order, due_at=_next(order))
    else:
        _keep(order, due_at=None, loyalty_status=LoyaltyStatus.NOT_FOUND)


def _keep(order: Order, *, due_at: datetime | None, **values: Any) -> None:
    """Only while it is waited for: an answer that comes late does not undo a newer, last one."""
    Order.objects.filter(pk=order.pk, loyalty_due_at__isnull=False).update(loyalty_due_at=due_at, **values)
    if due_at is None:
        logger.info(
            "order %s: points are not asked for any more (%s)", order, values.get("loyalty_status", "no answer")
        )


def _next(order: Order, *, at_least: int = 0) -> datetime | None:
    """After half of the time that it took so far; None when that is too long."""
    age = _age(order)
    pause = max(min(max(age / 2, _SHORTEST), _LONGEST), timedelta(seconds=at_least))
    return None if age >= PATIENCE else timezone.now() + pause


def _age(order: Order) -> timedelta:
    return timezone.now() - (order.closed_at or timezone.now())
