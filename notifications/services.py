"""A delivery is stored, then worked on: its body is a hint, the resource is fetched with our own token."""

import logging
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl

from django.utils import timezone
from django.utils.translation import gettext as _

from gateway import notices, signatures
from gateway.client import Client
from gateway.errors import GatewayError, NotAsked, NotFound
from notifications import inbox
from notifications.models import Notification, NotificationQuerySet, Outcome
from orders import services as orders
from orders.errors import Refused
from orders.models import Order
from stores import breaker, metrics, rows
from stores.setting_aside import UNMARKED, marked
from stores.tracing import following

logger = logging.getLogger(__name__)

_WAKE_UP_MARGIN = timedelta(seconds=10)  # the sweep leaves a fresh delivery to the worker that was woken for it
_GIVE_UP_AFTER = timedelta(days=1)
_SECRET_HEADERS = {"authorization", "cookie", "proxy-authorization"}


def receive(token: str, *, headers: Mapping[str, str], query: str, body: bytes) -> int | None:
    """Store a delivery as it came; the number of its row. None when no account has this token."""
    addressee = inbox.find(token)
    if addressee is None:
        return None
    parameters = dict(parse_qsl(query))
    notice = notices.parse(parameters, body)
    now = timezone.now()
    return inbox.keep(
        addressee,
        headers={name: value for name, value in headers.items() if name.lower() not in _SECRET_HEADERS},
        query=query,
        body=body,
        verdict=_verdict(addressee, headers, parameters).value,
        topic=notice.topic,
        resource_id=notice.resource_id,
        now=now,
        next_attempt_at=now + _WAKE_UP_MARGIN,
    )


def process(notification: Notification, *, client: Client) -> None:
    """Work on a delivery. Working on it twice does no harm; what fails is due again later.

    Raises NotAsked when Mercado Pago is left alone: that was no attempt, and it is due again soon.
    """
    notification.attempts += 1
    notification.error = ""
    pause = timedelta(seconds=min(2 * 2**notification.attempts, 3600))
    try:
        notification.outcome, notification.order = _work(notification, client)
    except NotFound as error:
        notification.outcome, notification.error = Outcome.UNMATCHED, str(error)
    except NotAsked as error:
        _put_off(notification, error)
        raise
    except GatewayError as error:
        notification.outcome, notification.error = Outcome.FAILED, str(error)
        pause = max(pause, timedelta(seconds=error.retry_after))
        logger.warning("notification %s: %s", notification.pk, error)
    now = timezone.now()
    notification.processed_at = now
    notification.next_attempt_at = None
    if notification.outcome in (Outcome.UNMATCHED, Outcome.FAILED) and now - notification.received_at < _GIVE_UP_AFTER:
        notification.next_attempt_at = now + pause
    rows.update(notification, ("attempts", "outcome", "order", "error", "processed_at", "next_attempt_at"))
    lag = (now - notification.received_at).total_seconds()
    metrics.notification_lag.labels(notification.outcome).observe(max(lag, 0))
    with following(**notification.order.in_logs if notification.order else {}):
        logger.info("notification %s: %s after %.1f s", notification.pk, notification.outcome, lag)


def replay(chosen: NotificationQuerySet) -> int:
    """Work on deliveries once more, whatever came of them; the sweep wakes a worker. How many."""
    return chosen.update(next_attempt_at=timezone.now(), **UNMARKED)


def set_aside(notification: Notification, *, actor: str, reason: str) -> None:
    """A person has looked: nothing is to be done about this delivery. A replay takes that back."""
    waits = Notification.objects.left_to_people().filter(pk=notification.pk)
    if not waits.update(**marked(actor=actor, reason=reason)):
        raise Refused("decided", _("Nothing is to be decided about this delivery any more."))


def rehearse(notification: Notification, *, client: Client) -> dict[str, tuple[Any, Any]] | str:
    """What a replay would change, or why it would change nothing. Keeps nothing."""
    try:
        merchant_order_id = _about(notification, client)
        if not isinstance(merchant_order_id, int):
            return str(merchant_order_id.label)
        changes = orders.preview(notification.account, merchant_order_id, client=client)
    except NotAsked:
        raise
    except GatewayError as error:
        return str(error)
    return changes or str(_("nothing"))


def purge(*, older_than: timedelta, batch: int) -> int:
    """Delete the oldest deliveries that nothing is left to do for; how many."""
    over = Notification.objects.filter(received_at__lt=timezone.now() - older_than, next_attempt_at=None)
    deleted, _rows = Notification.objects.filter(pk__in=over.order_by("pk").values_list("pk")[:batch]).delete()
    return deleted


def lease(due: NotificationQuerySet, *, limit: int) -> list[int]:
    """Take due deliveries for a minute, so that the next sweep does not wake them again while they queue."""
    notification_ids = breaker.askable(due, account="account", limit=limit)
    Notification.objects.filter(pk__in=notification_ids).update(next_attempt_at=timezone.now() + timedelta(minutes=1))
    return notification_ids


def _put_off(notification: Notification, error: NotAsked) -> None:
    notification.error = str(error)
    notification.next_attempt_at = timezone.now() + timedelta(seconds=error.retry_after)
    rows.update(notification, ("error", "next_attempt_at"))


def _verdict(
    addressee: inbox.Addressee, headers: Mapping[str, str], parameters: Mapping[str, str]
) -> signatures.Verdict:
    header = headers.get("X-Signature", "")
    return signatures.verify(
        header=header,
        request_id=headers.get("X-Request-Id", ""),
        data_id=parameters.get("data.id", ""),
        secret=addressee.webhook_secret if header else "",
    )


def _work(notification: Notification, client: Client) -> tuple[Outcome, Order | None]:
    about = _about(notification, client)
    if not isinstance(about, int):
        return about, None
    order = orders.follow(notification.account, about, client=client, actor=f"notification {notification.pk}")
    return (Outcome.PROCESSED, order) if order else (Outcome.UNMATCHED, None)


def _about(notification: Notification, client: Client) -> int | Outcome:
    """The merchant order it leads to; otherwise what comes of it."""
    account = notification.account
    if account.refuse_invalid_signatures and notification.verdict != signatures.Verdict.VALID:
        return Outcome.REFUSED
    if notification.topic not in (notices.MERCHANT_ORDER, notices.PAYMENT):
        return Outcome.IGNORED if notification.topic else Outcome.UNREADABLE
    if notification.resource_id is None:
        return Outcome.UNREADABLE
    if notification.topic == notices.MERCHANT_ORDER:
        return notification.resource_id
    return client.get_payment(notification.resource_id).merchant_order_id or Outcome.UNMATCHED
