"""What happened at a point of sale, or to an order: one story told from many tables."""

from backoffice.timeline.entry import Entry, Kind
from backoffice.timeline.story import Story, of_order, of_pos

__all__ = ["Entry", "Kind", "Story", "of_order", "of_pos"]
