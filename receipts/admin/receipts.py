from urllib.parse import urlencode

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy as _

from receipts import errands, services
from receipts.admin.printing import PrintsReceipts
from receipts.models import Copy, Format, Kind, Receipt
from stores.admin import start, store_time


def download_url(receipt: Receipt, format: Format, copy: Copy | None = None) -> str:
    """Where the admin hands it out."""
    url = reverse("admin:receipts_receipt_download", args=[receipt.pk, format])
    return f"{url}?{urlencode({'copy': copy.number})}" if copy else url


@admin.register(Receipt)
class ReceiptAdmin(PrintsReceipts):
    exported_as = "receipts"
    help_line = _("One for each closed order, and a slip for each refund. Download it, print it, or make a copy.")
    store_path = "store"
    empty_hint = _("No receipts yet. A worker draws one when an order is closed.")
    list_display = ("named", "issued", "store_name", "order_link", "pdf")
    list_filter = ("kind", "store")
    list_select_related = ("store", "order", "of__order")
    sortable_by = ("named",)
    search_fields = ("=number", "^order__external_reference", "^of__order__external_reference")
    fields = (
        "number", "kind", "store", "order_link", "of", "refund_request", "slip_links", "issued", "drawn", "view",
        "formats", "copy_links",
    )  # fmt: skip
    actions = ("print", "print_copy")
    object_actions = ("print", "print_copy")
    issued = store_time("issued_at", _("issued"), store="store")
    drawn = store_time("drawn_at", _("drawn"), store="store")

    class Media:
        css = {"all": ("receipts/printing.css",)}

    def get_fields(self, request: HttpRequest, obj: Receipt | None = None) -> tuple[str, ...]:
        """A slip is of a receipt, a receipt has slips."""
        of_the_other = ("slip_links",) if obj and obj.kind == Kind.REFUND else ("of", "refund_request")
        return tuple(name for name in self.fields if name not in of_the_other)

    def has_copy_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("receipts.add_copy")

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.download_view)
        return [
            path("<int:pk>/<str:format>/download/", view, name="receipts_receipt_download"),
            *super().get_urls(),
        ]

    def download_view(self, request: HttpRequest, pk: int, format: str) -> HttpResponse:
        receipt = self.get_queryset(request).select_related("store__account").filter(pk=pk).first()
        if receipt is None or format not in Format.values or not self.has_view_permission(request, receipt):
            raise Http404
        copy = _copy_of(receipt, request.GET.get("copy"))
        name, media_type, data = services.document(receipt, format, copy=copy)
        headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-store"}
        return HttpResponse(data, content_type=media_type, headers=headers)

    @admin.action(description=_("Make a copy"), permissions=["copy"])
    def print_copy(self, request: HttpRequest, chosen: QuerySet[Receipt]) -> HttpResponse | None:
        if chosen.count() > 1:
            return start(self, request, chosen, errands.COPY)
        for receipt in chosen:
            copy = services.reprint(receipt, request.user.get_username())
            link = format_html('<a href="{}">{}</a>', download_url(receipt, Format.PDF, copy), _("Download the PDF"))
            self.message_user(request, format_html("{}: {} – {}", receipt.number, copy.mark, link), messages.SUCCESS)
        return self.back_to(chosen)

    @admin.display(description=_("order"), ordering="order")
    def order_link(self, receipt: Receipt) -> str:
        url = reverse("admin:orders_order_change", args=[receipt.sale.pk])
        return format_html('<a href="{}">{}</a>', url, receipt.sale)

    @admin.display(description=_("receipt"))
    def view(self, receipt: Receipt) -> str:
        return format_html('<a href="{}" target="_blank">{}</a>', receipt.public_url, _("show"))

    @admin.display(description=_("download"))
    def formats(self, receipt: Receipt) -> str:
        links = ((download_url(receipt, format), format.label) for format in Format)
        return format_html_join(mark_safe(" · "), '<a href="{}">{}</a>', links)

    @admin.display(description=_("number"), ordering="number")
    def named(self, receipt: Receipt) -> str:
        if receipt.kind == Kind.RECEIPT:
            return receipt.number
        return format_html('{}<span class="print-why">{}</span>', receipt.number, receipt.get_kind_display())

    @admin.display(description=_("store"), ordering="store")
    def store_name(self, receipt: Receipt) -> str:
        return receipt.store.name

    @admin.display(description="PDF")
    def pdf(self, receipt: Receipt) -> str:
        return format_html('<a href="{}">{}</a>', download_url(receipt, Format.PDF), _("download"))

    @admin.display(description=_("refund slips"))
    def slip_links(self, receipt: Receipt) -> str:
        rows = (
            (reverse("admin:receipts_receipt_change", args=[slip.pk]), slip) for slip in receipt.slips.order_by("pk")
        )
        return format_html_join(mark_safe("<br>"), '<a href="{}">{}</a>', rows) or "–"

    @admin.display(description=_("copies"))
    def copy_links(self, receipt: Receipt) -> str:
        rows = ((download_url(receipt, Format.PDF, copy), copy.mark) for copy in receipt.copies.all())
        return format_html_join(mark_safe("<br>"), '<a href="{}">{}</a>', rows) or "–"


def _copy_of(receipt: Receipt, number: str | None) -> Copy | None:
    if number is None:
        return None
    copy = receipt.copies.filter(number=number).first() if number.isdecimal() and len(number) < 9 else None
    if copy is None:
        raise Http404
    return copy
