"""What people changed in the back-office."""

from collections.abc import Iterator

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model, Q
from django.utils.translation import gettext_lazy as _

from backoffice.timeline.entry import LIMIT, Entry, Kind, Scope


def at_the_place(scope: Scope) -> Iterator[Entry]:
    """Of the point of sale, its store and its account."""
    rows = (scope.pos, scope.pos.store, scope.pos.store.account)
    logged = LogEntry.objects.filter(_about(*rows), action_time__gte=scope.since, action_time__lt=scope.until)
    for entry in logged.select_related("user", "content_type").order_by("-action_time")[:LIMIT]:
        yield Entry(
            at=entry.action_time,
            kind=Kind.PERSON,
            title=_("%(what)s was changed in the back-office") % {"what": entry.object_repr},
            detail=entry.get_change_message(),
            who=str(entry.user),
        )


def _about(*rows: Model) -> Q:
    which = Q()
    for row in rows:
        which |= Q(content_type=ContentType.objects.get_for_model(row), object_id=str(row.pk))
    return which
