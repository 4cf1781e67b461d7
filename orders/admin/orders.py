from decimal import Decimal
from typing import Any, Final, cast

from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db.models import F, prefetch_related_objects
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from orders import errands, words
from orders.admin import tones
from orders.admin.filters import Sold, ToPay
from orders.admin.inlines import MerchantOrderInline, RefundRequestInline, TransitionInline, pretty
from orders.admin.refunds import RefundForm, can_go_back, confirmation, limit_hint, proposed, refund, waits_text
from orders.models import Order, OrderQuerySet, Payment, RefundRequest
from orders.spreading import left_of
from orders.states import RequestStatus
from stores.admin import ReadOnlyAdmin, start
from stores.admin.base import Further
from stores.admin.reasons import ReasonForm
from stores.amounts import quantity, with_currency, written

_PRICES: Final = ("unit_price", "total_amount")
# Fields of its page that many orders have nothing for, and what says so: an empty one is not shown.
_IF_ANY: Final = {
    "attention": "attention", "reference": "reference", "title": "title", "description": "description",
    "documents": "receipt", "first_served_at": "first_served_at", "closed_at": "closed_at", "taxed": "taxes",
    "marketplace_fee": "marketplace_fee", "points": "loyalty", "program": "loyalty",
}  # fmt: skip


@admin.register(Order)
class OrderAdmin(ReadOnlyAdmin):
    exported_as = "orders"
    help_line = _(
        "What customers owe or paid. Open one to see its payments, check it with Mercado Pago, or give money back."
    )
    badges = {"attention": tones.ATTENTION, "status": tones.ORDER, "payment_status": tones.PAYMENT_STATUS}
    amounts = ("total_amount", "paid_amount", "refunded_amount", "marketplace_fee")
    store_path = "pos__store"
    empty_hint = _("No orders yet. They appear when a controller reports a sale; see /api/docs/.")
    # What a person knows a sale by comes first: when, where, how much. Nobody knows it by its code.
    list_display = (
        "created_at", "pos", "total_amount", "attention", "status", "payment_status", "paid_amount", "refunded_amount",
        "code", "currency",
    )  # fmt: skip
    list_display_links = ("created_at", "code")
    list_filter = (Sold, ToPay, "attention", "status", "payment_status", "loyalty_status", "pos__store")
    list_select_related = ("pos",)
    sortable_by = ("code", "total_amount")  # by an index: of a million orders no other is sorted in time
    search_fields = (
        "^external_reference", "=reference", "=id", "pos__name", "pos__external_id", "=receipt__number",
        "=merchant_orders__remote_id", "=merchant_orders__payments__remote_id",
    )  # fmt: skip
    ordering = (F("attention").asc(nulls_last=True), "-pk")
    fields = (
        "attention", "status", "payment_status", "pos", "external_reference", "reference", "title", "description",
        "sold", "currency", "total_amount", "paid_amount", "refunded_amount", "payments", "documents", "created_at",
        "expires_at", "first_served_at", "closed_at", "taxed", "marketplace_fee", "points", "program",
    )  # fmt: skip
    readonly_fields = ("sold", "payments", "documents", "taxed", "points", "program")
    inlines = (TransitionInline, RefundRequestInline, MerchantOrderInline)
    actions = ("check_now", "refund", "release")
    object_actions = ("check_now", "refund", "release")
    object_pages = (("admin:timeline_order", _("Why can't the customer pay?")),)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.refund_view)
        return [path("<int:pk>/refund/", view, name="orders_order_refund"), *super().get_urls()]

    def has_check_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("orders.change_order")

    def has_refund_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("orders.add_refundrequest")

    def get_fields(self, request: HttpRequest, obj: Order | None = None) -> Any:
        return [name for name in self.fields if name not in _IF_ANY or getattr(obj, _IF_ANY[name], None)]

    def get_inlines(self, request: HttpRequest, obj: Order | None = None) -> Any:
        """What the order has rows of: fetched once, since the admin asks again and again."""
        if obj:
            prefetch_related_objects([obj], "refund_requests", "merchant_orders")
        rows = {RefundRequestInline: "refund_requests", MerchantOrderInline: "merchant_orders"}
        return [one for one in self.inlines if one not in rows or (obj and getattr(obj, rows[one]).exists())]

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """On the page of one order that is over there is nothing to release."""
        actions: dict[str, Any] = super().get_actions(request)
        match = request.resolver_match
        number = match.kwargs.get("object_id", "") if match else ""
        if number.isdecimal() and not Order.objects.open().filter(pk=number).exists():
            actions.pop("release", None)
        return actions

    def get_object_pages(self, object_id: str) -> list[tuple[str, StrOrPromise]]:
        """Why an order that is over cannot be paid, nobody asks."""
        pages = super().get_object_pages(object_id)
        is_open = Order.objects.open().filter(pk=object_id).exists()
        return pages if is_open else [(page, _("What happened")) for page, _label in pages]

    @admin.display(description=_("order"), ordering="external_reference")
    def code(self, order: Order) -> str:
        """The whole of it; on a wide screen only its beginning is seen (lists.css)."""
        return format_html('<span class="code" title="{0}">{0}</span>', order.external_reference)

    @admin.display(description=_("items"))
    def sold(self, order: Order) -> str:
        return format_html_join(
            mark_safe("<br>"),
            "{} · {} × {} = {}",
            (
                (
                    i["title"],
                    words.amount_of(i, order.site),
                    *(written(Decimal(i[n]), order.site) for n in _PRICES),
                )
                for i in order.items
            ),
        )

    @admin.display(description=_("taxes"))
    def taxed(self, order: Order) -> str:
        site = order.site
        told = (
            (t["type"], quantity(Decimal(t["percentage"]), site), words.money(t["value"], site)) for t in order.taxes
        )
        return ", ".join("{} {} %: {}".format(*one) for one in told) or "-"

    @admin.display(description=_("loyalty points"))
    def points(self, order: Order) -> str:
        if not order.loyalty:
            return "-"
        state = order.get_loyalty_status_display() or str(_("not asked yet"))
        return state if order.loyalty_points is None else f"{state}: {order.loyalty_points}"

    @admin.display(description=_("loyalty"))
    def program(self, order: Order) -> str:
        return pretty(order.loyalty) if order.loyalty else "-"

    @admin.display(description=_("payments"))
    def payments(self, order: Order) -> str:
        rows = Payment.objects.filter(merchant_order__order=order).order_by("pk")
        page = "admin:orders_payment_change"
        return format_html_join(
            mark_safe("<br>"),
            '<a href="{}">{}</a> · {} · {} · {}',
            (
                (
                    reverse(page, args=[p.pk]),
                    p.remote_id,
                    written(p.amount, order.site),
                    words.status(p.status),
                    words.detail(p.status_detail) or "-",
                )
                for p in rows
            ),
        )

    @admin.display(description=_("receipt and refund slips"))
    def documents(self, order: Order) -> str:
        receipt: Any = getattr(order, "receipt", None)  # the reverse side of receipts.Receipt.order
        drawn = [receipt, *receipt.slips.order_by("pk")] if receipt else []
        rows = ((reverse("admin:receipts_receipt_change", args=[row.pk]), row.number) for row in drawn)
        return format_html_join(mark_safe("<br>"), '<a href="{}">{}</a>', rows) or "-"

    @admin.action(description=_("Check now with Mercado Pago"), permissions=["check"])
    def check_now(self, request: HttpRequest, chosen: OrderQuerySet) -> HttpResponse | None:
        return start(self, request, chosen, errands.CHECK)

    def refund_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The form at an address of its own: the browser's Back leads from the confirmation to it again."""
        if not self.has_refund_permission(request) or not self.has_view_permission(request):
            raise PermissionDenied
        chosen = cast(OrderQuerySet, self.get_queryset(request)).filter(pk=pk)
        get_object_or_404(chosen)
        return self._refund(request, chosen) or redirect("admin:orders_order_changelist")

    @admin.action(description=_("Refund"), permissions=["refund"])
    def refund(self, request: HttpRequest, chosen: OrderQuerySet) -> HttpResponse | None:
        order = chosen.first()
        if order is not None and "apply" not in request.POST and chosen.count() == 1:
            return Further(reverse("admin:orders_order_refund", args=[order.pk]))
        return self._refund(request, chosen)

    def _refund(self, request: HttpRequest, chosen: OrderQuerySet) -> HttpResponse | None:
        order = chosen.with_site().first()
        if order is None or chosen.count() > 1:
            self.message_user(request, _("Choose one order."), messages.ERROR)
            return None
        rest, is_confirmed = left_of(order), "confirmed" in request.POST
        if not rest and not is_confirmed:
            self.message_user(request, _("Nothing of this order can be refunded."), messages.ERROR)
            return self.back_to(chosen)
        wish = order.site.text(proposed(order) or rest)  # of a sale paid twice: one payment, not both
        form = RefundForm(request.POST if "apply" in request.POST else None, initial={"amount": wish})
        if form.is_valid() and not is_confirmed and can_go_back(order, form):
            return self.ask(request, chosen, "refund", **confirmation(order, form, person=cast(User, request.user)))
        if is_confirmed and form.is_valid() and (made := refund(request, order, form)):
            if made.status == RequestStatus.PROPOSED:
                self.message_user(request, waits_text(made), messages.WARNING)
                return self.back_to(chosen)
            back = reverse("admin:orders_order_change", args=[order.pk])
            return start(self, request, RefundRequest.objects.filter(pk=made.pk), errands.SEND, back=back)
        lead = _("Order %(order)s: %(left)s can be refunded, in full or a part of it.")
        leads = f"{lead % {'order': order, 'left': with_currency(rest, order.site)}} {limit_hint(order)}"
        back = reverse("admin:orders_order_change", args=[order.pk])
        about = {"title": _("Refund"), "lead": leads, "submit": _("Continue"), "back": back}
        return self.ask(request, chosen, "refund", form=form, **about)

    @admin.action(description=_("Cancel by hand"), permissions=["refund"])
    def release(self, request: HttpRequest, chosen: OrderQuerySet) -> HttpResponse | None:
        order = chosen.with_site().first()
        if order is None or chosen.count() > 1:
            self.message_user(request, _("Choose one order."), messages.ERROR)
            return None
        form = ReasonForm(request.POST if "apply" in request.POST else None)
        if form.is_valid():
            return start(self, request, chosen, errands.RELEASE, reason=form.cleaned_data["reason"])
        lead = _(
            "For an order that cannot end by itself: a payment that is never decided, an answer that makes no sense. "
            "Its point of sale is free again; what is paid all the same is late money, and stands on the list."
        )
        title = _("Cancel by hand")
        return self.ask(request, chosen, "release", title=title, lead=lead, form=form, submit=title)
