"""How amounts and times are written on the board."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Self
from zoneinfo import ZoneInfo

from django.utils.formats import date_format
from django.utils.translation import get_language

from gateway.sites import Site
from stores import amounts
from stores.models import Store

_MINUTE, _HOUR, _DAY = 60, 3600, 86400


@dataclass(frozen=True, slots=True)
class Writing:
    """In the store's zone, and as the reader's language writes it: as its country does when that speaks it too."""

    site: Site
    zone: ZoneInfo
    money: Callable[[Decimal], str]

    @classmethod
    def of(cls, store: Store) -> Self:
        """For whoever reads this page."""
        site = store.account.site
        return cls(site, store.tz, amounts.writer(site))

    def moment(self, at: datetime, now: datetime) -> str:
        """The time of day, with its day when that is another one than today."""
        at, today = at.astimezone(self.zone), now.astimezone(self.zone).date()
        if at.date() == today:
            return f"{at:%H:%M}"
        return f"{_day(at.date(), get_language() or 'en')} {at:%H:%M}"


@lru_cache(maxsize=100)  # many tiles speak of the same few days
def _day(day: date, _language: str) -> str:
    return date_format(day, "MONTH_DAY_FORMAT")


def lapse(time: timedelta) -> str:
    """How long, as the page's script counts it on (`board.js`): never to be taken for a time of day."""
    seconds = max(int(time.total_seconds()), 0)
    if seconds < _MINUTE:
        return f"{seconds} s"
    if seconds < _HOUR:
        return f"{seconds // _MINUTE} min {seconds % _MINUTE:02} s"
    if seconds < _DAY:
        return f"{seconds // _HOUR} h {seconds % _HOUR // _MINUTE:02} min"
    return f"{seconds // _DAY} d {seconds % _DAY // _HOUR} h"
