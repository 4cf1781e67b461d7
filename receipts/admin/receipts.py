from django.contrib import admin
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from receipts.admin.printing import PrintsReceipts
from receipts.models import Document, Receipt, ReceiptBook
from stores.admin import ReadOnlyAdmin


@admin.register(Receipt)
class ReceiptAdmin(PrintsReceipts):
    empty_hint = _("No receipts yet. A worker draws one when an order is closed.")
    list_display = ("number", "store", "order", "issued_at", "drawn_at", "view")
    list_filter = ("store",)
    list_select_related = ("store", "order")
    search_fields = ("number", "order__external_reference")
    fields = ("number", "store", "order", "issued_at", "drawn_at", "view")

    @admin.display(description=_("receipt"))
    def view(self, receipt: Receipt) -> str:
        return format_html('<a href="{}" target="_blank">{}</a>', receipt.public_url, _("show"))


@admin.register(ReceiptBook)
class ReceiptBookAdmin(ReadOnlyAdmin):
    empty_hint = _("None yet. A store's book is opened with its first receipt.")
    list_display = ("store", "last")
    list_select_related = ("store",)
    search_fields = ("store__name", "store__external_id")


@admin.register(Document)
class DocumentAdmin(ReadOnlyAdmin):
    empty_hint = _("No documents yet. A worker draws them with each receipt.")
    list_display = ("receipt", "format")
    list_filter = ("format",)
    list_select_related = ("receipt",)
    search_fields = ("receipt__number", "receipt__order__external_reference")
    fields = ("receipt", "format")
