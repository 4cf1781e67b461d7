"""Not now: people who know of an alarm are not reminded for a while. That it is over they are told all the same."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.utils import timezone

from backoffice.models import Alarm

_MORNING: Final = 8


def tomorrow(now: datetime) -> datetime:
    """At eight, by the clock of the page."""
    here = timezone.localtime(now)
    return (here + timedelta(days=1)).replace(hour=_MORNING, minute=0, second=0, microsecond=0)


UNTIL: Final[dict[str, Callable[[datetime], datetime]]] = {
    "snooze_an_hour": lambda now: now + timedelta(hours=1),
    "snooze_a_shift": lambda now: now + timedelta(hours=8),
    "snooze_until_tomorrow": tomorrow,
}


def snooze(alarm: Alarm, *, until: datetime, by: str) -> bool:
    """False when it is over by now. If it still lasts then, people are told again."""
    running = Alarm.objects.running().filter(pk=alarm.pk)
    return bool(running.update(snoozed_until=until, snoozed_by=by[:150], tell_at=until))


def wake(alarm: Alarm) -> bool:
    """Remind of it as if it had never been snoozed. False when it was not, or is over."""
    asleep = Alarm.objects.running().filter(pk=alarm.pk, snoozed_until__isnull=False)
    tell_at = alarm.told_at + settings.ALARM_REMINDER if alarm.told_at else timezone.now()
    return bool(asleep.update(snoozed_until=None, snoozed_by="", tell_at=tell_at))
