from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from orders import words
from receipts import errands, printing
from receipts.errors import Refused
from receipts.models import PrintJob
from receipts.reasons import explain
from receipts.states import JobState
from receipts.tasks import wake_printer
from stores.admin import ReadOnlyAdmin, start, store_time
from stores.admin.badges import BAD, BUSY, GOOD, WARN, Tones, badge
from stores.working import Work


class Undecided(admin.SimpleListFilter):
    """What the front page points at."""

    title = _("decision")
    parameter_name = "undecided"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("yes", _("waits for a person"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[PrintJob]) -> QuerySet[PrintJob]:
        return PrintJob.objects.undecided() & queryset if self.value() == "yes" else queryset


_STATE: Tones = {
    JobState.QUEUED: BUSY,
    JobState.SENDING: BUSY,
    JobState.PRINTED: GOOD,
    JobState.FAILED: BAD,
    JobState.UNKNOWN: WARN,
}


@admin.register(PrintJob)
class PrintJobAdmin(ReadOnlyAdmin):
    help_line = _(
        "What was sent to printers. Where it is not sure that there is paper, a person decides whether to print again."
    )
    store_path = "printer__store"
    empty_hint = _("Nothing was printed yet. Print a receipt from its page, or have a printer print by itself.")
    worded = {"actor": words.who, "decided_by": words.who}
    list_display = ("created", "receipt_or_test", "outcome", "printer_name", "actor")
    list_filter = (Undecided, "state", "printer")
    list_select_related = ("receipt", "printer__store", "copy")
    search_fields = ("=receipt__number", "^receipt__order__external_reference")
    fields = (
        "receipt_link", "copy", "printer", "state", "why", "detail", "created", "actor", "attempts", "due",
        "started", "finished", "sent", "decided_by", "decided_because",
    )  # fmt: skip
    readonly_fields = ("receipt_link", "why", "created", "due", "started", "finished")
    actions = ("print_again", "cancel", "leave")
    object_actions = ("print_again", "cancel", "leave")
    created = store_time("created_at", _("created"), store="printer.store")
    due = store_time("due_at", _("next attempt"), store="printer.store")
    started = store_time("started_at", _("began to print"), store="printer.store")
    finished = store_time("finished_at", _("finished"), store="printer.store")

    class Media:
        css = {"all": ("receipts/printing.css",)}

    def has_print_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("receipts.add_printjob")

    @admin.display(description=_("receipt"), ordering="receipt")
    def receipt_or_test(self, job: PrintJob) -> str:
        if job.copy:
            return str(_("%(receipt)s, copy %(number)s") % {"receipt": job.receipt, "number": job.copy.number})
        return str(job.receipt or _("test page"))

    @admin.display(description=_("receipt"))
    def receipt_link(self, job: PrintJob) -> str:
        if job.receipt is None:
            return str(_("test page"))
        url = reverse("admin:receipts_receipt_change", args=[job.receipt.pk])
        return format_html('<a href="{}">{}</a>', url, job.receipt)

    @admin.display(description=_("printer"), ordering="printer")
    def printer_name(self, job: PrintJob) -> str:
        return job.printer.name

    @admin.display(description=_("why"))
    def why(self, job: PrintJob) -> str:
        return explain(job.trouble, job.detail) or "–"

    @admin.display(description=_("state"), ordering="state")
    def outcome(self, job: PrintJob) -> str:
        why = format_html('<span class="print-why">{}</span>', self.why(job)) if job.trouble else ""
        return format_html("{}{}", badge(job.get_state_display(), _STATE[JobState(job.state)]), why)

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
        title, lead = _("Leave it: the paper is there, or not needed"), _("It is not printed again.")
        reason, page = self.ask_why(request, chosen, "leave", title=title, lead=lead)
        if page:
            return page

        def leave(job: PrintJob, *, actor: str) -> str:
            printing.leave(job, actor=actor, reason=reason)
            return str(_("%(job)s is off the list.") % {"job": job})

        return self._each(request, chosen, leave, errands.LEAVE, reason=reason)

    def _each(
        self, request: HttpRequest, chosen: QuerySet[PrintJob], act: Callable[..., str], work: Work, **args: str
    ) -> HttpResponse | None:
        """One at once, many by a worker."""
        if chosen.count() > 1:
            return start(self, request, chosen, work, **args)
        keys = chosen.values_list("pk", flat=True)
        for job in PrintJob.objects.filter(pk__in=list(keys)).select_related("receipt", "printer"):
            try:
                self.message_user(request, act(job, actor=str(request.user)))
            except Refused as refusal:
                self.message_user(request, str(refusal), messages.ERROR)
        return self.back_to(PrintJob.objects.filter(pk__in=list(keys)))
