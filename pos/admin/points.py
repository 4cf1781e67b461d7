from django.contrib import admin
from django.db import transaction
from django.db.models import Model
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from pos import errands, services
from pos.admin.chain import ChainAdmin
from pos.admin.codes import CodeAdmin
from pos.admin.scanning import ScanAdmin
from pos.models import PointOfSale
from pos.tasks import register_pos
from stores.admin import RegisteredAdmin
from stores.admin.seen import SeenForm
from stores.registration import Registered

_HERE = ("name", "category", "dialect", "heartbeat", "order_lifetime", "is_active")


@admin.register(PointOfSale)
class PointOfSaleAdmin(CodeAdmin, ScanAdmin, ChainAdmin, RegisteredAdmin):
    form = SeenForm
    register_work = errands.REGISTER
    empty_hint = _("No points of sale yet. Add one here, import a list of them, or use manage.py register_pos.")
    list_display = (
        "name", "external_id", "store", "registration", "status", "so_far", "status_at", "last_polled_at", "is_active",
    )  # fmt: skip
    list_filter = ("is_active", "registration", "status", "store")
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
    actions = ("register_now", "print_posters", "verify_sticker", "fetch_code")
    object_actions = ("register_now", "verify_sticker", "print_posters", "fetch_code")

    @admin.display(description=_("amount so far"), ordering="amount_so_far")
    def so_far(self, pos: PointOfSale) -> str:
        if pos.amount_so_far is None:
            return "–"
        site = pos.store.account.site
        return f"{site.text(pos.amount_so_far)} {site.currency}"

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
