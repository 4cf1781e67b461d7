"""The one edge that points upwards: who draws receipts hears of a closed order here."""

from django.dispatch import Signal

order_closed = Signal()
"""Sent once per order, with `order_id`, inside the transaction that closes it. It only wakes; a sweep backs it up."""
