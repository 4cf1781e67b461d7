from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from orders import words
from orders.admin import tones
from orders.models import MerchantOrder, Payment, Transition
from orders.states import MERCHANT_ORDER_STATUSES, PAYMENT_STATUSES
from stores.admin import ReadOnlyAdmin
from stores.admin.known import one_of


@admin.register(MerchantOrder)
class MerchantOrderAdmin(ReadOnlyAdmin):
    help_line = _("Mercado Pago's own orders: every scan of a code makes one, so one of our orders may have many.")
    badges = {"status": tones.MERCHANT_ORDER}
    store_path = "order__pos__store"
    empty_hint = _("None yet. Mercado Pago makes one whenever a customer scans a code and sees an order.")
    list_display = ("remote_id", "order", "status", "order_status", "total_amount", "updated_at")
    worded = {"status": words.status, "order_status": words.status}
    amounts = ("total_amount",)
    currency = "order.currency"
    list_filter = (one_of("status", _("status"), MERCHANT_ORDER_STATUSES, words.status),)
    sortable_by = ()
    list_select_related = ("order",)
    search_fields = ("=remote_id", "=payments__remote_id", "^order__external_reference")


@admin.register(Payment)
class PaymentAdmin(ReadOnlyAdmin):
    exported_as = "payments"
    help_line = _("Every attempt to pay, as Mercado Pago reports it. Rejected ones explain what the customer saw.")
    badges = {"status": tones.PAYMENT}
    store_path = "pos__store"
    empty_hint = _("No payments yet. They appear when a customer pays an order.")
    list_display = ("remote_id", "merchant_order", "status", "status_detail", "amount", "refunded", "approved_at")
    worded = {"status": words.status, "status_detail": words.detail, "operation_type": words.operation}
    amounts = ("amount", "refunded")
    currency = "merchant_order.order.currency"
    list_filter = (one_of("status", _("status"), PAYMENT_STATUSES, words.status),)
    sortable_by = ()
    list_select_related = ("merchant_order__order",)
    search_fields = ("=remote_id", "=merchant_order__remote_id", "^merchant_order__order__external_reference")


@admin.register(Transition)
class TransitionAdmin(ReadOnlyAdmin):
    exported_as = "transitions"
    help_line = _(
        "Every change of an order: when, from what to what, why, and who or what caused it. Nobody can edit this."
    )
    badges = {"from_status": tones.ORDER, "to_status": tones.ORDER}
    store_path = "order__pos__store"
    empty_hint = _("None yet. Every change of an order is written down here.")
    worded = {"reason": words.why, "actor": words.who}
    list_display = fields = ("at", "order", "from_status", "to_status", "reason", "actor")
    list_filter = ("to_status",)
    sortable_by = ()
    list_select_related = ("order",)
    search_fields = ("^order__external_reference",)
