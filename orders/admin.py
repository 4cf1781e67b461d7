from typing import Any

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from orders.models import MerchantOrder, Order, Payment, Transition
from stores.admin import ReadOnlyAdmin


class ReadOnlyInline(admin.TabularInline[Any, Any]):
    """Rows to look at."""

    extra = 0
    can_delete = False
    show_change_link = True

    def get_readonly_fields(self, request: Any, obj: Any = None) -> Any:
        return self.fields

    def has_add_permission(self, request: Any, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: Any, obj: Any = None) -> bool:
        return False


class TransitionInline(ReadOnlyInline):
    model = Transition
    fields = ("at", "from_status", "to_status", "reason", "actor")


class MerchantOrderInline(ReadOnlyInline):
    model = MerchantOrder
    fields = ("remote_id", "status", "order_status", "total_amount", "seen_at")


@admin.register(Order)
class OrderAdmin(ReadOnlyAdmin):
    empty_hint = _("No orders yet. They appear when a controller reports a sale; see /api/docs/.")
    list_display = (
        "external_reference", "pos", "status", "payment_status", "attention", "currency", "total_amount",
        "paid_amount", "created_at",
    )  # fmt: skip
    list_filter = ("status", "payment_status", "attention", "pos__store")
    list_select_related = ("pos",)
    search_fields = ("external_reference", "reference")
    inlines = (TransitionInline, MerchantOrderInline)


@admin.register(MerchantOrder)
class MerchantOrderAdmin(ReadOnlyAdmin):
    empty_hint = _("None yet. Mercado Pago makes one whenever a customer scans a code and sees an order.")
    list_display = ("remote_id", "order", "status", "order_status", "total_amount", "updated_at")
    list_filter = ("status",)
    list_select_related = ("order",)
    search_fields = ("remote_id", "order__external_reference")


@admin.register(Payment)
class PaymentAdmin(ReadOnlyAdmin):
    empty_hint = _("No payments yet. They appear when a customer pays an order.")
    list_display = ("remote_id", "merchant_order", "status", "status_detail", "amount", "refunded", "approved_at")
    list_filter = ("status",)
    list_select_related = ("merchant_order",)
    search_fields = ("remote_id", "merchant_order__remote_id", "merchant_order__order__external_reference")


@admin.register(Transition)
class TransitionAdmin(ReadOnlyAdmin):
    empty_hint = _("None yet. Every change of an order is written down here.")
    list_display = ("at", "order", "from_status", "to_status", "reason", "actor")
    list_filter = ("to_status",)
    list_select_related = ("order",)
    search_fields = ("order__external_reference", "actor")
