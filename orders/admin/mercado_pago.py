from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from orders.models import MerchantOrder, Payment, Transition
from stores.admin import ReadOnlyAdmin


@admin.register(MerchantOrder)
class MerchantOrderAdmin(ReadOnlyAdmin):
    store_path = "order__pos__store"
    empty_hint = _("None yet. Mercado Pago makes one whenever a customer scans a code and sees an order.")
    list_display = ("remote_id", "order", "status", "order_status", "total_amount", "updated_at")
    list_filter = ("status",)
    list_select_related = ("order",)
    search_fields = ("remote_id", "order__external_reference")


@admin.register(Payment)
class PaymentAdmin(ReadOnlyAdmin):
    store_path = "merchant_order__order__pos__store"
    empty_hint = _("No payments yet. They appear when a customer pays an order.")
    list_display = ("remote_id", "merchant_order", "status", "status_detail", "amount", "refunded", "approved_at")
    list_filter = ("status",)
    list_select_related = ("merchant_order",)
    search_fields = ("remote_id", "merchant_order__remote_id", "merchant_order__order__external_reference")


@admin.register(Transition)
class TransitionAdmin(ReadOnlyAdmin):
    store_path = "order__pos__store"
    empty_hint = _("None yet. Every change of an order is written down here.")
    list_display = ("at", "order", "from_status", "to_status", "reason", "actor")
    list_filter = ("to_status",)
    list_select_related = ("order",)
    search_fields = ("order__external_reference", "actor")
