from typing import Any

from django.contrib import admin, messages
from django.db.models import Count, Model, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from receipts import errands
from receipts.admin.conditions import condition_with_sign
from receipts.models import Printer, PrinterKey, PrintJob
from receipts.states import JobState, PrinterKind
from stores.admin import HintingAdmin, start, store_time
from stores.admin.keys import KeyAdmin


@admin.register(Printer)
class PrinterAdmin(HintingAdmin):
    help_line = _("Receipt printers at your stores, and how they are. Open one to print a test page.")
    store_path = "store"
    empty_hint = _("No printers yet. Add one; what is possible stands in docs/printing.md.")
    ask_hint = _(
        "There is no printer at your stores yet. A station manager adds it here: ask yours, or an administrator."
    )
    list_display = ("name", "place", "how_it_is", "seen", "waiting", "prints_automatically")
    list_filter = ("state", "is_active", "kind", "store")
    list_select_related = ("store", "pos")
    search_fields = ("name", "host", "store__name", "pos__name")
    autocomplete_fields = ("store", "pos")
    fieldsets = (
        (None, {"fields": ("how_it_is", "since", "name", "store", "pos", "is_active", "prints_automatically")}),
        (_("How it is reached"), {"fields": ("kind", "host", "port", "must_answer", "seen")}),
        (_("Paper"), {"fields": ("columns", "codepage")}),
    )
    readonly_fields = ("how_it_is", "since", "seen")
    actions = ("test_page", "look_now", "new_key")
    object_actions = ("test_page", "look_now", "new_key")
    since = store_time("state_since", _("since"), store="store")
    seen = store_time("seen_at", _("last contact"), store="store")

    class Media:
        css = {"all": ("receipts/printing.css",)}

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """On the page of one printer only what can be done with its kind."""
        actions: dict[str, Any] = super().get_actions(request)
        match = request.resolver_match
        number = match.kwargs.get("object_id") if match else None
        if number and (printer := Printer.objects.filter(pk=number).first()):
            actions.pop("look_now" if printer.kind == PrinterKind.AGENT else "new_key", None)
        return actions

    def has_add_permission(self, request: HttpRequest) -> bool:
        return bool(admin.ModelAdmin.has_add_permission(self, request))

    def has_print_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("receipts.add_printjob")

    def has_key_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("receipts.add_printerkey")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Printer]:
        """With how many jobs wait: all that wait are due some time, and the index holds only those."""
        jobs = PrintJob.objects.filter(printer=OuterRef("pk"), due_at__isnull=False, state=JobState.QUEUED)
        count = jobs.order_by().values("printer").annotate(count=Count("pk")).values("count")
        rows: QuerySet[Printer] = super().get_queryset(request)
        return rows.annotate(waiting_count=Coalesce(Subquery(count), 0))

    @admin.display(description=_("state"), ordering="state")
    def how_it_is(self, printer: Printer) -> str:
        return condition_with_sign(printer) if printer.pk else "–"

    @admin.display(description=_("where"), ordering="store")
    def place(self, printer: Printer) -> str:
        return str(printer.pos or printer.store)

    @admin.display(description=_("waiting"))
    def waiting(self, printer: Printer) -> int:
        return printer.waiting_count  # type: ignore[attr-defined,no-any-return]  # annotated above

    @admin.action(description=_("Print a test page"), permissions=["print"])
    def test_page(self, request: HttpRequest, chosen: QuerySet[Printer]) -> HttpResponse | None:
        return start(self, request, chosen, errands.TEST_PAGE)

    @admin.action(description=_("Look at it now"), permissions=["print"])
    def look_now(self, request: HttpRequest, chosen: QuerySet[Printer]) -> HttpResponse | None:
        return start(self, request, chosen, errands.LOOK)

    @admin.action(description=_("Make a key for its agent"), permissions=["key"])
    def new_key(self, request: HttpRequest, chosen: QuerySet[Printer]) -> HttpResponse | None:
        for printer in chosen.exclude(kind=PrinterKind.AGENT):
            text = _("%(printer)s is reached over the network: it needs no agent, and no key.")
            self.message_user(request, text % {"printer": printer}, messages.ERROR)
        for printer in chosen.filter(kind=PrinterKind.AGENT):
            _row, key = PrinterKey.objects.create_key(name=printer.name[:50], printer=printer)
            text = _("The key for the agent of %(printer)s is: %(key)s. Copy it now: it is not shown again.")
            self.message_user(request, text % {"printer": printer, "key": key}, messages.WARNING)
        return self.back_to(chosen)


@admin.register(PrinterKey)
class PrinterKeyAdmin(KeyAdmin):
    help_line = _(
        "What the programs that print at a station identify themselves with. A key is shown once, when it is made."
    )
    store_path = "printer__store"
    list_display = ("prefix", "name", "printer", "created", "expiry_date", "revoked")
    list_filter = ("revoked", "printer__store")  # type: ignore[assignment]
    list_select_related = ("printer__store", "printer__pos")
    autocomplete_fields = ("printer",)

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> tuple[Any, ...]:
        fields = tuple(super().get_readonly_fields(request, obj))  # type: ignore[arg-type]
        return (*fields, "printer") if obj else fields
