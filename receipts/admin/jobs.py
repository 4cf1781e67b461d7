from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from receipts import errands, printing
from receipts.errors import Refused
from receipts.models import PrintJob
from receipts.tasks import wake_printer
from stores.admin import ReadOnlyAdmin, start
from stores.working import Work


class Undecided(admin.SimpleListFilter):
    """What the front page points at."""

    title = _("decision")
    parameter_name = "undecided"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("yes", _("waits for a person"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[PrintJob]) -> QuerySet[PrintJob]:
        return PrintJob.objects.undecided() & queryset if self.value() == "yes" else queryset


@admin.register(PrintJob)
class PrintJobAdmin(ReadOnlyAdmin):
    empty_hint = _("Nothing was printed yet. Print a receipt from its page, or have a printer print by itself.")
    list_display = ("created_at", "receipt_or_test", "state", "why", "printer_name", "copy", "attempts", "actor")
    list_filter = (Undecided, "state", "printer")
    list_select_related = ("receipt", "printer")
    search_fields = ("receipt__number", "receipt__order__external_reference", "printer__name", "actor")
    fields = (
        "receipt_or_test", "copy", "printer", "state", "why", "created_at", "actor", "attempts", "due_at",
        "started_at", "finished_at", "sent", "decided_by",
    )  # fmt: skip
    readonly_fields = ("receipt_or_test", "why")
    actions = ("print_again", "cancel", "leave")
    object_actions = ("print_again", "cancel", "leave")

    def has_print_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("receipts.add_printjob")

    @admin.display(description=_("receipt"), ordering="receipt")
    def receipt_or_test(self, job: PrintJob) -> str:
        return str(job.receipt or _("test page"))

    @admin.display(description=_("printer"), ordering="printer")
    def printer_name(self, job: PrintJob) -> str:
        return job.printer.name

    @admin.display(description=_("why"))
    def why(self, job: PrintJob) -> str:
        return ": ".join(filter(None, (str(job.get_trouble_display()), job.detail))) or "–"

    @admin.action(description=_("Print again (as a copy if it may be on paper)"), permissions=["print"])
    def print_again(self, request: HttpRequest, chosen: QuerySet[PrintJob]) -> HttpResponse | None:
        def again(job: PrintJob, *, actor: str) -> str:
            wake_printer(printing.print_again(job, actor=actor).printer)
            return str(_("%(job)s: on its way again.") % {"job": job})

        return self._each(request, chosen, again, errands.PRINT_AGAIN)

    @admin.action(description=_("Cancel"), permissions=["print"])
    def cancel(self, request: HttpRequest, chosen: QuerySet[PrintJob]) -> HttpResponse | None:
        def cancel(job: PrintJob, *, actor: str) -> str:
            return str(_("%(job)s is canceled.") % {"job": printing.cancel(job, actor=actor)})

        return self._each(request, chosen, cancel, errands.CANCEL)

    @admin.action(description=_("Leave it: the paper is there, or not needed"), permissions=["print"])
    def leave(self, request: HttpRequest, chosen: QuerySet[PrintJob]) -> HttpResponse | None:
        def leave(job: PrintJob, *, actor: str) -> str:
            printing.leave(job, actor=actor)
            return str(_("%(job)s is off the list.") % {"job": job})

        return self._each(request, chosen, leave, errands.LEAVE)

    def _each(
        self, request: HttpRequest, chosen: QuerySet[PrintJob], act: Callable[..., str], work: Work
    ) -> HttpResponse | None:
        """One at once, many by a worker."""
        if chosen.count() > 1:
            return start(self, request, chosen, work)
        keys = chosen.values_list("pk", flat=True)
        for job in PrintJob.objects.filter(pk__in=list(keys)).select_related("receipt", "printer"):
            try:
                self.message_user(request, act(job, actor=str(request.user)))
            except Refused as refusal:
                self.message_user(request, str(refusal), messages.ERROR)
        return self.back_to(PrintJob.objects.filter(pk__in=list(keys)))
