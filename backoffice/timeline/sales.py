"""What became of orders, and who had it so."""

from collections.abc import Iterator
from typing import Final

from django.db.models import F
from django.utils.translation import gettext_lazy as _

from backoffice.severity import Severity
from backoffice.timeline.entry import Entry, Kind, Scope
from orders import words
from orders.models import Transition
from orders.states import Status

_TITLES: Final = {
    Status.OPEN: _("The sale is over: an order of %(amount)s is made"),
    Status.CLOSED: _("The order of %(amount)s is paid and closed"),
    Status.CANCELED: _("The order of %(amount)s is canceled"),
    Status.EXPIRED: _("The order of %(amount)s expired: it was not paid in time"),
}
_TOLD: Final = ("reported by the controller", "paid", "not paid in time", "canceled")  # by the titles
_SEVERITIES: Final = {
    Status.CLOSED: Severity.GOOD,
    Status.CANCELED: Severity.WARNING,
    Status.EXPIRED: Severity.WARNING,
}


def transitions(scope: Scope) -> Iterator[Entry]:
    orders = {order.pk: order for order in scope.orders}
    # One that leads nowhere is a note that somebody set the order's attention aside; the decision tells it.
    moved = Transition.objects.filter(order__in=orders).exclude(from_status=F("to_status"))
    for step in moved.order_by("-pk"):
        order, to = orders[step.order_id], Status(step.to_status)
        yield Entry(
            at=step.at,
            kind=Kind.ORDER,
            title=_TITLES[to] % {"amount": scope.money(order.total_amount)},
            detail="" if step.reason in _TOLD else words.why(step.reason),
            severity=_SEVERITIES.get(to, Severity.INFO),
            who=words.who(step.actor),
            row=order,
        )


def first_serves(scope: Scope) -> Iterator[Entry]:
    for order in scope.orders:
        if order.first_served_at:
            title = _("The amount, %(amount)s, was handed to Mercado Pago for the first time")
            yield Entry(
                at=order.first_served_at,
                kind=Kind.ORDER,
                title=title % {"amount": scope.money(order.total_amount)},
                severity=Severity.GOOD,
                row=order,
            )
