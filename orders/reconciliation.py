"""Asking Mercado Pago although no news came: each order that may have news, and each account for what changed there."""

import logging
from datetime import datetime, timedelta

from django.utils import timezone

from gateway.client import Client
from gateway.errors import GatewayError, NotAsked, PermanentError
from gateway.remote import RemoteMerchantOrder
from orders import services
from orders.models import MerchantOrder, Order, OrderQuerySet
from orders.states import Status
from stores import breaker
from stores.models import Account

logger = logging.getLogger(__name__)

SEARCHABLE = timedelta(days=90)  # what a search covers (protocol.md §5)
_OVERLAP = timedelta(minutes=10)  # clocks differ, and what is changed may be found a little later only


def check(order: Order, *, client: Client) -> None:
    """Ask where one order stands, and plan the next time. A failure to ask plans it too; NotAsked counts as no time."""
    _schedule(order)
    try:
        services.refresh(order, client=client, actor="check")
    except NotAsked as error:
        soon = timezone.now() + timedelta(seconds=error.retry_after)
        unsettled = Order.objects.filter(pk=order.pk).exclude(status=Status.CLOSED)
        unsettled.update(next_check_at=soon, checks=order.checks)
        raise
    except GatewayError as error:
        if error.retry_after:
            later = timezone.now() + timedelta(seconds=error.retry_after)
            Order.objects.filter(pk=order.pk, next_check_at__lt=later).update(next_check_at=later)
        raise


def lease(due: OrderQuerySet, *, limit: int) -> list[int]:
    """Take due orders for a minute, so that the next sweep does not wake them again while they wait in the queue."""
    order_ids = breaker.askable(due, account="pos__account", limit=limit)
    Order.objects.filter(pk__in=order_ids).update(next_check_at=timezone.now() + timedelta(minutes=1))
    return order_ids


def catch_up(account: Account, *, client: Client) -> int:
    """Follow all that changed at Mercado Pago since the last time, also of orders that are over; how many were news.

    What cannot be followed now leaves the mark where it was: the next time begins there again.
    """
    now = timezone.now()
    last = min(account.swept_until or account.created_at, now)  # later than now: the clock was put back since
    since = max(last - _OVERLAP, now - SEARCHABLE)
    changed, not_understood = client.merchant_orders_between("last_updated", since, now)
    for error in not_understood:
        logger.error("account %s: %s", account, error)
    news = _unseen(account, changed)
    for remote in news:
        try:
            services.take(account, remote, client=client, actor="sweep")
        except PermanentError as error:  # one that cannot be followed must not keep all others waiting
            logger.error("account %s: merchant order %s: %s", account, remote.id, error)
    Account.objects.filter(pk=account.pk).update(swept_until=now)
    return len(news)


def _unseen(account: Account, changed: list[RemoteMerchantOrder]) -> list[RemoteMerchantOrder]:
    ids = [remote.id for remote in changed]
    seen: dict[int, datetime | None] = dict(
        MerchantOrder.objects.filter(account=account, remote_id__in=ids).values_list("remote_id", "updated_at")
    )
    return [r for r in changed if r.id not in seen or r.updated_at is None or r.updated_at != seen[r.id]]


def _schedule(order: Order) -> None:
    """When to ask again although nothing was heard: soon at first, then ever less, for a day."""
    now = timezone.now()
    ceiling = 60 if order.status == Status.OPEN else 3600
    delay = timedelta(seconds=min(5 * 1.5 ** min(order.checks, 20), ceiling))
    is_over = now > (order.closed_at or order.expires_at) + timedelta(days=1)
    # One that was closed meanwhile is settled; one that was closed before is asked about for a reason.
    Order.objects.filter(pk=order.pk, status=order.status).update(
        next_check_at=None if is_over else now + delay, checks=order.checks + 1
    )
