"""What is wrong with the paper: the customer has paid, and wants a receipt."""

from datetime import timedelta
from typing import Final

from django.utils.translation import gettext_lazy as _

from backoffice.diagnosis import cures
from backoffice.diagnosis.facts import Facts
from backoffice.diagnosis.rule import Rule
from backoffice.severity import Severity
from receipts.states import JobState

_DRAWING: Final = timedelta(minutes=1)  # a sweep looks every half minute


def _is_missing(facts: Facts) -> bool:
    closed = facts.order.closed_at if facts.order else None
    if closed is None or facts.now - closed < _DRAWING:
        return False
    return facts.receipt is None or facts.receipt.drawn_at is None


PAPER: Final = (
    Rule(
        "receipt_missing",
        _is_missing,
        Severity.ERROR,
        _(
            "The receipt is not drawn although the order was closed at %(closed_at)s. That is a worker's task and is "
            "tried again by itself; if it stays so, tell your administrator that the workers stand still."
        ),
        (cures.see_receipt,),
    ),
    Rule(
        "print_failed",
        lambda f: f.print_job and f.print_job.state == JobState.FAILED,
        Severity.WARNING,
        _("The receipt is not on paper: %(why)s."),
        (cures.print_again,),
        lambda f: {"why": f.print_job.get_trouble_display() if f.print_job else ""},
    ),
    Rule(
        "print_doubtful",
        lambda f: f.print_job and f.print_job.state == JobState.UNKNOWN,
        Severity.WARNING,
        _("The receipt is perhaps on paper: %(why)s. Look at the printer; if it is not there, print it again."),
        (cures.print_again,),
        lambda f: {"why": f.print_job.get_trouble_display() if f.print_job else ""},
    ),
    Rule(
        "paper_out",
        lambda f: f.is_paper_out,
        Severity.WARNING,
        _("The printer %(printer)s is out of paper. Put in a new roll: what waits is printed by itself."),
        (cures.see_printer,),
        lambda f: {"printer": f.printer},
    ),
    Rule(
        "printer_offline",
        lambda f: f.printer and not f.is_paper_out,
        Severity.WARNING,
        _("The printer %(printer)s does not print: %(why)s. Receipts wait for it; the customer's phone has one too."),
        (cures.see_printer,),
        lambda f: {"printer": f.printer, "why": f.printer.get_trouble_display() if f.printer else ""},
    ),
)
