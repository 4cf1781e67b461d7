"""What a worker does for people to receipts, print jobs and printers."""

from typing import Final
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext_lazy
from django.utils.translation import gettext_noop as _

from receipts import printing, services, spooling
from receipts.errors import Refused
from receipts.models import Format, Printer, PrintJob, Receipt
from receipts.states import PrinterKind, PrinterState
from stores.models import Errand
from stores.working import Outcome, Work


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
LOOK: Final = Work(
    name="receipts.look", label=gettext_lazy("Look at it now"), rows=Printer.objects.all, do=_look
)  # fmt: skip
