"""The rounds of the night watchman: raise what is wrong, end what is over, tell people. Every 30 seconds.

What comes and goes does not spam: people are told of what lasts a minute, and it is over only after five quiet ones.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from backoffice.alarms import heartbeat, telling
from backoffice.alarms.finding import MOST, find
from backoffice.alarms.found import Found
from backoffice.models import Alarm, AlarmEvent, AlarmKind

SETTLES_IN: Final = timedelta(minutes=1)
OVER_AFTER: Final = timedelta(minutes=5)


def make(now: datetime) -> None:
    """Two at once do not disturb each other: the second one leaves it to the first."""
    found = find(now)
    with transaction.atomic():
        if not heartbeat.take(now):
            return
        running = {(AlarmKind(alarm.kind), alarm.subject): alarm for alarm in Alarm.objects.running()}
        wrong = {(kind, one.subject): one for kind, some in found.items() for one in some}
        fresh = [_new(*key, one, now) for key, one in wrong.items() if one.is_long and key not in running]
        Alarm.objects.bulk_create(fresh)
        for key, alarm in running.items():
            if key in wrong:
                _go_on(alarm, wrong[key])
        seen_whole = {kind for kind, some in found.items() if len(some) < MOST}
        _quieten([a for (kind, s), a in running.items() if kind in seen_whole and (kind, s) not in wrong], now)
        _tell(now)


def purge(*, older_than: timedelta, batch: int) -> int:
    """Delete the alarms that are over for the longest time, with what was told of them; how many."""
    old = Alarm.objects.filter(ended_at__lt=timezone.now() - older_than).order_by("ended_at")
    _rows, deleted = Alarm.objects.filter(pk__in=old.values("pk")[:batch]).delete()
    return deleted.get(Alarm._meta.label, 0)


def _new(kind: AlarmKind, subject: str, one: Found, now: datetime) -> Alarm:
    return Alarm(
        kind=kind,
        subject=subject,
        label=one.label[:200],
        values=one.values,
        store_id=one.store_id,
        account_id=one.account_id,
        since=min(one.since, now),
        raised_at=now,
        tell_at=now + SETTLES_IN,
    )


def _go_on(alarm: Alarm, one: Found) -> None:
    """Written only when something about it is new."""
    if alarm.quiet_since or alarm.values != one.values:
        Alarm.objects.filter(pk=alarm.pk).update(quiet_since=None, values=one.values)


def _quieten(gone: Sequence[Alarm], now: datetime) -> None:
    quiet = [alarm.pk for alarm in gone if alarm.quiet_since is None]
    over = [alarm for alarm in gone if alarm.quiet_since and alarm.quiet_since <= now - OVER_AFTER]
    Alarm.objects.filter(pk__in=quiet).update(quiet_since=now)
    Alarm.objects.filter(pk__in=[alarm.pk for alarm in over]).update(ended_at=F("quiet_since"))
    telling.write([alarm.pk for alarm in over if alarm.told_at], AlarmEvent.OVER)


def _tell(now: datetime) -> None:
    due = Alarm.objects.due(now)
    first = list(due.filter(told_at=None).values_list("pk", flat=True))
    again = list(due.exclude(told_at=None).values_list("pk", flat=True))
    Alarm.objects.filter(pk__in=[*first, *again]).update(
        told_at=now, tell_at=now + settings.ALARM_REMINDER, snoozed_until=None, snoozed_by=""
    )
    telling.write(first, AlarmEvent.BEGAN)
    telling.write(again, AlarmEvent.GOES_ON)
