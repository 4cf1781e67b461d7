"""The words for printers and print jobs."""

from typing import Final

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class PrinterKind(TextChoices):
    """How a printer is reached."""

    NETWORK = "network", _("network: this server sends to it")
    AGENT = "agent", _("agent: a program at the station fetches from here")


class PrinterState(TextChoices):
    """How a printer is, as far as it or its agent tells."""

    UNKNOWN = "unknown", _("not known yet")
    READY = "ready", _("ready")
    PAPER_OUT = "paper_out", _("out of paper")
    OFFLINE = "offline", _("offline")


IN_TROUBLE = (PrinterState.PAPER_OUT, PrinterState.OFFLINE)


AUTOMATIC: Final = "automatic"  # who asked for a job that nobody asked for


class JobState(TextChoices):
    """Where a print job stands."""

    QUEUED = "queued", _("waiting")
    SENDING = "sending", _("being printed")
    PRINTED = "printed", _("printed")
    FAILED = "failed", _("not printed")
    UNKNOWN = "unknown", _("perhaps printed")
    CANCELED = "canceled", _("canceled")


class Trouble(TextChoices):
    """Why something is not on paper."""

    UNREACHABLE = "unreachable", _("the printer cannot be reached")
    SILENT = "silent", _("the printer does not say how it is")
    OFFLINE = "offline", _("the printer is switched to offline")
    PAPER_OUT = "paper_out", _("the printer is out of paper")
    COVER_OPEN = "cover_open", _("the printer's cover is open")
    ERROR = "error", _("the printer reports an error")
    BROKE_OFF = "broke_off", _("the connection broke off while it printed")
    NOT_CONFIRMED = "not_confirmed", _("the printer did not confirm that it took all of it")
    LOST = "lost", _("who printed it was interrupted")
    AGENT_SILENT = "agent_silent", _("the agent at the station says nothing")
    TOO_LATE = "too_late", _("it could not be printed for a whole day")
    NO_DOCUMENT = "no_document", _("the receipt could not be drawn for this printer")


STATE_OF: dict[Trouble, PrinterState] = {
    Trouble.PAPER_OUT: PrinterState.PAPER_OUT,
    Trouble.UNREACHABLE: PrinterState.OFFLINE,
    Trouble.SILENT: PrinterState.OFFLINE,
    Trouble.OFFLINE: PrinterState.OFFLINE,
    Trouble.COVER_OPEN: PrinterState.OFFLINE,
    Trouble.ERROR: PrinterState.OFFLINE,
    Trouble.AGENT_SILENT: PrinterState.OFFLINE,
    Trouble.BROKE_OFF: PrinterState.OFFLINE,
}
