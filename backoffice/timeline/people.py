"""What people changed and decided in the back-office."""

from collections.abc import Iterator

from auditlog.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model, Q
from django.utils.translation import gettext_lazy as _

from backoffice.cases.sources import label_of
from backoffice.models import Decision
from backoffice.timeline.entry import LIMIT, Entry, Kind, Scope
from orders.words import who
from stores import changes


def at_the_place(scope: Scope) -> Iterator[Entry]:
    """Settings of the point of sale, its store and its account."""
    rows = (scope.pos, scope.pos.store, scope.pos.store.account)
    logged = LogEntry.objects.filter(_about(*rows), action=LogEntry.Action.UPDATE)
    logged = logged.filter(timestamp__gte=scope.since, timestamp__lt=scope.until)
    for entry in logged.select_related("actor", "content_type").order_by("-timestamp")[:LIMIT]:
        yield Entry(
            at=entry.timestamp,
            kind=Kind.PERSON,
            title=_("%(what)s was changed in the back-office") % {"what": entry.object_repr},
            detail="; ".join(f"{c.field}: {c.before} → {c.after}" for c in changes.changes_of(entry)),
            who=changes.who(entry),
        )


def decisions(scope: Scope) -> Iterator[Entry]:
    """What was decided about the orders that needed a look."""
    made = Decision.objects.filter(source="order", object_id__in=[order.pk for order in scope.orders])
    for decision in made.order_by("-pk"):
        yield Entry(
            at=decision.at,
            kind=Kind.PERSON,
            title=f"{label_of(decision.kind)}: {decision.get_outcome_display()}",
            detail=decision.why,
            who=who(decision.actor),
        )


def _about(*rows: Model) -> Q:
    which = Q()
    for row in rows:
        which |= Q(content_type=ContentType.objects.get_for_model(row), object_pk=str(row.pk))
    return which
