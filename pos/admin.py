from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from rest_framework_api_key.admin import APIKeyModelAdmin
from rest_framework_api_key.models import APIKey

from pos.models import ControllerKey, PointOfSale
from stores.admin import HintingAdmin

admin.site.unregister(APIKey)  # the library's own model; ours belong to a store or a point of sale


@admin.register(PointOfSale)
class PointOfSaleAdmin(HintingAdmin):
    empty_hint = _("No points of sale yet. Register one with Mercado Pago: manage.py register_pos.")
    list_display = ("name", "external_id", "store", "status", "status_at", "last_polled_at", "is_active")
    list_filter = ("is_active", "status", "store")
    list_select_related = ("store",)
    search_fields = ("name", "external_id", "store__name")
    # What Mercado Pago knows of it too is changed by registering it again, which tells both.
    readonly_fields = (
        "store", "external_id", "name", "category", "poll_url", "status", "status_at", "last_polled_at", "remote_id",
        "qr_image",
    )  # fmt: skip


@admin.register(ControllerKey)
class ControllerKeyAdmin(APIKeyModelAdmin):
    list_display = ("prefix", "name", "store", "pos", "created", "expiry_date", "revoked")  # type: ignore[assignment]
    list_filter = ("revoked", "store")  # type: ignore[assignment]
    autocomplete_fields = ("store", "pos")

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> tuple[str, ...]:
        fields = tuple(super().get_readonly_fields(request, obj))  # type: ignore[arg-type]
        return (*fields, "store", "pos") if obj else fields
