import uuid
from collections.abc import Iterable
from decimal import Decimal
from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from orders import errands, limits, refunds, services, spreading, words
from orders.admin import tones
from orders.errors import Refused
from orders.models import Order, Refund, RefundRequest
from orders.refusals import why_not_back
from orders.states import RequestStatus
from stores.admin import ReadOnlyAdmin, start
from stores.amounts import with_currency, written


class RefundForm(forms.Form):
    """How much, and why."""

    amount = forms.DecimalField(
        label=_("amount"), min_value=Decimal("0.01"), max_digits=12, decimal_places=2,
        error_messages={"min_value": _("Write an amount above zero.")},  # Django's writes the least one as in English
    )  # fmt: skip
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
            person=cast(User, request.user),
        )
    except Refused as refusal:
        again = _("This form was sent before, with other values. Go back and open it anew for another refund.")
        is_reused = refusal.kind == "idempotency-key-reused"
        form.add_error(None if is_reused else "amount", again if is_reused else str(refusal))
        return None
    return made


def can_go_back(order: Order, form: RefundForm) -> bool:
    """Whether what the form says is possible, which it tells otherwise. Nothing is done yet."""
    try:
        spreading.check(order, form.cleaned_data["amount"])
    except Refused as refusal:
        form.add_error("amount", str(refusal))
        return False
    return True


def confirmation(order: Order, form: RefundForm, *, person: User) -> dict[str, Any]:
    """The page between the form and the money's going: all of it once more, in words. Above the limit it only asks."""
    amount = form.cleaned_data["amount"]
    lead = gettext("Nothing has gone back yet. The reason that is written down: %(reason)s")
    title, submit = gettext("Give this money back?"), gettext("Give back %(amount)s")
    if limits.needs_second_person(RefundRequest(order=order, amount=amount, first_person=person)):
        title, submit = gettext("Propose to give this money back?"), gettext("Propose to give back %(amount)s")
        two = gettext("This is above the store's limit: it is only proposed, until a second person agrees.")
        lead = f"{two} {lead}"
    return {
        "title": title,
        "lead": lead % {"reason": form.cleaned_data["reason"]},
        "columns": COLUMNS,
        "rows": [_row(order, amount)],
        "submit": submit % {"amount": with_currency(amount, order.site)},
        "keep": [*((name, form[name].value()) for name in form.fields), ("confirmed", "1")],
        "back": reverse("admin:orders_order_change", args=[order.pk]),
    }


def waits_text(made: RefundRequest) -> str:
    values = {"amount": with_currency(made.amount, made.order.site), "pos": made.order.pos, "order": made.order}
    text = _("%(amount)s of order %(order)s at %(pos)s waits for a second person: it is above the limit of its store.")
    return str(text % values)


def _row(order: Order, amount: Decimal) -> list[str]:
    return [
        with_currency(amount, order.site), str(order), str(order.pos), with_currency(order.paid_amount, order.site),
        with_currency(order.refunded_amount, order.site),
        with_currency(max(spreading.left_of(order) - amount, Decimal(0)), order.site),
    ]  # fmt: skip


def _rows(requests: Iterable[RefundRequest]) -> list[list[str]]:
    """Of what is chosen; what is decided already says so in place of what would be left."""
    told = []
    for request in requests:
        row = _row(request.order, request.amount)
        is_open = request.status == RequestStatus.PROPOSED
        told.append(row if is_open else [*row[:-1], str(request.get_status_display())])
    return told


def _button(request: RefundRequest) -> str:
    """What pressing it does. Above the limit the first of two people only agrees."""
    text = {"amount": with_currency(request.amount, request.order.site)}
    if limits.is_above(request) and request.first_person is None:
        return gettext("Agree to give back %(amount)s, as the first of two people") % text
    return gettext("Give back %(amount)s") % text


def proposed(order: Order) -> Decimal | None:
    """What the rules propose to give back of it."""
    proposal = order.refund_requests.of_rules().filter(status=RequestStatus.PROPOSED).first()
    return proposal.amount if proposal else None


COLUMNS = (_("goes back"), _("order"), _("point of sale"), _("paid"), _("went back before"), _("stays with us"))
_SHOWN = 50


def limit_hint(order: Order) -> str:
    """When a second person is asked; nothing for a store without a limit."""
    limit = order.pos.store.refund_limit
    if limit is None:
        return ""
    values = {"limit": written(limit, order.site), "currency": order.currency}
    return str(_("When its refunds come to more than %(limit)s %(currency)s, a second person must agree.") % values)


@admin.register(RefundRequest)
class RefundRequestAdmin(ReadOnlyAdmin):
    exported_as = "refund-requests"
    help_line = _("Money that goes back, or is proposed to. Choose a proposal to refund it or to keep the money.")
    badges = {"status": tones.REFUND_REQUEST}
    store_path = "order__pos__store"
    empty_hint = _("None yet. They appear when money goes back, or when the rules propose it.")
    worded = {"actor": words.who}
    amounts = ("amount",)
    currency = "order.currency"
    list_display = ("created_at", "order", "amount", "status", "why", "actor", "who_decided")
    list_filter = ("status", "order__pos__store")
    list_select_related = ("order",)
    search_fields = ("^order__external_reference", "reason", "actor")
    fields = (
        "created_at", "order", "amount", "status", "why", "actor", "first_person", "who_decided", "decided_because",
    )  # fmt: skip
    readonly_fields = ("why", "who_decided")
    actions = ("accept", "decline")
    object_actions = ("accept", "decline")

    def has_decide_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("orders.change_refundrequest")

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """On the page of one request what this person can still do about it: the first of two has agreed already."""
        actions: dict[str, Any] = super().get_actions(request)
        match = request.resolver_match
        number = match.kwargs.get("object_id", "") if match else ""
        shown = RefundRequest.objects.filter(pk=number).first() if number.isdecimal() else None
        if shown and (shown.status != RequestStatus.PROPOSED or shown.first_person_id == request.user.pk):
            actions.pop("accept", None)
        if shown and shown.status not in (RequestStatus.PROPOSED, RequestStatus.FAILED):
            actions.pop("decline", None)
        return actions

    @admin.action(description=_("Refund what is proposed"), permissions=["decide"])
    def accept(self, request: HttpRequest, chosen: QuerySet[RefundRequest]) -> HttpResponse | None:
        title, lead = _("Refund what is proposed"), _("The money goes back to the customer.")
        requests = list(chosen.select_related("order__pos__store__account", "first_person")[: _SHOWN + 1])
        more: dict[str, Any] = {"columns": COLUMNS, "rows": _rows(requests[:_SHOWN])}
        if len(requests) == 1:
            more["submit"] = _button(requests[0])
        elif len(requests) > _SHOWN:
            more["rows"].append(["…"] * len(COLUMNS))
        reason, page = self.ask_why(request, chosen, "accept", title=title, lead=lead, **more)
        return page or start(self, request, chosen, errands.ACCEPT, reason=reason)

    @admin.action(description=_("Keep the money, or drop what failed"), permissions=["decide"])
    def decline(self, request: HttpRequest, chosen: QuerySet[RefundRequest]) -> HttpResponse | None:
        title, lead = _("Keep the money, or drop what failed"), _("It is not proposed again.")
        reason, page = self.ask_why(request, chosen, "decline", title=title, lead=lead)
        if page:
            return page
        if chosen.count() > 1:
            return start(self, request, chosen, errands.DECLINE, reason=reason)
        for proposal in chosen:
            try:
                refunds.decline(proposal, actor=str(request.user), reason=reason)
            except Refused as refusal:
                self.message_user(request, f"{proposal}: {refusal}", messages.ERROR)
            else:
                self.log_change(request, proposal, [{"changed": {"fields": ["status"]}}])
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
    exported_as = "refunds"
    help_line = _("What goes back of each single payment, and what Mercado Pago answered.")
    badges = {"status": tones.REFUND}
    store_path = "request__order__pos__store"
    empty_hint = _("None yet. Each is what goes back of one payment.")
    amounts = ("amount",)
    currency = "request.order.currency"
    worded = {"error": why_not_back}
    list_display = ("payment", "amount", "status", "remote_id", "attempts", "asked_at", "error")
    list_filter = (Unanswered, "status")
    list_select_related = ("payment", "request__order")
    search_fields = ("=payment__remote_id", "=remote_id", "^request__order__external_reference")
