"""What waits for a person, what people decided; alarms; closed days; what Mercado Pago settled; second factors."""

from backoffice.models.alarm import Alarm, AlarmKind, AlarmQuerySet, Heartbeat
from backoffice.models.case import Case, CaseQuerySet, Look
from backoffice.models.closing import Closing, ClosingLine, ClosingQuerySet, LineKind, PumpTotal, Reopening, Shift
from backoffice.models.decision import Decision, Outcome
from backoffice.models.recipient import AlarmEvent, AlarmMessage, AlarmRecipient
from backoffice.models.second_factor import SecondFactor
from backoffice.models.settlement import Fate, Report, RowKind, SettlementPiece, SettlementRow, SettlementRun

__all__ = [
    "Alarm",
    "AlarmEvent",
    "AlarmKind",
    "AlarmMessage",
    "AlarmQuerySet",
    "AlarmRecipient",
    "Case",
    "CaseQuerySet",
    "Closing",
    "ClosingLine",
    "ClosingQuerySet",
    "Decision",
    "Fate",
    "Heartbeat",
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
