from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from receipts.models import Document, ReceiptBook
from stores.admin import ReadOnlyAdmin, store_time


@admin.register(ReceiptBook)
class ReceiptBookAdmin(ReadOnlyAdmin):
    help_line = _("The last receipt number of each store. Numbers have no gaps.")
    store_path = "store"
    empty_hint = _("None yet. A store's book is opened with its first receipt.")
    list_display = ("store", "last")
    list_select_related = ("store",)
    search_fields = ("store__name", "store__external_id")


@admin.register(Document)
class DocumentAdmin(ReadOnlyAdmin):
    help_line = _("The drawn files of receipts. They are never drawn anew: what was handed out stays as it was.")
    store_path = "receipt__store"
    empty_hint = _("No documents yet. A worker draws them with each receipt.")
    list_display = ("receipt", "format", "variant", "size", "drawn")
    list_filter = ("format",)
    sortable_by = ()
    list_select_related = ("receipt__store",)
    search_fields = ("=receipt__number", "^receipt__order__external_reference")
    fields = ("receipt", "format", "variant", "name", "sha256", "size", "drawn")
    drawn = store_time("drawn_at", _("drawn"), store="receipt.store")
