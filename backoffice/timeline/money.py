"""What Mercado Pago made of orders, and what was paid."""

from collections.abc import Iterator
from typing import Final

from django.utils.translation import gettext_lazy as _

from backoffice.severity import Severity
from backoffice.timeline.entry import LIMIT, Entry, Kind, Scope
from orders import words
from orders.models import MerchantOrder, Payment
from orders.refusals import why_not
from orders.states import APPROVED, ARRIVED, UNDECIDED

_PAID, _UNDECIDED, _NOT_PAID, _OTHER = (
    _("%(amount)s paid"),
    _("A payment of %(amount)s is not decided yet"),
    _("A payment of %(amount)s was not made"),
    _("A payment of %(amount)s is %(status)s"),
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
    rows = Payment.objects.filter(merchant_order__order__in=scope.orders).select_related("merchant_order")
    for row in rows.order_by("-pk")[:LIMIT]:
        title, severity = _say(row.status)
        yield Entry(
            at=(row.approved_at if row.status in ARRIVED else None) or row.updated_at or row.merchant_order.seen_at,
            kind=Kind.PAYMENT,
            title=title % {"amount": scope.money(row.amount), "status": words.status(row.status)},
            detail=why_not(row.status_detail) if severity in (Severity.ERROR, Severity.WARNING) else "",
            severity=severity,
            row=row,
        )


def _say(status: str) -> tuple[str, Severity]:
    if status == APPROVED:
        return str(_PAID), Severity.GOOD
    if status in UNDECIDED:
        return str(_UNDECIDED), Severity.WARNING
    return (str(_OTHER), Severity.WARNING) if status in ARRIVED else (str(_NOT_PAID), Severity.ERROR)
