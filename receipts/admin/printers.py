from typing import Any

from django.contrib import admin, messages
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from rest_framework_api_key.admin import APIKeyModelAdmin

from receipts import errands, printing
from receipts.models import Printer, PrinterKey, PrintJob
from receipts.states import JobState, PrinterState
from receipts.tasks import wake_printer
from stores.admin import HintingAdmin, start

_SIGNS = {PrinterState.READY: "●", PrinterState.PAPER_OUT: "▲", PrinterState.OFFLINE: "✕", PrinterState.UNKNOWN: "○"}
_COLORS = {PrinterState.READY: "#1b7f3b", PrinterState.PAPER_OUT: "#a35b00", PrinterState.OFFLINE: "#b3261e"}


@admin.register(Printer)
class PrinterAdmin(HintingAdmin):
    empty_hint = _("No printers yet. Add one; what is possible stands in docs/printing.md.")
    list_display = ("name", "store", "pos", "how_it_is", "kind", "waiting", "prints_automatically", "is_active")
    list_filter = ("state", "is_active", "kind", "store")
    list_select_related = ("store", "pos")
    search_fields = ("name", "host", "store__name", "pos__name")
    autocomplete_fields = ("store", "pos")
    fieldsets = (
        (None, {"fields": ("how_it_is", "name", "store", "pos", "is_active", "prints_automatically")}),
        (_("How it is reached"), {"fields": ("kind", "host", "port", "must_answer", "seen_at")}),
        (_("Paper"), {"fields": ("columns", "codepage")}),
    )
    readonly_fields = ("how_it_is", "seen_at")
    actions = ("test_page", "look_now", "new_key")
    object_actions = ("test_page", "look_now", "new_key")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return bool(admin.ModelAdmin.has_add_permission(self, request))

    def has_print_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("receipts.add_printjob")

    def has_key_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("receipts.add_printerkey")

    @admin.display(description=_("state"), ordering="state")
    def how_it_is(self, printer: Printer) -> str:
        state = PrinterState(printer.state)
        why = printer.get_trouble_display()
        return format_html(
            '<span style="color: {}" aria-hidden="true">{}</span> {}{}{}',
            _COLORS.get(state, "inherit"),
            _SIGNS[state],
            state.label,
            f": {why}" if why and state != PrinterState.PAPER_OUT else "",
            f" · {printer.state_since:%Y-%m-%d %H:%M} UTC" if printer.state_since else "",
        )

    @admin.display(description=_("waiting"))
    def waiting(self, printer: Printer) -> int:
        return PrintJob.objects.filter(printer=printer, state=JobState.QUEUED).count()

    @admin.action(description=_("Print a test page"), permissions=["print"])
    def test_page(self, request: HttpRequest, chosen: QuerySet[Printer]) -> HttpResponse | None:
        for printer in chosen:
            job = printing.print_test_page(printer, actor=str(request.user))
            wake_printer(printer)
            self.message_user(request, _("%(job)s: see the print jobs for what becomes of it.") % {"job": job})
        return self.back_to(chosen)

    @admin.action(description=_("Look at it now"), permissions=["view"])
    def look_now(self, request: HttpRequest, chosen: QuerySet[Printer]) -> HttpResponse | None:
        return start(self, request, chosen, errands.LOOK)

    @admin.action(description=_("Make a key for its agent"), permissions=["key"])
    def new_key(self, request: HttpRequest, chosen: QuerySet[Printer]) -> HttpResponse | None:
        for printer in chosen:
            _row, key = PrinterKey.objects.create_key(name=printer.name[:50], printer=printer)
            text = _("The key for the agent of %(printer)s is: %(key)s. Copy it now: it is not shown again.")
            self.message_user(request, text % {"printer": printer, "key": key}, messages.WARNING)
        return self.back_to(chosen)


@admin.register(PrinterKey)
class PrinterKeyAdmin(APIKeyModelAdmin):
    list_display = ("prefix", "name", "printer", "created", "expiry_date", "revoked")
    list_filter = ("revoked", "printer__store")  # type: ignore[assignment]
    autocomplete_fields = ("printer",)

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> tuple[Any, ...]:
        fields = tuple(super().get_readonly_fields(request, obj))  # type: ignore[arg-type]
        return (*fields, "printer") if obj else fields
