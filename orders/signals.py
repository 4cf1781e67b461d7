"""The edges that point upwards: who draws receipts hears of closed orders and of money that went back here."""

from django.dispatch import Signal

order_closed = Signal()
"""Sent once per order, with `order_id`, inside the transaction that closes it. It only wakes; a sweep backs it up."""

refund_proposed = Signal()
"""Sent with `request_id` inside the transaction in which a person asks for what a second one must agree to."""

refund_approved = Signal()
"""Sent with `request_id` inside the transaction that learns that all of a request went back. A sweep backs it up."""
