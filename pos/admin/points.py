from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from pos.models import PointOfSale
from stores.admin import HintingAdmin


@admin.register(PointOfSale)
class PointOfSaleAdmin(HintingAdmin):
    empty_hint = _("No points of sale yet. Register one with Mercado Pago: manage.py register_pos.")
    list_display = ("name", "external_id", "store", "status", "so_far", "status_at", "last_polled_at", "is_active")
    list_filter = ("is_active", "status", "store")
    list_select_related = ("store__account",)
    search_fields = ("name", "external_id", "store__name")
    # What Mercado Pago knows of it too is changed by registering it again, which tells both.
    readonly_fields = (
        "store", "external_id", "name", "category", "poll_url", "status", "so_far", "status_at", "last_polled_at",
        "remote_id", "qr_image",
    )  # fmt: skip

    @admin.display(description=_("amount so far"), ordering="amount_so_far", empty_value="–")
    def so_far(self, pos: PointOfSale) -> str | None:
        if pos.amount_so_far is None:
            return None
        site = pos.store.account.site
        return f"{site.text(pos.amount_so_far)} {site.currency}"
