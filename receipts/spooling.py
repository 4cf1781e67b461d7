"""Getting print jobs onto paper, each once: a job is held, then begun, and once begun never sent again by itself."""

import logging
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from receipts import devices, services, trial
from receipts.models import Kind, Printer, PrintJob, PrintJobQuerySet
from receipts.ports import may_print_at
from receipts.states import AUTOMATIC, STATE_OF, JobState, PrinterKind, PrinterState, Trouble
from stores import metrics
from stores.tracing import following

logger = logging.getLogger(__name__)

HOLD = timedelta(minutes=1)  # longer than it takes from being held to the first byte
LEASE = timedelta(minutes=2)  # longer than it takes from there to the last
GIVE_UP_AFTER = timedelta(days=1)
AGENT_SILENT_AFTER = timedelta(minutes=2)
_FIRST_PAUSE, _LONGEST_PAUSE = 5, 60  # seconds
_SEEN_RESOLUTION = timedelta(seconds=15)
_NO_CONTACT = (Trouble.UNREACHABLE, Trouble.AGENT_SILENT)


def ask(printer: Printer) -> int:
    """An agent asks anew: what it held and did not begin is free, and who asked before is not answered any more.

    An agent that was ended, or cut off, leaves a request behind that would take the next job for nobody.
    """
    Printer.objects.filter(pk=printer.pk).update(asked=F("asked") + 1)
    held = PrintJob.objects.filter(printer=printer, state=JobState.SENDING, started_at=None)
    held.update(state=JobState.QUEUED, due_at=timezone.now())
    printer.refresh_from_db(fields=["asked"])
    return printer.asked


def claim(printer: Printer, *, asked: int | None = None) -> PrintJob | None:
    """Hold the printer's next job. One at a time: as long as one is being printed there is no next.

    `asked`: for which of its agent's requests; none but the last one gets any.
    """
    now = timezone.now()
    jobs = PrintJob.objects.filter(printer=printer)
    if not jobs.due(now).exists():
        return None
    with transaction.atomic():
        now_asked = Printer.objects.select_for_update().get(pk=printer.pk).asked
        if asked is not None and asked != now_asked:
            return None
        if jobs.filter(state=JobState.SENDING, due_at__gt=now).exists() or jobs.left_behind(now).exists():
            return None
        job: PrintJob | None = jobs.due(now).select_related("printer", "receipt__order").order_by("pk").first()
        if job:
            job.state, job.attempts, job.due_at = JobState.SENDING, job.attempts + 1, now + HOLD
            job.save(update_fields=["state", "attempts", "due_at"])
        return job


def start(job: PrintJob) -> bool:
    """Before the first byte: whether this attempt still holds the job. From here on it counts as perhaps printed."""
    now = timezone.now()
    return bool(_held(job).filter(due_at__gt=now).update(started_at=now, due_at=now + LEASE))


def finish(job: PrintJob, *, sent: int, answers: bool = True) -> bool:
    """It is on paper. Also when that is heard late, after it was given up for lost.

    `answers`: whether the printer said itself that it is well; else all is known is that it took the job.
    """
    outcome: dict[str, Any] = {"state": JobState.PRINTED, "finished_at": timezone.now(), "due_at": None, "sent": sent}
    outcome |= {"trouble": "", "detail": ""}
    if not (_held(job).update(**outcome) or _lost(job).update(**outcome)):
        return False
    _keep(job.printer, PrinterState.READY, None if answers else Trouble.SILENT)
    with following(**_in_logs(job)):
        logger.info("%s is printed", job)
    if job.receipt and job.receipt.kind == Kind.RECEIPT and job.actor == AUTOMATIC and not job.is_copy:
        metrics.took("closed_to_printed", job.receipt.sale.closed_at, outcome["finished_at"])
    return True


def postpone(job: PrintJob, trouble: Trouble, detail: str = "") -> bool:
    """Not a byte was printed: try again, with growing pauses. What waits behind it would meet the same."""
    now = timezone.now()
    due = now + timedelta(seconds=min(_FIRST_PAUSE * 2 ** min(job.attempts - 1, 10), _LONGEST_PAUSE))
    outcome: dict[str, Any] = {"state": JobState.QUEUED, "started_at": None, "finished_at": None, "due_at": due}
    outcome |= {"trouble": trouble, "detail": detail[:300]}
    if not (_held(job).update(**outcome) or _lost(job).update(**outcome)):
        return False
    if trouble in STATE_OF:
        PrintJob.objects.filter(printer=job.printer_id, state=JobState.QUEUED, due_at__lt=due).update(due_at=due)
        notice(job.printer, trouble)
    logger.warning("%s is not printed yet: %s %s", job, trouble.label, detail)
    return True


def lose(job: PrintJob, trouble: Trouble, detail: str = "", *, sent: int) -> bool:
    """Some of it was sent, and nobody knows how much is on paper: a person decides."""
    outcome: dict[str, Any] = {"state": JobState.UNKNOWN, "finished_at": timezone.now(), "due_at": None, "sent": sent}
    if not _held(job).update(**outcome, trouble=trouble, detail=detail[:300]):
        return False
    notice(job.printer, trouble)
    logger.warning("%s is perhaps printed: %s %s", job, trouble.label, detail)
    return True


def _in_logs(job: PrintJob) -> dict[str, str]:
    """Whose paper it is; nobody's, if it is a test page's."""
    return {"order": str(job.receipt.sale)} if job.receipt else {}


def _held(job: PrintJob) -> PrintJobQuerySet:
    return PrintJob.objects.filter(pk=job.pk, attempts=job.attempts, state=JobState.SENDING)


def _lost(job: PrintJob) -> PrintJobQuerySet:
    """Given up, because who printed it said nothing for too long; now it does."""
    lost = PrintJob.objects.filter(state=JobState.UNKNOWN, trouble=Trouble.LOST, decided_by="")
    return lost.filter(pk=job.pk, attempts=job.attempts)


def content_of(job: PrintJob) -> bytes:
    """The bytes for its printer."""
    printer = job.printer
    if job.receipt is None:
        return trial.page(printer)
    variant = {"columns": printer.columns, "codepage": printer.codepage}
    _name, _media_type, content = services.document(job.receipt, "escpos", copy=job.copy, **variant)
    return content


def print_on_network(job: PrintJob) -> None:
    """Send a held job to its printer over the network; the outcome is in the job."""
    with following(**_in_logs(job)):
        _print_on_network(job)


def _print_on_network(job: PrintJob) -> None:
    try:
        content = content_of(job)
    except Exception as error:  # whatever it is, the job must not stay held
        logger.exception("%s could not be drawn", job)
        postpone(job, Trouble.NO_DOCUMENT, str(error))
        return
    connect = partial(_line_to, job.printer)
    try:
        answers = devices.send(connect, content, may_start=lambda: start(job), must_answer=job.printer.must_answer)
    except devices.NotReady as error:
        postpone(job, error.trouble, error.detail)
    except devices.Broken as error:
        lose(job, error.trouble, error.detail, sent=error.sent)
    except devices.NotStarted:
        logger.info("%s was canceled, or somebody else prints it", job)
    else:
        finish(job, sent=len(content), answers=answers)


def print_waiting(printer: Printer, *, most: int) -> None:
    """What waits for a network printer, one after the other, as long as it goes well."""
    for _turn in range(most):
        if not printer.is_active or (job := claim(printer)) is None:
            return
        print_on_network(job)
        if not PrintJob.objects.filter(pk=job.pk, state=JobState.PRINTED).exists():
            return


def look(printer: Printer) -> None:
    """Ask a network printer how it is."""
    notice(printer, devices.look(partial(_line_to, printer)))


def notice(printer: Printer, trouble: Trouble | None) -> None:
    """Keep how a printer is, as far as it says."""
    if trouble is None:
        _keep(printer, PrinterState.READY, None)
    elif trouble == Trouble.SILENT and not printer.must_answer:
        _notice_silence(printer)
    else:
        _keep(printer, STATE_OF.get(trouble, PrinterState.UNKNOWN), trouble)


def _notice_silence(printer: Printer) -> None:
    """It is there and says nothing: no more is known than that it took the job before, if it did."""
    took_one = Printer.objects.filter(pk=printer.pk, state=PrinterState.READY, trouble=Trouble.SILENT).exists()
    _keep(printer, PrinterState.READY if took_one else PrinterState.UNKNOWN, Trouble.SILENT)


def _keep(printer: Printer, state: PrinterState, trouble: Trouble | None) -> None:
    """One that may print again gets at once what waits for it."""
    now = timezone.now()
    if trouble not in _NO_CONTACT:
        _seen(printer, now)
    news = {"state": state, "trouble": trouble or ""}
    is_new = Printer.objects.filter(pk=printer.pk).exclude(**news).update(**news, state_since=now)
    if is_new and (trouble is None or (trouble == Trouble.SILENT and state != PrinterState.OFFLINE)):
        PrintJob.objects.filter(printer=printer, state=JobState.QUEUED).update(due_at=now)


def heard_of(printer: Printer) -> None:
    """Its agent is there."""
    now = timezone.now()
    _seen(printer, now)
    silent = Printer.objects.filter(pk=printer.pk, trouble=Trouble.AGENT_SILENT)
    silent.update(state=PrinterState.UNKNOWN, trouble="", state_since=now)


def _seen(printer: Printer, now: datetime) -> None:
    old = Q(seen_at=None) | Q(seen_at__lt=now - _SEEN_RESOLUTION)
    Printer.objects.filter(old, pk=printer.pk).update(seen_at=now)


def tidy(now: datetime) -> None:
    """What nobody came back from, what is too old, and agents that are gone."""
    end = {"due_at": None, "finished_at": now}
    PrintJob.objects.left_behind(now).update(state=JobState.UNKNOWN, trouble=Trouble.LOST, **end)
    old = PrintJob.objects.filter(state=JobState.QUEUED, created_at__lt=now - GIVE_UP_AFTER)
    old.update(state=JobState.FAILED, trouble=Trouble.TOO_LATE, **end)
    agents = Printer.objects.active().filter(kind=PrinterKind.AGENT).exclude(trouble=Trouble.AGENT_SILENT)
    since = now - AGENT_SILENT_AFTER
    for printer in agents.filter(Q(seen_at__lt=since) | Q(seen_at=None, created_at__lt=since)):
        notice(printer, Trouble.AGENT_SILENT)


def _line_to(printer: Printer) -> devices.Line:
    if not may_print_at(printer.port):  # one that was written down before this was looked at
        raise ConnectionRefusedError(f"no printer may be at port {printer.port}")
    return devices.NetworkLine(printer.host, printer.port)
