from typing import Any

from django.contrib import admin
from django.db import transaction
from django.db.models import Model, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from pos import errands, services
from pos.admin.chain import ChainAdmin
from pos.admin.codes import CodeAdmin
from pos.admin.scanning import ScanAdmin
from pos.models import ControllerStatus, PointOfSale
from pos.tasks import register_pos
from stores.admin import RegisteredAdmin
from stores.admin.activating import ActivatingAdmin
from stores.admin.badges import BAD, BUSY, CALM, Tones
from stores.admin.registered import REGISTRATION
from stores.admin.seen import SeenForm
from stores.amounts import with_currency
from stores.registration import Registered

_HERE = ("name", "category", "dialect", "heartbeat", "order_lifetime", "is_active")


_STATUS: Tones = {ControllerStatus.IDLE: CALM, ControllerStatus.IN_PROCESS: BUSY, ControllerStatus.OFFLINE: BAD}


class Unreachable(admin.SimpleListFilter):
    """What the front page counts as silent."""

    title = _("controller")
    parameter_name = "unreachable"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("yes", _("silent or offline"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[PointOfSale]) -> QuerySet[PointOfSale]:
        return PointOfSale.objects.unreachable(timezone.now()) & queryset if self.value() == "yes" else queryset


@admin.register(PointOfSale)
class PointOfSaleAdmin(CodeAdmin, ScanAdmin, ChainAdmin, ActivatingAdmin, RegisteredAdmin):
    form = SeenForm
    help_line = _(
        "Pumps, machines, wash bays: each has one QR code. Open one to print its code or to see how it stands."
    )
    badges = {"registration": REGISTRATION, "status": _STATUS}
    store_path = "store"
    register_work = errands.REGISTER
    ask_hint = _("There is no point of sale at your stores yet. A station manager adds it here: ask yours.")
    empty_hint = _("No points of sale yet. Add one here, import a list of them, or use manage.py register_pos.")
    list_display = (
        "name", "external_id", "store", "registration", "status", "so_far", "status_at", "last_polled_at", "is_active",
    )  # fmt: skip
    list_filter = (Unreachable, "is_active", "registration", "status", "store")
    list_select_related = ("store__account",)
    search_fields = ("name", "external_id", "store__name")
    fieldsets = (
        (None, {"fields": ("registration_state", "store", "external_id", *_HERE, "seen")}),
        (_("Code and posters"), {"fields": ("code", "posters", "official_files", "qr_problem")}),
        (_("Now"), {"fields": ("status", "so_far", "status_at", "last_polled_at")}),
        (_("At Mercado Pago"), {"fields": ("poll_url", "remote_id")}),
    )
    readonly_fields = (
        "registration_state", "code", "posters", "official_files", "qr_problem", "status", "so_far", "status_at",
        "last_polled_at", "poll_url", "remote_id",
    )  # fmt: skip
    actions = ("register_now", "print_posters", "verify_sticker", "fetch_code", "activate")
    object_pages = (("admin:timeline_pos", _("Why can't the customer pay?")),)
    object_actions = ("register_now", "verify_sticker", "print_posters", "fetch_code")

    @admin.display(description=_("amount so far"), ordering="amount_so_far")
    def so_far(self, pos: PointOfSale) -> str:
        if pos.amount_so_far is None:
            return "–"
        return with_currency(pos.amount_so_far, pos.store.account.site)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Who may only look does not see the polled address: whoever has it can pose as Mercado Pago."""
        fieldsets = super().get_fieldsets(request, obj)
        if obj is None or self.has_change_permission(request, obj):
            return fieldsets
        return [(name, o | {"fields": [f for f in o["fields"] if f != "poll_url"]}) for name, o in fieldsets]

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> tuple[str, ...]:
        """What a point of sale is called at Mercado Pago, and its store, never change."""
        return (*self.readonly_fields, "store", "external_id") if obj else self.readonly_fields

    def wake(self, row: Registered) -> None:
        transaction.on_commit(lambda: register_pos.delay(row.pk))

    def save_model(self, request: HttpRequest, obj: PointOfSale, form: ModelForm[PointOfSale], change: bool) -> None:
        fields = {name: getattr(obj, name) for name in _HERE}
        saved = services.save_pos(obj.store, external_id=obj.external_id, **fields)
        obj.pk, obj._state.adding = saved.pk, False
        obj.refresh_from_db()
        self.wake_if_pending(obj)
