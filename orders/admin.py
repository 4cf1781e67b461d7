import uuid
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import F, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy as _

from gateway.errors import GatewayError
from orders import refunds, services
from orders.errors import Refused
from orders.models import MerchantOrder, Order, Payment, Refund, RefundRequest, Transition
from orders.states import RequestStatus
from stores.admin import ReadOnlyAdmin
from stores.services import connect


class ReadOnlyInline(admin.TabularInline[Any, Any]):
    """Rows to look at."""

    extra = 0
    can_delete = False
    show_change_link = True

    def get_readonly_fields(self, request: Any, obj: Any = None) -> Any:
        return self.fields

    def has_add_permission(self, request: Any, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: Any, obj: Any = None) -> bool:
        return False


class TransitionInline(ReadOnlyInline):
    model = Transition
    fields = ("at", "from_status", "to_status", "reason", "actor")


class MerchantOrderInline(ReadOnlyInline):
    model = MerchantOrder
    fields = ("remote_id", "status", "order_status", "objection", "total_amount", "seen_at")


class RefundRequestInline(ReadOnlyInline):
    model = RefundRequest
    fields = ("created_at", "amount", "status", "reason", "actor", "decided_by")


class RefundForm(forms.Form):
    """How much, and why."""

    amount = forms.DecimalField(label=_("amount"), min_value=Decimal("0.01"), max_digits=12, decimal_places=2)
    reason = forms.CharField(label=_("reason"), max_length=200, widget=forms.TextInput(attrs={"size": 60}))
    # Made with the page: pressing the button twice refunds once.
    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)


@admin.register(Order)
class OrderAdmin(ReadOnlyAdmin):
    empty_hint = _("No orders yet. They appear when a controller reports a sale; see /api/docs/.")
    list_display = (
        "external_reference", "attention", "pos", "status", "payment_status", "currency", "total_amount",
        "paid_amount", "refunded_amount", "created_at",
    )  # fmt: skip
    list_filter = ("attention", "status", "payment_status", "pos__store")
    list_select_related = ("pos",)
    search_fields = (
        "external_reference", "reference", "pos__name", "pos__external_id", "=receipt__number",
        "=merchant_orders__remote_id", "=merchant_orders__payments__remote_id",
    )  # fmt: skip
    ordering = (F("attention").asc(nulls_last=True), "-pk")
    fields = (
        "attention", "status", "payment_status", "pos", "external_reference", "reference", "title", "description",
        "sold", "currency", "total_amount", "paid_amount", "refunded_amount", "payments", "created_at", "expires_at",
        "first_served_at", "closed_at",
    )  # fmt: skip
    readonly_fields = ("sold", "payments")
    inlines = (TransitionInline, RefundRequestInline, MerchantOrderInline)
    actions = ("check_now", "refund")
    object_actions = ("check_now", "refund")

    def has_refund_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("orders.add_refundrequest")

    @admin.display(description=_("items"))
    def sold(self, order: Order) -> str:
        return format_html_join(
            mark_safe("<br>"),
            "{} · {} {} × {} = {}",
            ((i["title"], i["quantity"], i["unit_measure"], i["unit_price"], i["total_amount"]) for i in order.items),
        )

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
    def check_now(self, request: HttpRequest, chosen: QuerySet[Order]) -> HttpResponse | None:
        if chosen.count() > 1:
            chosen.update(next_check_at=timezone.now())
            self.message_user(request, _("They are checked within seconds."))
            return None
        for order in chosen.with_site():  # type: ignore[attr-defined]
            try:
                order = services.refresh(order, client=connect(order.account), actor=str(request.user))
            except GatewayError as error:
                self.message_user(request, str(error), messages.ERROR)
            else:
                state = f"{order.get_status_display()}, {order.get_payment_status_display()}"
                self.message_user(request, _("Mercado Pago was asked: %(state)s.") % {"state": state})
        return self.back_to(chosen)

    @admin.action(description=_("Refund"), permissions=["refund"])
    def refund(self, request: HttpRequest, chosen: QuerySet[Order]) -> HttpResponse | None:
        order = chosen.with_site().first()  # type: ignore[attr-defined]
        if order is None or chosen.count() > 1:
            self.message_user(request, _("Choose one order."), messages.ERROR)
            return None
        left = order.site.text(order.paid_amount - order.refunded_amount)
        form = RefundForm(request.POST if "apply" in request.POST else None, initial={"amount": left})
        if form.is_valid() and _refund(request, order, form):
            return self.back_to(chosen)
        lead = _("Order %(order)s: %(left)s %(currency)s can be refunded, in full or a part of it.")
        values = {"order": order, "left": left, "currency": order.currency}
        return self.ask(request, chosen, "refund", title=_("Refund"), lead=lead % values, form=form, submit=_("Refund"))


def _refund(request: HttpRequest, order: Order, form: RefundForm) -> bool:
    try:
        made, _is_new = refunds.ask(
            order,
            amount=form.cleaned_data["amount"],
            reason=form.cleaned_data["reason"],
            actor=str(request.user),
            idempotency_key=str(form.cleaned_data["key"]),
        )
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return False
    _send(request, made)
    return True


def _send(request: HttpRequest, made: RefundRequest) -> None:
    made = refunds.send(made, client=connect(made.order.account))
    errors = "; ".join(refund.error for refund in made.refunds.all() if refund.error)
    level = messages.ERROR if made.status == RequestStatus.FAILED else messages.INFO
    messages.add_message(request, level, f"{made}: {made.get_status_display()} {errors}".strip())


@admin.register(RefundRequest)
class RefundRequestAdmin(ReadOnlyAdmin):
    empty_hint = _("None yet. They appear when money goes back, or when the rules propose it.")
    list_display = ("created_at", "order", "amount", "status", "reason", "actor", "decided_by")
    list_filter = ("status", "order__pos__store")
    list_select_related = ("order",)
    search_fields = ("order__external_reference", "reason", "actor")
    fields = ("created_at", "order", "amount", "status", "reason", "actor", "decided_by")
    actions = ("accept", "decline")
    object_actions = ("accept", "decline")

    def has_refund_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("orders.add_refundrequest")

    @admin.action(description=_("Refund what is proposed"), permissions=["refund"])
    def accept(self, request: HttpRequest, chosen: QuerySet[RefundRequest]) -> HttpResponse | None:
        for proposal in chosen:
            try:
                _send(request, refunds.accept(proposal, actor=str(request.user)))
            except Refused as refusal:
                self.message_user(request, f"{proposal}: {refusal}", messages.ERROR)
        return self.back_to(chosen)

    @admin.action(description=_("Keep the money"), permissions=["refund"])
    def decline(self, request: HttpRequest, chosen: QuerySet[RefundRequest]) -> HttpResponse | None:
        for proposal in chosen:
            try:
                refunds.decline(proposal, actor=str(request.user))
            except Refused as refusal:
                self.message_user(request, f"{proposal}: {refusal}", messages.ERROR)
            else:
                self.message_user(request, _("%(proposal)s is kept.") % {"proposal": proposal})
        return self.back_to(chosen)


@admin.register(Refund)
class RefundAdmin(ReadOnlyAdmin):
    empty_hint = _("None yet. Each is what goes back of one payment.")
    list_display = ("payment", "amount", "status", "remote_id", "attempts", "asked_at", "error")
    list_filter = ("status",)
    list_select_related = ("payment",)
    search_fields = ("payment__remote_id", "remote_id", "request__order__external_reference")


@admin.register(MerchantOrder)
class MerchantOrderAdmin(ReadOnlyAdmin):
    empty_hint = _("None yet. Mercado Pago makes one whenever a customer scans a code and sees an order.")
    list_display = ("remote_id", "order", "status", "order_status", "total_amount", "updated_at")
    list_filter = ("status",)
    list_select_related = ("order",)
    search_fields = ("remote_id", "order__external_reference")


@admin.register(Payment)
class PaymentAdmin(ReadOnlyAdmin):
    empty_hint = _("No payments yet. They appear when a customer pays an order.")
    list_display = ("remote_id", "merchant_order", "status", "status_detail", "amount", "refunded", "approved_at")
    list_filter = ("status",)
    list_select_related = ("merchant_order",)
    search_fields = ("remote_id", "merchant_order__remote_id", "merchant_order__order__external_reference")


@admin.register(Transition)
class TransitionAdmin(ReadOnlyAdmin):
    empty_hint = _("None yet. Every change of an order is written down here.")
    list_display = ("at", "order", "from_status", "to_status", "reason", "actor")
    list_filter = ("to_status",)
    list_select_related = ("order",)
    search_fields = ("order__external_reference", "actor")
