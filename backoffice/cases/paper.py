"""Cases about paper: receipts that are not, or perhaps not, printed, and printers that cannot."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backoffice.cases.story import RANK_PAPER, Action, Source, Story, by_name, fingerprint, moment
from receipts import printing
from receipts.models import Printer, PrintJob
from receipts.tasks import wake_printer

_MAY_PRINT = ("receipts.add_printjob",)


class JobSource(Source[PrintJob]):
    """Print jobs about which a person must say whether there is paper."""

    name, permission = "job", "receipts.view_printjob"
    kinds = {"print_job": (gettext_lazy("receipt not, or perhaps not, on paper"), RANK_PAPER)}
    set_aside_permissions = _MAY_PRINT

    def live(self) -> QuerySet[PrintJob]:
        return PrintJob.objects.undecided().select_related("receipt", "printer__store__account")

    def place(self, row: PrintJob) -> tuple[int | None, int]:
        return row.printer.store_id, row.printer.store.account_id

    def since(self, row: PrintJob) -> datetime:
        return row.finished_at or row.created_at

    def story(self, row: PrintJob) -> Story:
        values = {"job": row, "state": row.get_state_display(), "at": moment(row.created_at, row.printer.store.tz)}
        told = [_("%(job)s, asked for %(at)s: %(state)s.") % values]
        why = ": ".join(filter(None, (str(row.get_trouble_display()), row.detail)))
        return Story(
            url=reverse("admin:receipts_printjob_change", args=[row.pk]),
            sentences=[*told, why] if why else [*told],
            proposal=_("Look at the printer. Print it again, as a copy if it may be on paper; or set it aside."),
            facts=fingerprint(row.state, row.attempts, row.finished_at),
            actions=[Action("print", _("Print again"), _MAY_PRINT, by_name(_print_again, row))],
        )

    def set_aside(self, row: PrintJob, *, actor: str, reason: str) -> None:
        printing.leave(row, actor=actor, reason=reason)

    def who(self, object_id: int, kind: str) -> tuple[str, str] | None:
        job = PrintJob.objects.filter(pk=object_id).exclude(decided_by="").first()
        return (job.decided_by, job.decided_because) if job else None


def _print_again(job: PrintJob, *, actor: str, **_why: Any) -> None:
    wake_printer(printing.print_again(job, actor=actor).printer)


class PrinterSource(Source[Printer]):
    """Printers without paper, or offline."""

    name, permission = "printer", "receipts.view_printer"
    kinds = {"printer": (gettext_lazy("printer without paper, or offline"), RANK_PAPER)}
    set_aside_permissions = ("receipts.change_printer",)

    def live(self) -> QuerySet[Printer]:
        return Printer.objects.in_trouble().select_related("store__account", "pos")

    def place(self, row: Printer) -> tuple[int | None, int]:
        return row.store_id, row.store.account_id

    def since(self, row: Printer) -> datetime:
        return row.state_since or timezone.now()

    def story(self, row: Printer) -> Story:
        since = moment(self.since(row), row.store.tz)
        values = {"printer": row, "state": row.get_state_display(), "at": since}
        told = [_("%(printer)s: %(state)s since %(at)s.") % values]
        return Story(
            url=reverse("admin:receipts_printer_change", args=[row.pk]),
            sentences=[*told, row.get_trouble_display()] if row.trouble else [*told],
            proposal=_("Look at it at the station. The case leaves by itself when it prints again."),
            facts=fingerprint(row.state, row.trouble, row.state_since),
        )
