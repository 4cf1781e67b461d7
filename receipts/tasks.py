from datetime import timedelta

from celery import shared_task

from orders.models import Order
from receipts import services


@shared_task
def issue_receipt(order_id: int) -> None:
    order = Order.objects.with_site().get(pk=order_id)
    services.draw(services.issue(order))


@shared_task
def sweep() -> None:
    """Wake the receipts nobody was woken for. Looks back an hour, because it looks often."""
    for order_id in services.orders_without(closed_within=timedelta(hours=1)):
        issue_receipt.delay(order_id)


@shared_task
def sweep_everything() -> None:
    """The same after a long outage."""
    for order_id in services.orders_without(closed_within=timedelta(days=365)):
        issue_receipt.delay(order_id)
