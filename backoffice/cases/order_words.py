"""What an order that needs a look tells a person: one proposal for each reason."""

from collections.abc import Iterable
from decimal import Decimal

from django.utils.translation import gettext as _
from django_stubs_ext import StrOrPromise

from backoffice.cases.story import RANK_DOUBT, RANK_MONEY, moment, money
from orders import words
from orders.models import Order, Payment, RefundRequest
from orders.refusals import why_not_back
from orders.states import APPROVED, ARRIVED, FOREIGN, Attention

_IN_DOUBT = {Attention.UNCONFIRMED, Attention.NOT_UNDERSTOOD, Attention.UNKNOWN_STATUS, Attention.REFUNDED_OUTSIDE}
KINDS: dict[str, tuple[StrOrPromise, int]] = {
    one.value: (one.label, RANK_DOUBT if one in _IN_DOUBT else RANK_MONEY) for one in Attention
}


def sentences(order: Order, payments: Iterable[Payment]) -> list[StrOrPromise]:
    """What was owed, what was paid when, and what went back; times are the station's."""
    site, zone = order.site, order.pos.store.tz
    values = {"amount": money(order.total_amount, site), "pos": order.pos, "at": moment(order.created_at, zone)}
    told: list[StrOrPromise] = [_("%(pos)s asked for %(amount)s, %(at)s.") % values]
    for transition in order.transitions.all():
        if transition.to_status != transition.from_status and transition.from_status:
            told.append(f"{transition.get_to_status_display().capitalize()}: {moment(transition.at, zone)}.")
    for payment in payments:
        values = {
            "amount": money(payment.amount, site),
            "status": words.status(payment.status),
            "number": payment.remote_id,
            "at": moment(payment.approved_at, zone) if payment.approved_at else "–",
        }
        if payment.status == APPROVED:
            told.append(_("Payment %(number)s: %(amount)s, approved %(at)s.") % values)
        elif payment.status in ARRIVED:
            told.append(_("Payment %(number)s: %(amount)s, approved %(at)s, now %(status)s.") % values)
        else:
            told.append(_("Payment %(number)s: %(amount)s, %(status)s.") % values)
    if order.refunded_amount:
        told.append(_("Given back: %(amount)s.") % {"amount": money(order.refunded_amount, site)})
    return told


def of_refund(request: RefundRequest, amount: Decimal) -> StrOrPromise:
    """Why Mercado Pago did not give money back."""
    errors = "; ".join(sorted({str(why_not_back(refund.error)) for refund in request.refunds.all() if refund.error}))
    values = {"amount": money(amount, request.order.site), "error": errors or "–"}
    return _("Mercado Pago refused to give back %(amount)s: %(error)s") % values


def kept(request: RefundRequest) -> StrOrPromise:
    """Who decided not to give money back, and why."""
    values = {
        "amount": money(request.amount, request.order.site),
        "name": words.who(request.decided_by),
        "reason": request.decided_because or "–",
    }
    return _("%(amount)s: kept by %(name)s: %(reason)s") % values


def proposal(order: Order, amount: Decimal | None, *, is_kept: bool) -> StrOrPromise:
    """What to do. `amount` is what waits to be given back; None when nothing does. `is_kept`: so it was decided."""
    reason = Attention(order.attention or "")
    text = money(amount, order.site) if amount else ""
    if reason == Attention.REFUND_FAILED:
        return _("Try the refund of %(amount)s again, or keep the money.") % {"amount": text}
    if amount:
        return _BACK[reason]() % {"amount": text} if reason in _BACK else _back(text)
    if is_kept and reason == Attention.PARTIALLY_PAID:
        return _("The part is kept, as decided: wait for the rest, or cancel the order by hand on its page.")
    if reason in FOREIGN:
        return _("This money is not counted for the order. Look it up in Mercado Pago, then set the case aside.")
    return _OTHER[reason]() if reason in _OTHER else _check()


def _back(amount: str) -> StrOrPromise:
    return _("Give back %(amount)s that sold nothing.") % {"amount": amount}


def _check() -> StrOrPromise:
    return _("Have Mercado Pago asked again with “Check now”.")


_BACK = {
    Attention.OVERPAID: lambda: _("Give back %(amount)s that was paid twice or too much."),
    Attention.PAID_AFTER_CANCEL: lambda: _("Give back %(amount)s: the order had been canceled before it was paid."),
    Attention.PAID_AFTER_EXPIRY: lambda: _("Give back %(amount)s: the order had expired before it was paid."),
    Attention.PARTIALLY_PAID: lambda: _(
        "Give back the part of %(amount)s: its time is over and the rest did not come."
    ),
}
_OTHER = {
    Attention.CHARGED_BACK: lambda: _(
        "Answer the chargeback in Mercado Pago, with the receipt as a proof; then set the case aside."
    ),
    Attention.IN_MEDIATION: lambda: _(
        "Answer the customer's claim in Mercado Pago; the outcome is followed by itself."
    ),
    Attention.NOT_COVERED: lambda: _(
        "The goods are gone and the payment did not stay. Ask for it again or write it off."
    ),
    Attention.REFUNDED_OUTSIDE: lambda: _(
        "Somebody gave money back at Mercado Pago itself. If that was meant, set the case aside."
    ),
    Attention.NOT_UNDERSTOOD: lambda: _(
        "Check now. If it stays so, cancel the order by hand on its page: its point of sale is free again."
    ),
    Attention.UNKNOWN_STATUS: lambda: _(
        "Check now. If it stays so, cancel the order by hand on its page: its point of sale is free again."
    ),
    Attention.PARTIALLY_PAID: lambda: _("Wait for the rest, or give the part back on the order's page."),
}
