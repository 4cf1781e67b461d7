from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from receipts.models import ReceiptMail
from stores.admin import ReadOnlyAdmin


@admin.register(ReceiptMail)
class ReceiptMailAdmin(ReadOnlyAdmin):
    help_line = _("Receipts that customers had sent to themselves. The addresses are not kept.")
    store_path = "receipt__store"
    empty_hint = _("None yet. Customers ask for them on the page that their receipt's code leads to.")
    list_display = ("created_at", "receipt", "sent_at", "attempts", "due_at", "error")
    list_select_related = ("receipt",)
    search_fields = ("receipt__number", "receipt__order__external_reference")
    fields = ("created_at", "receipt", "sent_at", "attempts", "due_at", "error")
