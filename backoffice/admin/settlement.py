from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from backoffice.models import SettlementRow
from orders import words
from stores.admin import ReadOnlyAdmin


@admin.register(SettlementRow)
class SettlementRowAdmin(ReadOnlyAdmin):
    """What an order or a payment cost: search for its reference or its number."""

    help_line = _("What Mercado Pago settled, row by row: what it took, and what was left.")
    empty_hint = _("None yet. Upload a settlement report of Mercado Pago's on the page “Settlement reports”.")
    store_path = "order__pos__store"
    list_display = ("at", "kind", "source_id", "order", "gross", "fees", "taxes", "net", "fate", "told", "report")
    amounts = ("gross", "fees", "taxes", "net")
    currency = "account.site.currency"
    list_filter = ("fate", "kind", "report")
    list_select_related = ("order", "account")
    search_fields = ("=source_id", "^order__external_reference", "=external_reference")
    fields = (
        "run", "number", "report", "kind", "word", "source_id", "external_reference", "at", "gross", "fees", "taxes",
        "net", "fate", "told", "order", "payment", "refund",
    )  # fmt: skip
    readonly_fields = ("told",)

    @admin.display(description=_("note"), ordering="note")
    def told(self, row: SettlementRow) -> str:
        """Rows keep amounts as the program writes them."""
        return words.side(row.note, row.account.site) or "-"

    def lookup_allowed(self, lookup: str, value: str, request: object = None) -> bool:
        return lookup == "run__id__exact" or super().lookup_allowed(lookup, value, request)  # type: ignore[arg-type]
