from typing import Any

from django.contrib import admin

from orders.models import MerchantOrder, Order, Payment, Transition
from stores.admin import ReadOnlyAdmin


class ReadOnlyInline(admin.TabularInline[Any, Any]):
    """Rows to look at."""

    extra = 0
    can_delete = False
    show_change_link = True

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
    list_display = ("remote_id", "order", "status", "order_status", "total_amount", "updated_at")
    list_filter = ("status",)
    list_select_related = ("order",)
    search_fields = ("remote_id", "order__external_reference")


@admin.register(Payment)
class PaymentAdmin(ReadOnlyAdmin):
    list_display = ("remote_id", "merchant_order", "status", "status_detail", "amount", "refunded", "approved_at")
    list_filter = ("status",)
    list_select_related = ("merchant_order",)
    search_fields = ("remote_id", "merchant_order__remote_id", "merchant_order__order__external_reference")


@admin.register(Transition)
class TransitionAdmin(ReadOnlyAdmin):
    list_display = ("at", "order", "from_status", "to_status", "reason", "actor")
    list_filter = ("to_status",)
    list_select_related = ("order",)
    search_fields = ("order__external_reference", "actor")
