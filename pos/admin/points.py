from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from pos.models import PointOfSale
from stores.admin import HintingAdmin


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
