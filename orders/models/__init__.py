"""Orders, merchant orders, payments, refunds."""

from orders.models.append_only import AppendOnly
from orders.models.audit import Audit, Difference, DifferenceKind
from orders.models.order import Order, OrderQuerySet, Transition, make_reference, money_field
from orders.models.payment import MerchantOrder, Payment, money_of
from orders.models.poll import Heard, PollSpell
from orders.models.refund import WHO_DECIDED, Refund, RefundQuerySet, RefundRequest
from orders.models.shadow import ShadowAnswer
from orders.models.trail import MoneyEntry, MoneyEvent

__all__ = [
    "WHO_DECIDED",
    "AppendOnly",
    "Audit",
    "Difference",
    "DifferenceKind",
    "Heard",
    "MerchantOrder",
    "MoneyEntry",
    "MoneyEvent",
    "Order",
    "OrderQuerySet",
    "Payment",
    "PollSpell",
    "Refund",
    "RefundQuerySet",
    "RefundRequest",
    "ShadowAnswer",
    "Transition",
    "make_reference",
    "money_field",
    "money_of",
]
