"""What waits for a person, what people decided; closed days and shifts; what Mercado Pago settled; second factors."""

from backoffice.models.case import Case, CaseQuerySet, Look
from backoffice.models.closing import Closing, ClosingLine, ClosingQuerySet, LineKind, PumpTotal, Reopening, Shift
from backoffice.models.decision import Decision, Outcome
from backoffice.models.second_factor import SecondFactor
from backoffice.models.settlement import Fate, Report, RowKind, SettlementPiece, SettlementRow, SettlementRun

__all__ = [
    "Case",
    "CaseQuerySet",
    "Closing",
    "ClosingLine",
    "ClosingQuerySet",
    "Decision",
    "Fate",
    "LineKind",
    "Look",
    "Outcome",
    "PumpTotal",
    "Reopening",
    "Report",
    "RowKind",
    "SecondFactor",
    "SettlementPiece",
    "SettlementRow",
    "SettlementRun",
    "Shift",
]
