"""Business days of a store: from when to when, there, whatever its clocks do."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo


def begin_of(day: date, time_zone: str, *, hour: int = 0) -> datetime:
    """When a business day begins. Where the clock is put forward over that hour, at the moment of the change."""
    return datetime.combine(day, time(hour), tzinfo=ZoneInfo(time_zone)).astimezone(UTC)


def bounds(day: date, time_zone: str, *, hour: int = 0) -> tuple[datetime, datetime]:
    """From its begin to the begin of the next, which is not a part of it: 23, 24 or 25 hours."""
    return begin_of(day, time_zone, hour=hour), begin_of(day + timedelta(days=1), time_zone, hour=hour)


def day_at(moment: datetime, time_zone: str, *, hour: int = 0) -> date:
    """The business day that a moment belongs to."""
    day = moment.astimezone(ZoneInfo(time_zone)).date()
    return day if moment >= begin_of(day, time_zone, hour=hour) else day - timedelta(days=1)
