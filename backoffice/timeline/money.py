"""What Mercado Pago made of orders, and what was paid."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from django.db.models import Q, Sum
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from backoffice.severity import Severity
from backoffice.timeline.entry import LIMIT, Entry, Kind, Scope
from orders import words
from orders.models import MerchantOrder, Payment
from orders.refusals import why_not
from orders.states import ARRIVED, CHARGED_BACK, IN_MEDIATION, UNDECIDED, RefundStatus

_PAID, _UNDECIDED, _NOT_PAID, _OTHER, _ELSEWHERE = (
    _("%(amount)s paid"),
    _("A payment of %(amount)s is not decided yet"),
    _("A payment of %(amount)s was not made"),
    _("A payment of %(amount)s is %(status)s"),
    _("%(amount)s of a payment went back at Mercado Pago, not from here"),
)
_MADE: Final = _("Mercado Pago made its own order, number %(id)s: a phone has loaded the amount")


def merchant_orders(scope: Scope) -> Iterator[Entry]:
    for row in MerchantOrder.objects.filter(order__in=scope.orders).order_by("-pk")[:LIMIT]:
        objection = row.get_objection_display() if row.objection else ""
        yield Entry(
            at=row.created_at or row.seen_at,
            kind=Kind.PAYMENT,
            title=_MADE % {"id": row.remote_id},
            detail=_("Not counted: %(why)s") % {"why": objection} if objection else "",
            severity=Severity.ERROR if objection else Severity.INFO,
            row=row,
        )


def payments(scope: Scope) -> Iterator[Entry]:
    """What was paid stays told when it goes back: what became of it later is a line of its own."""
    ours = Sum("refunds__amount", filter=Q(refunds__status__in=(RefundStatus.PENDING, RefundStatus.APPROVED)))
    rows = Payment.objects.filter(merchant_order__order__in=scope.orders).select_related("merchant_order")
    for row in rows.annotate(ours=ours).order_by("-pk")[:LIMIT]:
        title, severity = _say(row.status)
        changed = row.updated_at or row.merchant_order.seen_at
        yield Entry(
            at=(row.approved_at if row.status in ARRIVED else None) or changed,
            kind=Kind.PAYMENT,
            title=title % {"amount": scope.money(row.amount)},
            detail="" if severity == Severity.GOOD else why_not(row.status_detail),
            severity=severity,
            row=row,
        )
        yield from _later(scope, row, changed)


def _later(scope: Scope, row: Any, changed: datetime) -> Iterator[Entry]:
    """Refunds from here are told with their requests."""
    if row.status in (CHARGED_BACK, IN_MEDIATION):
        values = {"amount": scope.money(row.amount), "status": words.status(row.status)}
        yield Entry(at=changed, kind=Kind.PAYMENT, title=_OTHER % values, severity=Severity.WARNING, row=row)
    elif (elsewhere := row.refunded - (row.ours or 0)) > 0:
        title = _ELSEWHERE % {"amount": scope.money(elsewhere)}
        yield Entry(at=changed, kind=Kind.PAYMENT, title=title, severity=Severity.WARNING, row=row)


def _say(status: str) -> tuple[StrOrPromise, Severity]:
    if status in ARRIVED:
        return _PAID, Severity.GOOD
    return (_UNDECIDED, Severity.WARNING) if status in UNDECIDED else (_NOT_PAID, Severity.ERROR)
