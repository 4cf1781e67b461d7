"""What goes back to customers: who wished it, who decided, and when it came about."""

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from backoffice.severity import Severity
from backoffice.timeline.entry import LIMIT, Entry, Kind, Scope
from orders import words
from orders.models import MoneyEntry, MoneyEvent, RefundRequest
from orders.refusals import why_not_back
from orders.states import RequestStatus

_REFUNDS: Final = {
    RequestStatus.PROPOSED: _("%(amount)s should go back: a person must decide"),
    RequestStatus.PENDING: _("%(amount)s is being given back"),
    RequestStatus.APPROVED: _("%(amount)s was given back"),
    RequestStatus.FAILED: _("%(amount)s could not be given back"),
    RequestStatus.DECLINED: _("%(amount)s is kept: it was decided not to give it back"),
    RequestStatus.WITHDRAWN: _("%(amount)s need not go back any more"),
}
_PROPOSED, _ASKED = _("It was proposed to give %(amount)s back"), _("It was asked for to give %(amount)s back")
_BY_PROPOSAL, _BY_WISH, _DECIDED = _("proposed by %(who)s"), _("asked for by %(who)s"), _("decided by %(who)s")
_DECISIONS: Final = {
    RequestStatus.PENDING: MoneyEvent.REFUND_ASKED,
    RequestStatus.DECLINED: MoneyEvent.REFUND_DECLINED,
    RequestStatus.WITHDRAWN: MoneyEvent.REFUND_WITHDRAWN,
}
_Trail = dict[tuple[int, str], list[MoneyEntry]]


def refunds(scope: Scope) -> Iterator[Entry]:
    requests = RefundRequest.objects.filter(order__in=scope.orders).prefetch_related("refunds")[:LIMIT]
    trail = _trail(scope) if requests else {}
    for request in requests:
        status = RequestStatus(request.status)
        amount = {"amount": scope.money(request.amount)}
        is_new = status == RequestStatus.PROPOSED or (status == RequestStatus.PENDING and not request.decided_by)
        title = _REFUNDS[status] if is_new else _PROPOSED if _is_proposal(request) else _ASKED
        yield Entry(
            at=request.created_at,
            kind=Kind.PAYMENT,
            title=title % amount,
            detail=_joined(request.why, *(_errors(request) if is_new else ())),
            who=words.who(request.actor),
            row=request,
        )
        if not is_new:
            yield Entry(
                at=_moment(request, trail),
                kind=Kind.PAYMENT,
                title=_REFUNDS[status] % amount,
                detail=_joined(request.decided_because, *_errors(request), *_people(request)),
                severity=Severity.ERROR if status == RequestStatus.FAILED else Severity.INFO,
                row=request,
            )


def _trail(scope: Scope) -> _Trail:
    """Each order's decisions, the latest last."""
    found: _Trail = {}
    for entry in MoneyEntry.objects.filter(order__in=scope.orders, event__in=_DECISIONS.values()).order_by("pk"):
        found.setdefault((entry.order_id, entry.event), []).append(entry)
    return found


def _moment(request: RefundRequest, trail: _Trail) -> datetime:
    """When it came to stand as it does: by Mercado Pago's clock when it has answered, else by the decision."""
    event = _DECISIONS.get(RequestStatus(request.status))
    if event:
        decided = [one.at for one in trail.get((request.order_id, event), ()) if one.amount == request.amount]
        return decided[-1] if decided else request.created_at
    answered = [at for refund in request.refunds.all() if (at := refund.made_at or refund.answered_at)]
    return max(answered, default=request.created_at)


def _is_proposal(request: RefundRequest) -> bool:
    """It waited for somebody's yes or no: a person's own wish is decided by nobody else."""
    return request.actor == "rules" or request.decided_by not in ("", request.actor)


def _people(request: RefundRequest) -> Iterator[str]:
    asked = _BY_PROPOSAL if _is_proposal(request) else _BY_WISH
    yield asked % {"who": words.who(request.actor)}
    if request.decided_by:
        yield _DECIDED % {"who": words.who(request.decided_by)}


def _errors(request: RefundRequest) -> Iterator[str]:
    return (str(why_not_back(refund.error)) for refund in request.refunds.all() if refund.error)


def _joined(*parts: StrOrPromise) -> str:
    return " · ".join(str(part) for part in parts if part)
