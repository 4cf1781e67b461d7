from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from stores.admin.base import HintingAdmin
from stores.models import Store


@admin.register(Store)
class StoreAdmin(HintingAdmin):
    empty_hint = _("No stores yet. Register one with Mercado Pago: manage.py register_store.")
    list_display = ("name", "external_id", "account", "city", "is_active")
    list_filter = ("is_active", "account")
    search_fields = ("name", "external_id", "city")
    filter_horizontal = ("managers",)
    # What Mercado Pago knows of it too is changed by registering it again, which tells both.
    readonly_fields = (
        "account", "external_id", "branch_number", "name", "street", "number", "city", "state", "latitude",
        "longitude", "reference", "business_hours", "remote_id",
    )  # fmt: skip
