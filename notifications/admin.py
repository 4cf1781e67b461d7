from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from notifications.models import Notification
from stores.admin import ReadOnlyAdmin


@admin.register(Notification)
class NotificationAdmin(ReadOnlyAdmin):
    empty_hint = _("None yet. Mercado Pago sends them when a customer sees or pays an order.")
    list_display = ("received_at", "account", "topic", "resource_id", "verdict", "outcome", "order", "attempts")
    list_filter = ("outcome", "topic", "verdict", "account")
    list_select_related = ("account", "order")
    search_fields = ("resource_id", "order__external_reference")
    fields = (
        "received_at", "account", "topic", "resource_id", "verdict", "outcome", "order", "attempts", "error",
        "processed_at", "next_attempt_at", "query", "headers", "body_text",
    )  # fmt: skip
