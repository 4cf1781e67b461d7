"""Receipts, and what was printed and sent of them."""

from collections.abc import Iterator
from typing import Final

from django.utils.translation import gettext_lazy as _

from backoffice.severity import Severity
from backoffice.timeline.entry import LIMIT, Entry, Kind, Scope
from orders.words import who
from receipts.models import Copy, PrintJob, Receipt, ReceiptMail
from receipts.states import JobState

_PRINTS: Final = {
    JobState.QUEUED: _("%(what)s waits to be printed"),
    JobState.SENDING: _("%(what)s is being printed"),
    JobState.PRINTED: _("%(what)s was printed"),
    JobState.FAILED: _("%(what)s was not printed"),
    JobState.UNKNOWN: _("%(what)s was perhaps printed: somebody must look at the paper"),
    JobState.CANCELED: _("%(what)s: printing was canceled"),
}
_SEVERITIES: Final = {
    JobState.PRINTED: Severity.GOOD,
    JobState.FAILED: Severity.ERROR,
    JobState.UNKNOWN: Severity.WARNING,
}


def paper(scope: Scope) -> Iterator[Entry]:
    """Of receipts, and of the slips of their refunds: asked for one after the other, since each has its index."""
    of_sales = list(Receipt.objects.defer("content").filter(order__in=scope.orders))
    found = [*of_sales, *Receipt.objects.defer("content").filter(of__in=of_sales)]
    for source in (_receipts, _prints, _copies, _mails):
        yield from source(found)


def _receipts(receipts: list[Receipt]) -> Iterator[Entry]:
    for receipt in receipts:
        title = _("Receipt %(number)s is made") if receipt.order_id else _("Refund slip %(number)s is made")
        detail = "" if receipt.drawn_at else _("It is not drawn yet.")
        yield Entry(
            at=receipt.issued_at,
            kind=Kind.PAPER,
            title=title % {"number": receipt.number},
            detail=detail,
            severity=Severity.INFO if receipt.drawn_at else Severity.WARNING,
            row=receipt,
        )


def _prints(receipts: list[Receipt]) -> Iterator[Entry]:
    jobs = PrintJob.objects.filter(receipt__in=receipts).select_related("printer", "receipt")
    for job in jobs.order_by("-pk")[:LIMIT]:
        state = JobState(job.state)
        yield Entry(
            at=job.finished_at or job.started_at or job.created_at,
            kind=Kind.PAPER,
            title=_PRINTS[state] % {"what": job},
            detail=": ".join(str(part) for part in (job.trouble and job.get_trouble_display(), job.detail) if part),
            severity=_SEVERITIES.get(state, Severity.INFO),
            who=who(job.decided_by or job.actor),
            row=job,
        )


def _copies(receipts: list[Receipt]) -> Iterator[Entry]:
    for copy in Copy.objects.filter(receipt__in=receipts).order_by("-pk")[:LIMIT]:
        title = _("Copy number %(number)s of the receipt was made") % {"number": copy.number}
        yield Entry(at=copy.made_at, kind=Kind.PAPER, title=title, who=who(copy.actor), row=copy)


def _mails(receipts: list[Receipt]) -> Iterator[Entry]:
    for mail in ReceiptMail.objects.filter(receipt__in=receipts).order_by("-pk")[:LIMIT]:
        sent = (
            _("The receipt was sent by e-mail") if mail.sent_at else _("The customer asked for the receipt by e-mail")
        )
        yield Entry(
            at=mail.sent_at or mail.created_at,
            kind=Kind.PAPER,
            title=sent,
            detail=mail.error,
            severity=Severity.ERROR if mail.error and not mail.due_at and not mail.sent_at else Severity.INFO,
            row=mail,
        )
