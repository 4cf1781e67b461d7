"""Closed days and shifts, and what Mercado Pago settled."""

from backoffice.models.closing import Closing, ClosingLine, ClosingQuerySet, LineKind, PumpTotal, Reopening, Shift
from backoffice.models.settlement import Fate, Report, RowKind, SettlementPiece, SettlementRow, SettlementRun

__all__ = [
    "Closing",
    "ClosingLine",
    "ClosingQuerySet",
    "Fate",
    "LineKind",
    "PumpTotal",
    "Reopening",
    "Report",
    "RowKind",
    "SettlementPiece",
    "SettlementRow",
    "SettlementRun",
    "Shift",
]
