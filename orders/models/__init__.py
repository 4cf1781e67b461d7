"""Orders, merchant orders, payments, refunds."""

from orders.models.order import Order, OrderQuerySet, Transition, make_reference, money_field
from orders.models.payment import MerchantOrder, Payment, money_of
from orders.models.refund import Refund, RefundQuerySet, RefundRequest

__all__ = [
    "MerchantOrder",
    "Order",
    "OrderQuerySet",
    "Payment",
    "Refund",
    "RefundQuerySet",
    "RefundRequest",
    "Transition",
    "make_reference",
    "money_field",
    "money_of",
]
