"""What a worker does for people to many orders, or to one at a Mercado Pago that is slow."""

from typing import Final

from django.utils.translation import gettext, gettext_lazy
from django.utils.translation import gettext_noop as _

from orders import refunds, services
from orders.errors import Refused
from orders.models import Order, RefundRequest
from orders.refusals import why_not_back
from orders.states import RequestStatus
from stores.amounts import with_currency
from stores.models import Errand
from stores.services import connect
from stores.working import Outcome, Work

_SAID: Final = {
    RequestStatus.APPROVED: _("%(amount)s went back to the customer, of a sale at %(pos)s."),
    RequestStatus.PENDING: _(
        "%(amount)s of a sale at %(pos)s: Mercado Pago has not answered yet. It is asked again by itself until it does."
    ),
    RequestStatus.PROPOSED: _("%(amount)s of a sale at %(pos)s waits for a second person to agree."),
    RequestStatus.FAILED: _("Mercado Pago refused to give back %(amount)s of a sale at %(pos)s: %(errors)s"),
}
_NOT_SENT: Final = _("%(amount)s of a sale at %(pos)s is not sent yet, and will be by itself. %(errors)s")
_BEGUN: Final = (RequestStatus.PENDING, RequestStatus.APPROVED, RequestStatus.FAILED)
_OTHER: Final = _("Nothing went back: it is %(status)s.")


def _check(order: Order, errand: Errand) -> Outcome:
    order = services.refresh(order, client=connect(order.account, about=order), actor=errand.actor)
    state = f"{order.get_status_display()}, {order.get_payment_status_display()}"
    return Outcome(_("Mercado Pago was asked: %(state)s."), {"state": state})


def _release(order: Order, errand: Errand) -> Outcome:
    if order.transitions.filter(actor=errand.actor, reason=errand.args["reason"], to_status="canceled").exists():
        return _released(order)  # the worker that did it came to no more
    client = connect(order.account, about=order)
    return _released(services.release(order, client=client, actor=errand.actor, reason=errand.args["reason"]))


def _released(order: Order) -> Outcome:
    return Outcome(_("Canceled: %(pos)s is free again."), {"pos": order.pos})


def _send(request: RefundRequest, errand: Errand) -> Outcome:
    """Twice is once: each of its refunds has a key and a lease of its own."""
    if request.status == RequestStatus.PENDING:
        request = refunds.send(request, client=connect(request.order.account, about=request.order))
    status = RequestStatus(request.status)
    values = {
        "amount": with_currency(request.amount, request.order.site),
        "pos": request.order.pos,
        "status": status.label,
        "errors": "; ".join(str(why_not_back(refund.error)) for refund in request.refunds.all() if refund.error),
    }
    if status == RequestStatus.PENDING and request.refunds.filter(asked_at=None).exclude(error="").exists():
        return Outcome(_NOT_SENT, values)
    return Outcome(_SAID.get(status, _OTHER), values, is_good=status in _SAID and status != RequestStatus.FAILED)


def _accept(request: RefundRequest, errand: Errand) -> Outcome:
    is_begun = request.status in _BEGUN and request.decided_by == errand.actor[:100]  # and its worker came to no more
    if not is_begun:
        if errand.user is None:
            raise Refused("second-person", gettext("Whoever asked for this is gone: ask for it anew."))
        request = refunds.accept(request, person=errand.user, reason=errand.args.get("reason", ""))
    return _send(request, errand)


def _decline(request: RefundRequest, errand: Errand) -> Outcome:
    refunds.decline(request, actor=errand.actor, reason=errand.args.get("reason", ""))
    return Outcome(_("The money is kept."))


def _sold(request: RefundRequest) -> str:
    """By its order: the amount stands in the sentence, in the reader's language."""
    return str(request.order)


_REQUESTS: Final = RefundRequest.objects.select_related("order__pos__store__account")

CHECK: Final = Work(
    name="orders.check",
    label=gettext_lazy("Check now with Mercado Pago"),
    rows=Order.objects.with_site,
    do=_check,
    refusals=(Refused,),
)
RELEASE: Final = Work(
    name="orders.release",
    label=gettext_lazy("Cancel by hand"),
    rows=Order.objects.with_site,
    do=_release,
    refusals=(Refused,),
)
SEND: Final = Work(
    name="orders.send",
    label=gettext_lazy("Refund"),
    rows=_REQUESTS.all,
    do=_send,
    refusals=(Refused,),
    called=_sold,
)
ACCEPT: Final = Work(
    name="orders.accept",
    label=gettext_lazy("Refund what is proposed"),
    rows=_REQUESTS.all,
    do=_accept,
    refusals=(Refused,),
    called=_sold,
)
DECLINE: Final = Work(
    name="orders.decline",
    label=gettext_lazy("Keep the money, or drop what failed"),
    rows=_REQUESTS.all,
    do=_decline,
    is_local=True,
    refusals=(Refused,),
    called=_sold,
)
