from django.contrib import admin
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from orders import words
from receipts.admin.receipts import download_url
from receipts.models import Copy, Format
from stores.admin import ReadOnlyAdmin, store_time


@admin.register(Copy)
class CopyAdmin(ReadOnlyAdmin):
    help_line = _("Each reprint of a receipt: who made it, and when.")
    store_path = "receipt__store"
    empty_hint = _("No copies yet. Make one on the page of a receipt: “Make a copy”.")
    worded = {"actor": words.who}
    list_display = ("mark", "receipt", "number", "actor", "made", "pdf")
    list_select_related = ("receipt__store",)
    search_fields = ("=receipt__number", "actor")
    fields = ("receipt", "number", "actor", "made", "mark", "pdf")
    made = store_time("made_at", _("when"), store="receipt.store")

    @admin.display(description="PDF")
    def pdf(self, copy: Copy) -> str:
        return format_html('<a href="{}">{}</a>', download_url(copy.receipt, Format.PDF, copy), _("download"))
