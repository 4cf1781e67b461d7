import uuid
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from orders import errands, refunds, services
from orders.errors import Refused
from orders.models import Order, Refund, RefundRequest
from stores.admin import ReadOnlyAdmin, start


class RefundForm(forms.Form):
    """How much, and why."""

    amount = forms.DecimalField(label=_("amount"), min_value=Decimal("0.01"), max_digits=12, decimal_places=2)
    reason = forms.CharField(label=_("reason"), max_length=200, widget=forms.TextInput(attrs={"size": 60}))
    # Made with the page: pressing the button twice refunds once.
    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)


def refund(request: HttpRequest, order: Order, form: RefundForm) -> RefundRequest | None:
    """What is to be sent by a worker; None when it cannot be, which the form says then."""
    try:
        made, _is_new = refunds.ask(
            order,
            amount=form.cleaned_data["amount"],
            reason=form.cleaned_data["reason"],
            actor=str(request.user),
            idempotency_key=str(form.cleaned_data["key"]),
            fingerprint=services.fingerprint([form.cleaned_data["amount"], form.cleaned_data["reason"]]),
        )
    except Refused as refusal:
        again = _("This form was sent before, with other values. Go back and open it anew for another refund.")
        is_reused = refusal.kind == "idempotency-key-reused"
        form.add_error(None if is_reused else "amount", again if is_reused else str(refusal))
        return None
    return made


@admin.register(RefundRequest)
class RefundRequestAdmin(ReadOnlyAdmin):
    empty_hint = _("None yet. They appear when money goes back, or when the rules propose it.")
    list_display = ("created_at", "order", "amount", "status", "why", "actor", "decided_by")
    list_filter = ("status", "order__pos__store")
    list_select_related = ("order",)
    search_fields = ("order__external_reference", "reason", "actor")
    fields = ("created_at", "order", "amount", "status", "why", "actor", "decided_by")
    readonly_fields = ("why",)
    actions = ("accept", "decline")
    object_actions = ("accept", "decline")

    def has_refund_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("orders.add_refundrequest")

    @admin.action(description=_("Refund what is proposed"), permissions=["refund"])
    def accept(self, request: HttpRequest, chosen: QuerySet[RefundRequest]) -> HttpResponse | None:
        return start(self, request, chosen, errands.ACCEPT)

    @admin.action(description=_("Keep the money, or drop what failed"), permissions=["refund"])
    def decline(self, request: HttpRequest, chosen: QuerySet[RefundRequest]) -> HttpResponse | None:
        if chosen.count() > 1:
            return start(self, request, chosen, errands.DECLINE)
        for proposal in chosen:
            try:
                refunds.decline(proposal, actor=str(request.user))
            except Refused as refusal:
                self.message_user(request, f"{proposal}: {refusal}", messages.ERROR)
            else:
                self.message_user(request, _("%(proposal)s is kept.") % {"proposal": proposal})
        return self.back_to(chosen)


class Unanswered(admin.SimpleListFilter):
    """What the front page points at."""

    title = _("without an answer")
    parameter_name = "unanswered"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("yes", _("for ten minutes"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Refund]) -> QuerySet[Refund]:
        return Refund.objects.unanswered(timezone.now()) & queryset if self.value() == "yes" else queryset


@admin.register(Refund)
class RefundAdmin(ReadOnlyAdmin):
    empty_hint = _("None yet. Each is what goes back of one payment.")
    list_display = ("payment", "amount", "status", "remote_id", "attempts", "asked_at", "error")
    list_filter = (Unanswered, "status")
    list_select_related = ("payment",)
    search_fields = ("payment__remote_id", "remote_id", "request__order__external_reference")
