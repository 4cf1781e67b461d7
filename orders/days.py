"""Business days: each store's own, from midnight to midnight of its clock."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Self
from zoneinfo import ZoneInfo

from django.db.models import Q


@dataclass(frozen=True, slots=True)
class Day:
    """A day of the stores of one time zone, and how much of it is looked at."""

    zone: ZoneInfo
    date: date
    until: datetime

    @classmethod
    def today(cls, zone: ZoneInfo, now: datetime) -> Self:
        """Until now."""
        local = now.astimezone(zone)
        return cls(zone, local.date(), local)

    def a_week_before(self) -> "Day":
        """The same weekday, until the same time by the clock."""
        return Day(self.zone, self.date - timedelta(days=7), self.until.astimezone(self.zone) - timedelta(days=7))

    @property
    def start(self) -> datetime:
        return datetime.combine(self.date, time.min, self.zone)

    @property
    def end(self) -> datetime:
        return datetime.combine(self.date + timedelta(days=1), time.min, self.zone)


def closed_within(days: Iterable[Day]) -> Q:
    """Orders that were closed in one of these days. The outer bounds let the database go by its index."""
    known = list(days)
    if not known:
        return Q(pk__in=())
    bounds = Q(closed_at__gte=min(day.start for day in known), closed_at__lt=max(day.until for day in known))
    each = Q(pk__in=())
    for day in known:
        zone = Q(pos__store__time_zone=day.zone.key)
        each |= zone & Q(closed_at__gte=day.start, closed_at__lt=day.until)
    return bounds & each
