"""What controllers are told of their orders, by webhook: written in the transaction of the change itself."""

from typing import Any

from orders.models import Order, RefundRequest
from orders.serializers import OrderSerializer, RefundRequestSerializer
from pos import hooks

Facts = tuple[Any, ...]


def facts(order: Order) -> Facts:
    """What news is about."""
    return order.status, order.payment_status, order.paid_amount, order.refunded_amount, order.attention


def announce(order: Order, event: str) -> None:
    """Tell of an order as it is now. Its transaction is open."""
    hooks.tell(order.pos, event, lambda: {"order": OrderSerializer(order).data})


def announce_status(order: Order) -> None:
    announce(order, f"order.{order.status}")


def announce_changes(order: Order, before: Facts) -> None:
    """Tell what became of an order that was so before; nothing when nothing did."""
    if order.status != before[0]:
        announce_status(order)
    elif facts(order) != before:
        announce(order, "order.updated")


def announce_refund(order: Order, request: RefundRequest) -> None:
    """Tell that a refund was asked for, was made, or was refused."""
    hooks.tell(
        order.pos,
        "refund.updated",
        lambda: {"order": OrderSerializer(order).data, "refund": RefundRequestSerializer(request).data},
    )
