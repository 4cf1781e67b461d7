"""On a queue of their own (`receipts`): drawing never delays what an order's status waits for."""

from datetime import timedelta

from celery import shared_task

from orders.models import Order, RefundRequest
from receipts import services


@shared_task
def issue_receipt(order_id: int) -> None:
    order = Order.objects.with_site().select_related("pos__store__logo").get(pk=order_id)
    services.draw(services.issue(order))


@shared_task
def issue_slip(request_id: int) -> None:
    request = RefundRequest.objects.select_related(
        "order__receipt", "order__pos__store__account", "order__pos__store__logo"
    ).get(pk=request_id)
    if hasattr(request.order, "receipt"):  # else there is nothing to refer to; the sweep finds it when there is
        services.draw(services.issue_slip(request))


@shared_task
def sweep() -> None:
    """Wake the receipts and slips nobody was woken for. Looks back an hour, because it looks often."""
    _wake(timedelta(hours=1))


@shared_task
def sweep_everything() -> None:
    """The same after a long outage."""
    _wake(timedelta(days=365))


def _wake(within: timedelta) -> None:
    for order_id in services.orders_without(closed_within=within):
        issue_receipt.delay(order_id)
    for request_id in services.requests_without(approved_within=within):
        issue_slip.delay(request_id)
