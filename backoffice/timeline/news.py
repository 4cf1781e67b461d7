"""What Mercado Pago sent us."""

from collections.abc import Iterator
from typing import Final

from django.utils.translation import gettext_lazy as _

from backoffice.severity import Severity
from backoffice.timeline.entry import LIMIT, Entry, Kind, Scope
from notifications.models import Notification, Outcome

_SEVERITIES: Final = {Outcome.FAILED: Severity.ERROR, Outcome.REFUSED: Severity.ERROR}


def notifications(scope: Scope) -> Iterator[Entry]:
    rows = Notification.objects.filter(order__in=scope.orders).defer("headers", "body", "query")
    for row in rows.order_by("-pk")[:LIMIT]:
        title = _("Mercado Pago sent a notification about %(what)s") % {"what": row}
        severity = _SEVERITIES.get(Outcome(row.outcome), Severity.INFO)
        yield Entry(
            at=row.received_at,
            kind=Kind.NEWS,
            title=title,
            detail=" · ".join(part for part in (str(Outcome(row.outcome).label), row.error) if part),
            severity=severity,
            row=row,
            folds=f"{title} {severity}",
        )
