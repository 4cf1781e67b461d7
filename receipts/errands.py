"""What a worker does for people to receipts, print jobs and printers."""

from time import monotonic, sleep
from typing import Final
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext_lazy
from django.utils.translation import gettext_noop as _

from receipts import printing, services, spooling
from receipts.errors import Refused
from receipts.models import Format, Printer, PrintJob, Receipt
from receipts.reasons import explain
from receipts.states import JobState, PrinterKind, PrinterState, Trouble
from stores.models import Errand
from stores.working import Outcome, Work

PATIENCE = 20.0  # seconds that a test page has to come out before it is said that it waits
_MOST_BEFORE: Final = 20  # what waits before it is printed first


def _copy(receipt: Receipt, errand: Errand) -> Outcome:
    copy = services.reprint(receipt, errand.actor)
    url = reverse("admin:receipts_receipt_download", args=[receipt.pk, Format.PDF])
    url = f"{url}?{urlencode({'copy': copy.number})}"
    return Outcome(_("%(mark)s – Download the PDF"), {"mark": copy.mark}, url=url)


def _print_again(job: PrintJob, errand: Errand) -> Outcome:
    printing.print_again(job, actor=errand.actor)
    return Outcome(_("On its way again."))


def _cancel(job: PrintJob, errand: Errand) -> Outcome:
    printing.cancel(job, actor=errand.actor)
    return Outcome(_("Canceled."))


def _leave(job: PrintJob, errand: Errand) -> Outcome:
    printing.leave(job, actor=errand.actor, reason=errand.args.get("reason", ""))
    return Outcome(_("Off the list."))


def _look(printer: Printer, errand: Errand) -> Outcome:
    if printer.kind != PrinterKind.NETWORK:
        return Outcome(_("Its agent says how it is: it is not asked from here."))
    spooling.look(printer)
    printer.refresh_from_db()
    state = ": ".join(filter(None, (printer.get_state_display(), str(printer.get_trouble_display()))))
    return Outcome("%(state)s", {"state": state}, is_good=printer.state == PrinterState.READY)


def _test_page(printer: Printer, errand: Errand) -> Outcome:
    """Asked for once, also when a worker is killed over it; then it is seen how far the paper comes."""
    if not printer.is_active:
        return Outcome(_("It is switched off: nothing is printed."), is_good=False)
    mine = PrintJob.objects.filter(printer=printer, receipt=None, actor=errand.actor, created_at__gte=errand.created_at)
    job = mine.first() or printing.print_test_page(printer, actor=errand.actor)
    if printer.kind == PrinterKind.NETWORK:
        spooling.print_waiting(printer, most=_MOST_BEFORE)
    end = monotonic() + (0 if printer.trouble == Trouble.AGENT_SILENT else PATIENCE)
    job.refresh_from_db()
    while job.state in (JobState.QUEUED, JobState.SENDING) and not job.trouble and monotonic() < end:
        sleep(0.2)
        job.refresh_from_db()
    return _of_page(job)


def _of_page(job: PrintJob) -> Outcome:
    why = explain(job.trouble or job.printer.trouble, job.detail) or str(job.get_state_display())
    url = reverse("admin:receipts_printjob_change", args=[job.pk])
    if job.state == JobState.PRINTED:
        return Outcome(_("The test page is printed. Look whether all of it is there."), url=url)
    if job.state == JobState.UNKNOWN:
        return Outcome(_("Perhaps the test page is printed (%(why)s). Look at it."), {"why": why}, False, url)
    text = _("The test page is not printed yet (%(why)s). It is printed by itself as soon as it can be.")
    return Outcome(text, {"why": why}, False, url)


_JOBS: Final = PrintJob.objects.select_related("receipt", "printer")

COPY: Final = Work(
    name="receipts.copy",
    label=gettext_lazy("Make a copy"),
    rows=Receipt.objects.with_store,
    do=_copy,
    is_local=True,
)
PRINT_AGAIN: Final = Work(
    name="receipts.print_again",
    label=gettext_lazy("Print again (as a copy if it may be on paper)"),
    rows=_JOBS.all,
    do=_print_again,
    is_local=True,
    refusals=(Refused,),
)
CANCEL: Final = Work(
    name="receipts.cancel", label=gettext_lazy("Cancel"), rows=_JOBS.all, do=_cancel, is_local=True, refusals=(Refused,)
)
LEAVE: Final = Work(
    name="receipts.leave",
    label=gettext_lazy("Leave it: the paper is there, or not needed"),
    rows=_JOBS.all,
    do=_leave,
    is_local=True,
    refusals=(Refused,),
)
TEST_PAGE: Final = Work(
    name="receipts.test_page",
    label=gettext_lazy("Print a test page"),
    rows=Printer.objects.select_related("store", "pos").all,
    do=_test_page,
)
LOOK: Final = Work(
    name="receipts.look", label=gettext_lazy("Look at it now"), rows=Printer.objects.all, do=_look
)  # fmt: skip
