"""What we asked of Mercado Pago."""

import re
from collections.abc import Iterator
from typing import Final

from django.utils.translation import gettext_lazy as _

from backoffice.severity import Severity
from backoffice.timeline.entry import LIMIT, Entry, Kind, Scope
from notifications.models import Notification
from stores.models import ApiCall, ApiCallQuerySet

_TITLES: Final = (
    (re.compile(r"POST /v1/payments/\d+/refunds"), _("We asked Mercado Pago to give money back")),
    (re.compile(r"GET /v1/payments/\d+/refunds"), _("We asked Mercado Pago which money went back")),
    (re.compile(r"GET /v1/payments.*"), _("We asked Mercado Pago about payments")),
    (re.compile(r"GET /merchant_orders.*"), _("We asked Mercado Pago what became of the order")),
    (re.compile(r"GET /instore/loyalty.*"), _("We asked Mercado Pago about loyalty points")),
    (re.compile(r"\w+ /pos.*"), _("We registered the point of sale at Mercado Pago")),
    (re.compile(r"\w+ /users/\d+/stores.*"), _("We registered the store at Mercado Pago")),
)
_ANSWERS: Final = ("", "Conflict", "NotFound")  # "it is there already", "there is none": answers like others
_LOOKED: Final = "looked"  # what only asks is told together; what changes something stands by itself
_FAILED: Final = _("%(what)s: it failed")


def of_the_place(scope: Scope) -> Iterator[Entry]:
    """About the point of sale itself, and its store."""
    calls = ApiCall.objects.about(scope.pos, scope.pos.store).filter(at__gte=scope.since, at__lt=scope.until)
    yield from _entries(calls)


def of_orders(scope: Scope) -> Iterator[Entry]:
    """About orders, or about a notification that turned out to be one's."""
    notifications = Notification.objects.filter(order__in=scope.orders).only("pk")[:LIMIT]
    yield from _entries(ApiCall.objects.about(*scope.orders, *notifications))


def _entries(calls: ApiCallQuerySet) -> Iterator[Entry]:
    for call in calls.order_by("-at")[:LIMIT]:
        has_failed = call.error not in _ANSWERS
        asked = next((title for pattern, title in _TITLES if pattern.fullmatch(str(call))), _("We asked Mercado Pago"))
        title = _FAILED % {"what": asked} if has_failed else str(asked)
        answer = str(call.status) if call.status else _("no answer")
        parts = (call, answer, f"{call.milliseconds} ms", call.error, call.request_id)
        yield Entry(
            at=call.at,
            kind=Kind.CALL,
            title=title,
            detail=" · ".join(str(part) for part in parts if part),
            severity=Severity.ERROR if has_failed else Severity.INFO,
            folds=title if has_failed else _LOOKED if call.method == "GET" else "",
        )
