from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from orders.models import MoneyEntry
from stores.admin import ReadOnlyAdmin


@admin.register(MoneyEntry)
class MoneyEntryAdmin(ReadOnlyAdmin):
    help_line = _("Whatever was learnt of money, or decided about it, in order. Nobody can edit this.")
    empty_hint = _("None yet. Whatever is learnt of money, or decided about it, is written down here and stays.")
    store_path = "order__pos__store"
    list_display = ("at", "order", "event", "amount", "before", "after", "actor", "reason")
    list_filter = ("event",)
    sortable_by = ()
    list_select_related = ("order",)
    search_fields = ("^order__external_reference", "=order__merchant_orders__payments__remote_id")
    ordering = ("-pk",)
