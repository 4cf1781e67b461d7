from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy as _

from orders import errands
from orders.admin.inlines import ReadOnlyInline, pretty
from orders.admin.refunds import RefundForm, refund
from orders.models import MerchantOrder, Order, OrderQuerySet, Payment, RefundRequest, Transition
from stores.admin import ReadOnlyAdmin, start


class TransitionInline(ReadOnlyInline):
    model = Transition
    fields = ("at", "from_status", "to_status", "reason", "actor")


class MerchantOrderInline(ReadOnlyInline):
    model = MerchantOrder
    fields = ("remote_id", "status", "order_status", "objection", "total_amount", "seen_at")


class RefundRequestInline(ReadOnlyInline):
    model = RefundRequest
    fields = ("created_at", "amount", "status", "why", "actor", "decided_by")


class ReasonForm(forms.Form):
    """Why."""

    reason = forms.CharField(label=_("reason"), max_length=200, widget=forms.TextInput(attrs={"size": 60}))


@admin.register(Order)
class OrderAdmin(ReadOnlyAdmin):
    empty_hint = _("No orders yet. They appear when a controller reports a sale; see /api/docs/.")
    list_display = (
        "external_reference", "attention", "status", "payment_status", "total_amount", "paid_amount",
        "refunded_amount", "currency", "pos", "created_at",
    )  # fmt: skip
    list_filter = ("attention", "status", "payment_status", "loyalty_status", "pos__store")
    list_select_related = ("pos",)
    search_fields = (
        "external_reference", "reference", "pos__name", "pos__external_id", "=receipt__number",
        "=merchant_orders__remote_id", "=merchant_orders__payments__remote_id",
    )  # fmt: skip
    ordering = (F("attention").asc(nulls_last=True), "-pk")
    fields = (
        "attention", "status", "payment_status", "pos", "external_reference", "reference", "title", "description",
        "sold", "currency", "total_amount", "paid_amount", "refunded_amount", "payments", "created_at", "expires_at",
        "first_served_at", "closed_at", "taxed", "marketplace_fee", "points", "program",
    )  # fmt: skip
    readonly_fields = ("sold", "payments", "taxed", "points", "program")
    inlines = (TransitionInline, RefundRequestInline, MerchantOrderInline)
    actions = ("check_now", "refund", "release")
    object_actions = ("check_now", "refund", "release")

    def has_refund_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("orders.add_refundrequest")

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """On the page of one order that is over there is nothing to release."""
        actions: dict[str, Any] = super().get_actions(request)
        match = request.resolver_match
        number = match.kwargs.get("object_id") if match else None
        if number and not Order.objects.open().filter(pk=number).exists():
            actions.pop("release", None)
        return actions

    @admin.display(description=_("items"))
    def sold(self, order: Order) -> str:
        return format_html_join(
            mark_safe("<br>"),
            "{} · {} {} × {} = {}",
            ((i["title"], i["quantity"], i["unit_measure"], i["unit_price"], i["total_amount"]) for i in order.items),
        )

    @admin.display(description=_("taxes"))
    def taxed(self, order: Order) -> str:
        return ", ".join(f"{tax['type']} {tax['percentage']} %: {tax['value']}" for tax in order.taxes) or "-"

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
        return format_html_join(
            mark_safe("<br>"),
            '<a href="{}">{}</a> · {} · {} {}',
            (
                (reverse("admin:orders_payment_change", args=[p.pk]), p.remote_id, p.amount, p.status, p.status_detail)
                for p in rows
            ),
        )

    @admin.action(description=_("Check now with Mercado Pago"), permissions=["view"])
    def check_now(self, request: HttpRequest, chosen: OrderQuerySet) -> HttpResponse | None:
        return start(self, request, chosen, errands.CHECK)

    @admin.action(description=_("Refund"), permissions=["refund"])
    def refund(self, request: HttpRequest, chosen: OrderQuerySet) -> HttpResponse | None:
        order = chosen.with_site().first()
        if order is None or chosen.count() > 1:
            self.message_user(request, _("Choose one order."), messages.ERROR)
            return None
        if order.paid_amount <= order.refunded_amount:
            self.message_user(request, _("Nothing of this order can be refunded."), messages.ERROR)
            return self.back_to(chosen)
        left = order.site.text(order.paid_amount - order.refunded_amount)
        form = RefundForm(request.POST if "apply" in request.POST else None, initial={"amount": left})
        if form.is_valid() and (made := refund(request, order, form)):
            back = reverse("admin:orders_order_change", args=[order.pk])
            return start(self, request, RefundRequest.objects.filter(pk=made.pk), errands.SEND, back=back)
        lead = _("Order %(order)s: %(left)s %(currency)s can be refunded, in full or a part of it.")
        values = {"order": order, "left": left, "currency": order.currency}
        return self.ask(request, chosen, "refund", title=_("Refund"), lead=lead % values, form=form, submit=_("Refund"))

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
