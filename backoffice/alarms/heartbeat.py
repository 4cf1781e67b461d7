"""Whether the worker lives: each of its rounds leaves the time, which the web process reads."""

from datetime import datetime, timedelta
from typing import Final

from django.utils import timezone

from backoffice.models import Heartbeat

_ROW: Final = 1
SILENT_AFTER: Final = timedelta(minutes=2)  # four rounds


def take(now: datetime) -> bool:
    """In a round's transaction: leave the time, and hold the row until the end. False when another one holds it."""
    Heartbeat.objects.get_or_create(pk=_ROW, defaults={"at": now})
    if not Heartbeat.objects.select_for_update(skip_locked=True).filter(pk=_ROW).exists():
        return False
    Heartbeat.objects.filter(pk=_ROW).update(at=now)
    return True


def last() -> datetime | None:
    """None: it was never heard of."""
    return Heartbeat.objects.filter(pk=_ROW).values_list("at", flat=True).first()


def silent_since() -> datetime | None:
    """Since when the worker has not been heard of, although it should; None when all is well, or it never began."""
    at = last()
    return at if at and at < timezone.now() - SILENT_AFTER else None
