"""What is to be printed: by itself, because a person asks, once more as a copy, or not any more."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from orders.models import Order
from receipts import services
from receipts.errors import Refused
from receipts.models import Kind, Printer, PrintJob, Receipt
from receipts.states import AUTOMATIC, JobState

_STILL_THERE = timedelta(hours=1)  # nobody waits for the paper of a sale or a refund that is older
_BATCH = 200
_PERHAPS_ON_PAPER = (JobState.QUEUED, JobState.SENDING, JobState.PRINTED, JobState.UNKNOWN)


def print_automatically(receipt: Receipt) -> list[PrintJob]:
    """The jobs of a new receipt's or slip's own printers: those of its point of sale, or else those of its store."""
    at = _happened(receipt)
    if at is None or at < timezone.now() - _STILL_THERE:
        return []
    printers = Printer.objects.of(receipt.sale.pos).filter(
        prints_automatically=True, automatic_since__lte=receipt.issued_at
    )
    own = [printer for printer in printers if printer.pos_id]
    # One original for each printer, however often this is called: a constraint holds it.
    made = [_original(receipt, printer, actor=AUTOMATIC) for printer in own or printers]
    return [job for job, is_new in made if is_new]


def receipts_left_out() -> list[Receipt]:
    """Drawn just now, with a printer that prints by itself, and without any job; a sweep's worth of them."""
    fresh = timezone.now() - _STILL_THERE
    stores = list(Printer.objects.active().filter(prints_automatically=True).values_list("store", flat=True))
    left_out = Receipt.objects.drawn().filter(store__in=stores, print_jobs=None)
    receipts = left_out.filter(order__closed_at__gt=fresh).select_related("order__pos__store")
    slips = left_out.filter(kind=Kind.REFUND, issued_at__gt=fresh).select_related("of__order__pos__store")
    return [*receipts[:_BATCH], *slips[:_BATCH]]


def print_receipt(receipt: Receipt, printer: Printer, *, actor: str) -> PrintJob:
    """A person wants it on this printer. When it is or may be on paper already, this one is a copy."""
    if not printer.is_active:
        raise Refused(_("%(printer)s is switched off.") % {"printer": printer})
    with transaction.atomic():
        # One after the other: of two persons who press the button one gets the original.
        Order.objects.select_for_update().get(pk=receipt.sale.pk)
        jobs = receipt.print_jobs.filter(copy=None)
        if waiting := jobs.filter(printer=printer, state__in=[JobState.QUEUED, JobState.SENDING]).first():
            raise Refused(_("%(job)s is being printed already.") % {"job": waiting})
        if jobs.filter(state__in=_PERHAPS_ON_PAPER).exists():
            return _copy(receipt, printer, actor)
        job, is_new = _original(receipt, printer, actor=actor)
        return job if is_new else _requeue(job, actor)


def print_test_page(printer: Printer, *, actor: str) -> PrintJob:
    return PrintJob.objects.create(printer=printer, actor=actor)


@transaction.atomic
def print_again(job: PrintJob, *, actor: str) -> PrintJob:
    """As a copy when it is or may be on paper; the same job once more when not a byte of it was sent."""
    job = _locked(job)
    if job.state in (JobState.QUEUED, JobState.SENDING):
        raise Refused(_("%(job)s is being printed already.") % {"job": job})
    if job.state in (JobState.FAILED, JobState.CANCELED):
        return _requeue(job, actor)
    _decide(job, actor)
    if job.receipt is None:
        return print_test_page(job.printer, actor=actor)
    return _copy(job.receipt, job.printer, actor)


@transaction.atomic
def cancel(job: PrintJob, *, actor: str) -> PrintJob:
    """Not to be printed any more. What is on its way to the paper cannot be called back."""
    job = _locked(job)
    if job.state != JobState.QUEUED and (job.state != JobState.SENDING or job.started_at):
        raise Refused(_("%(job)s cannot be canceled: it is %(state)s.") % _described(job))
    job.state, job.due_at, job.finished_at, job.decided_by = JobState.CANCELED, None, timezone.now(), actor
    job.save(update_fields=["state", "due_at", "finished_at", "decided_by"])
    return job


@transaction.atomic
def leave(job: PrintJob, *, actor: str, reason: str) -> None:
    """A person has looked: the paper is there, or nobody needs it."""
    job = _locked(job)
    if job.state not in (JobState.FAILED, JobState.UNKNOWN):
        raise Refused(_("There is nothing to decide about %(job)s: it is %(state)s.") % _described(job))
    _decide(job, actor, reason)


def _happened(receipt: Receipt) -> datetime | None:
    """When the customer paid, or when the last of the money went back."""
    if receipt.refund_request is None:
        return receipt.sale.closed_at
    answered: datetime | None = receipt.refund_request.refunds.aggregate(last=Max("answered_at"))["last"]
    return answered


def _original(receipt: Receipt, printer: Printer, *, actor: str) -> tuple[PrintJob, bool]:
    return PrintJob.objects.get_or_create(receipt=receipt, printer=printer, copy=None, defaults={"actor": actor})


def _copy(receipt: Receipt, printer: Printer, actor: str) -> PrintJob:
    copy = services.reprint(receipt, actor)
    return PrintJob.objects.create(receipt=receipt, printer=printer, copy=copy, actor=actor)


def _requeue(job: PrintJob, actor: str) -> PrintJob:
    now = timezone.now()
    job.state, job.due_at, job.created_at, job.actor, job.decided_by = JobState.QUEUED, now, now, actor, ""
    job.finished_at, job.started_at = None, None
    job.save()
    return job


def _decide(job: PrintJob, actor: str, reason: str = "") -> None:
    job.decided_by, job.decided_because = actor, reason[:200]
    job.save(update_fields=["decided_by", "decided_because"])


def _locked(job: PrintJob) -> PrintJob:
    return PrintJob.objects.select_for_update(of=("self",)).select_related("printer", "receipt").get(pk=job.pk)


def _described(job: PrintJob) -> dict[str, object]:
    return {"job": job, "state": job.get_state_display()}
