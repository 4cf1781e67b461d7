from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from receipts.models import ReceiptMail
from stores.admin import ReadOnlyAdmin, store_time


@admin.register(ReceiptMail)
class ReceiptMailAdmin(ReadOnlyAdmin):
    help_line = _("Receipts that customers had sent to themselves. The addresses are not kept.")
    store_path = "receipt__store"
    empty_hint = _("None yet. Customers ask for them on the page that their receipt's code leads to.")
    list_display = ("created", "receipt", "sent", "attempts", "due", "error")
    list_select_related = ("receipt__store",)
    search_fields = ("=receipt__number", "^receipt__order__external_reference")
    fields = ("created", "receipt", "sent", "attempts", "due", "error")
    created = store_time("created_at", _("asked for"), store="receipt.store")
    sent = store_time("sent_at", _("sent"), store="receipt.store")
    due = store_time("due_at", _("next attempt"), store="receipt.store")
