from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from pos.admin.codes import CodeAdmin
from pos.admin.scanning import ScanAdmin
from pos.models import PointOfSale


@admin.register(PointOfSale)
class PointOfSaleAdmin(CodeAdmin, ScanAdmin):
    empty_hint = _("No points of sale yet. Register one with Mercado Pago: manage.py register_pos.")
    list_display = ("name", "external_id", "store", "status", "status_at", "last_polled_at", "is_active")
    list_filter = ("is_active", "status", "store")
    list_select_related = ("store",)
    search_fields = ("name", "external_id", "store__name")
    # What Mercado Pago knows of it too is changed by registering it again, which tells both.
    readonly_fields = (
        "store", "external_id", "name", "category", "poll_url", "status", "status_at", "last_polled_at", "remote_id",
        "code", "posters", "official_files", "qr_problem",
    )  # fmt: skip
    actions = ("print_posters", "verify_sticker", "fetch_code")
    object_actions = ("verify_sticker", "print_posters", "fetch_code")
