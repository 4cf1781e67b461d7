"""What the layers above services hear of."""

from django.dispatch import Signal

hook_told = Signal()
"""Sent with `hook_id`, inside the transaction that writes a delivery for it. It only wakes; a sweep backs it up."""
