"""Asking Mercado Pago when no news comes. Rows hold the schedule; a failed task is tried again by the next sweep."""

import logging

from celery import shared_task
from django.utils import timezone

from gateway.errors import GatewayError
from orders import refunds, services
from orders.models import Order, Refund
from orders.settlement import lease
from stores.services import connect

logger = logging.getLogger(__name__)
BATCH = 500


@shared_task
def sweep() -> None:
    """Wake a check for every order that is due for one."""
    for order_id in lease(Order.objects.due_for_a_check(timezone.now()), limit=BATCH):
        check_order.delay(order_id)


@shared_task
def check_order(order_id: int) -> None:
    order = Order.objects.with_site().get(pk=order_id)
    try:
        services.check(order, client=connect(order.account))
    except GatewayError as error:
        logger.warning("order %s could not be checked: %s", order, error)


@shared_task
def expire_due() -> None:
    """Wake the expiry of every order whose time is over."""
    for order_id in Order.objects.due_to_expire(timezone.now()).values_list("pk", flat=True)[:BATCH]:
        # Stale when the next sweep wakes it again: while Mercado Pago is down the queue must not grow.
        expire_order.apply_async((order_id,), expires=10)


@shared_task
def expire_order(order_id: int) -> None:
    order = Order.objects.with_site().get(pk=order_id)
    try:
        services.expire(order, client=connect(order.account))
    except GatewayError as error:
        logger.warning("order %s stays open, Mercado Pago could not be asked: %s", order, error)


@shared_task
def sweep_refunds() -> None:
    """Wake every refund that is due: asked for by the rules, or not answered yet."""
    for refund_id in Refund.objects.due(timezone.now()).values_list("pk", flat=True)[:BATCH]:
        send_refund.apply_async((refund_id,), expires=10)


@shared_task
def send_refund(refund_id: int) -> None:
    refund = Refund.objects.select_related("payment", "request__order__pos__store__account").get(pk=refund_id)
    refunds.send_one(refund, client=connect(refund.request.order.account))
