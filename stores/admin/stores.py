from base64 import b64encode
from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.db import transaction
from django.db.models import Model
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy as _

from stores import errands, hours, services
from stores.admin.activating import ActivatingAdmin
from stores.admin.forms import StoreForm
from stores.admin.registered import REGISTRATION, RegisteredAdmin
from stores.models import Store
from stores.registration import Registered
from stores.tasks import register_store

_HERE = (
    "name", "street", "number", "city", "state", "reference", "latitude", "longitude", "time_zone",
    "day_starts", "surplus_refunds", "late_refunds", "refund_limit", "tax", "tax_percentage", "is_active",
    "receipt_language", "receipt_paper", "receipt_columns", "receipt_codepage", "logo",
)  # fmt: skip


@admin.register(Store)
class StoreAdmin(ActivatingAdmin, RegisteredAdmin):
    help_line = _("Your branches. Who is a manager of a store sees its orders, its points of sale and its money.")
    badges = {"registration": REGISTRATION}
    amounts, currency = ("refund_limit",), "account.site.currency"
    store_path = "pk"
    ask_hint = _("There is no store that you manage. A chain administrator names you on the store's page: ask one.")
    empty_hint = _("No stores yet. Add one here, import a list of them, or use manage.py register_store.")
    register_work = errands.REGISTER
    form = StoreForm
    change_list_template = "admin/chain_list.html"
    list_display = ("name", "external_id", "account", "city", "registration", "is_active")
    list_filter = ("is_active", "registration", "account")
    list_select_related = ("account",)
    search_fields = ("name", "external_id", "city")
    filter_horizontal = ("managers",)
    actions = ("register_now", "activate")
    fieldsets = (
        (None, {"fields": ("registration_state", "account", "external_id", "name", "is_active", "managers", "seen")}),
        (
            _("Address"),
            {"fields": ("street", "number", "city", "state", "reference", "latitude", "longitude", "time_zone")},
        ),
        (_("Business hours"), {"fields": tuple(hours.DAYS), "description": _("Empty: closed.")}),
        (_("Close of day"), {"fields": ("day_starts",)}),
        (_("Taxes"), {"fields": ("tax", "tax_percentage")}),
        (_("Refunds"), {"fields": ("refund_limit", "surplus_refunds", "late_refunds")}),
        (
            _("Receipts"),
            {
                "fields": (
                    "receipt_language",
                    "receipt_paper",
                    "receipt_columns",
                    "receipt_codepage",
                    "logo_shown",
                    "logo_file",
                    "remove_logo",
                )
            },
        ),
        (_("Numbers"), {"fields": ("branch_number", "remote_id")}),
    )
    readonly_fields = ("registration_state", "branch_number", "remote_id", "logo_shown", "opens")

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> tuple[Any, ...]:
        """What a store is called at Mercado Pago never changes. Who manages it, and how much
        one person may refund, is for those to say who have the right."""
        kept: list[Any] = [] if request.user.has_perm("auth.change_user") else ["managers"]
        kept += [] if self._may_set_limit(request) else [self.shown("refund_limit")]
        kept += ["account", "external_id"] if obj else []
        return (*self.readonly_fields, *kept)

    def get_fieldsets(self, request: HttpRequest, obj: Store | None = None) -> Any:
        """Who may only look reads the hours in one line, and the limit with its currency."""
        fieldsets = super().get_fieldsets(request, obj)
        if not self._may_set_limit(request):
            fieldsets = [
                (name, options | {"fields": self._with_limit(options["fields"])}) for name, options in fieldsets
            ]
        if obj is None or self.has_change_permission(request, obj):
            return fieldsets
        hidden = {*hours.DAYS, "logo_file", "remove_logo"}
        shown = [(name, [f for f in options["fields"] if f not in hidden]) for name, options in fieldsets]
        return [(name, {"fields": fields or ["opens"]}) for name, fields in shown]

    def _may_set_limit(self, request: HttpRequest) -> bool:
        return self.has_change_permission(request) and request.user.has_perm("stores.set_refund_limit")

    def _with_limit(self, fields: Iterable[str]) -> list[Any]:
        return [self.shown(name) if name == "refund_limit" else name for name in fields]

    @admin.display(description=_("business hours"))
    def opens(self, store: Store) -> str:
        return format_html_join(mark_safe("<br>"), "{}: {}", hours.lines(store.business_hours)) or "–"

    @admin.display(description=_("logo"))
    def logo_shown(self, store: Store) -> str:
        if store.logo is None:
            return "–"
        picture = b64encode(bytes(store.logo.png)).decode()
        return format_html('<img src="data:image/png;base64,{}" alt="" class="on-white">', picture)

    def wake(self, row: Registered) -> None:
        transaction.on_commit(lambda: register_store.delay(row.pk))

    def save_model(self, request: HttpRequest, obj: Store, form: ModelForm[Store], change: bool) -> None:
        fields: dict[str, Any] = {name: getattr(obj, name) for name in (*_HERE, "business_hours")}
        saved = services.save_store(obj.account, external_id=obj.external_id, **fields)
        obj.pk, obj._state.adding = saved.pk, False
        obj.refresh_from_db()
        self.wake_if_pending(obj)
