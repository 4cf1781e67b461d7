"""How much of a business day is looked at: of all stores that begin theirs at the same hour of the same clock."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Self
from zoneinfo import ZoneInfo

from django.db.models import Q

from stores import days
from stores.models import StoreQuerySet


@dataclass(frozen=True, slots=True)
class Day:
    """A business day of the stores of one time zone and one hour, and until when it is looked at."""

    zone: ZoneInfo
    date: date
    until: datetime
    hour: int = 0

    @classmethod
    def today(cls, zone: ZoneInfo, now: datetime, *, hour: int = 0) -> Self:
        """Until now."""
        return cls(zone, days.day_at(now, zone.key, hour=hour), now.astimezone(zone), hour)

    def a_week_before(self) -> "Day":
        """The same weekday, until the same time by the clock."""
        until = self.until.astimezone(self.zone) - timedelta(days=7)
        return Day(self.zone, self.date - timedelta(days=7), until, self.hour)

    @property
    def start(self) -> datetime:
        return days.begin_of(self.date, self.zone.key, hour=self.hour)

    @property
    def end(self) -> datetime:
        return days.begin_of(self.date + timedelta(days=1), self.zone.key, hour=self.hour)


def todays(stores: StoreQuerySet, now: datetime) -> list[Day]:
    """The business days that are going on in these stores."""
    kinds = stores.order_by().values_list("time_zone", "day_starts").distinct()
    return [Day.today(ZoneInfo(zone), now, hour=hour) for zone, hour in kinds]


def closed_within(these: Iterable[Day]) -> Q:
    """Orders that were closed in one of these days. The outer bounds let the database go by its index."""
    known = list(these)
    if not known:
        return Q(pk__in=())
    bounds = Q(closed_at__gte=min(day.start for day in known), closed_at__lt=max(day.until for day in known))
    each = Q(pk__in=())
    for day in known:
        its = Q(pos__store__time_zone=day.zone.key, pos__store__day_starts=day.hour)
        each |= its & Q(closed_at__gte=day.start, closed_at__lt=day.until)
    return bounds & each
