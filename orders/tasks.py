"""Asking Mercado Pago when no news comes. Rows hold the schedule; a failed task is tried again by the next sweep."""

import logging
from datetime import timedelta

from celery import shared_task
from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from gateway.errors import GatewayError, NotAsked
from orders import audit, loyalty, reconciliation, refunds, services, shadow, spells
from orders.models import Difference, Order, Refund
from stores import breaker
from stores.models import Account
from stores.services import connect
from stores.tracing import following

logger = logging.getLogger(__name__)
BATCH = 500


@shared_task
def sweep() -> None:
    """Wake a check for every order that is due for one."""
    for order_id in reconciliation.lease(Order.objects.due_for_a_check(timezone.now()), limit=BATCH):
        check_order.delay(order_id)


@shared_task
def check_order(order_id: int) -> None:
    order = Order.objects.with_site().get(pk=order_id)
    with following(**order.in_logs):
        try:
            reconciliation.check(order, client=connect(order.account, about=order))
        except GatewayError as error:
            _say(error, "order %s could not be checked: %s", order)


@shared_task
def expire_due() -> None:
    """Wake the expiry of every order whose time is over."""
    due, served = Order.objects.due_to_expire(timezone.now()), Q(first_served_at__isnull=False)
    for order_id in breaker.askable(due, account="pos__account", limit=BATCH, asked=served):
        # Stale when the next sweep wakes it again: while Mercado Pago is down the queue must not grow.
        expire_order.apply_async((order_id,), expires=10)


@shared_task
def expire_order(order_id: int) -> None:
    order = Order.objects.with_site().get(pk=order_id)
    with following(**order.in_logs):
        try:
            services.expire(order, client=connect(order.account, about=order))
        except GatewayError as error:
            _say(error, "order %s stays open, Mercado Pago could not be asked: %s", order)


@shared_task
def sweep_refunds() -> None:
    """Wake every refund that is due: asked for by the rules, or not answered yet."""
    due = Refund.objects.due(timezone.now())
    for refund_id in breaker.askable(due, account="request__order__pos__account", limit=BATCH):
        send_refund.apply_async((refund_id,), expires=10)


@shared_task
def send_refund(refund_id: int) -> None:
    refund = Refund.objects.select_related("payment", "request__order__pos__store__account").get(pk=refund_id)
    order = refund.request.order
    with following(**order.in_logs):
        refunds.send_one(refund, client=connect(order.account, about=order))


@shared_task
def catch_up() -> None:
    """Wake a look at all that changed, for every account."""
    for account_id in Account.objects.filter(is_active=True).values_list("pk", flat=True):
        catch_up_account.apply_async((account_id,), expires=60)


@shared_task
def catch_up_account(account_id: int) -> None:
    account = Account.objects.get(pk=account_id)
    with following(account=str(account.user_id)):
        try:
            reconciliation.catch_up(account, client=connect(account))
        except GatewayError as error:
            _say(error, "account %s could not be caught up with: %s", account)


@shared_task
def audit_days() -> None:
    """Compare every business day that is over and was not compared yet; what fails is due again with the next beat."""
    for day in audit.due(timezone.now()):
        try:
            audit.compare(day, client=connect(day.account))
        except GatewayError as error:
            _say(error, "account %s: %s could not be compared: %s", day.account, day.date)


@shared_task
def sweep_loyalty() -> None:
    """Wake a look at the points of every order that is due for one."""
    for order_id in loyalty.lease(Order.objects.due_for_points(timezone.now()), limit=BATCH):
        ask_loyalty.delay(order_id)


@shared_task
def ask_loyalty(order_id: int) -> None:
    order = Order.objects.with_site().get(pk=order_id)
    with following(**order.in_logs):
        try:
            loyalty.ask(order, client=connect(order.account, about=order))
        except GatewayError as error:
            _say(error, "order %s: its points could not be asked for: %s", order)


@shared_task
def purge_shadows() -> None:
    """Forget old shadow answers: a batch, and the next one as long as there is something left."""
    if shadow.purge(older_than=timedelta(days=settings.SHADOW_RETENTION_DAYS), batch=BATCH) == BATCH:
        purge_shadows.delay()


@shared_task
def check_difference(difference_id: int) -> None:
    """Wanted by a person, who sees the case stay when this fails."""
    difference = Difference.objects.select_related("audit__store__account", "order").get(pk=difference_id)
    try:
        audit.check_again(difference, client=connect(difference.audit.store.account))
    except GatewayError as error:
        logger.warning("difference %s could not be compared again: %s", difference_id, error)


@shared_task
def purge_spells() -> None:
    """Forget what Mercado Pago asked long ago: a batch, and the next one as long as there is something left."""
    if spells.purge(older_than=timedelta(days=settings.TIMELINE_RETENTION_DAYS), batch=BATCH) == BATCH:
        purge_spells.delay()


def _say(error: GatewayError, what: str, *about: object) -> None:
    """That an account is left alone was said once; what waits for it is not news."""
    logger.log(logging.DEBUG if isinstance(error, NotAsked) else logging.WARNING, what, *about, error)
