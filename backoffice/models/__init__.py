"""Closed days and shifts, and what Mercado Pago settled."""

from backoffice.models.closing import Closing, ClosingLine, ClosingQuerySet, LineKind, PumpTotal, Reopening, Shift

__all__ = ["Closing", "ClosingLine", "ClosingQuerySet", "LineKind", "PumpTotal", "Reopening", "Shift"]
