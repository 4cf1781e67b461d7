"""What a controller says, kept as spells of saying the same."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import F
from django.utils import timezone

from pos.models import ControllerStatus, PointOfSale, StatusSpell


def keep(pos: PointOfSale, status: ControllerStatus, amount_so_far: Decimal | None) -> None:
    """Write a report into the point of sale, and the spell that it ends, if it ends one, beside it."""
    now = timezone.now()
    said = {"status": status, "status_at": now, "amount_so_far": amount_so_far}
    points = PointOfSale.objects.filter(pk=pos.pk)
    as_read = points.filter(status=pos.status, status_since=pos.status_since)
    if _goes_on(pos, status, now):
        if not as_read.update(**said, status_reports=F("status_reports") + 1):
            points.update(**said)  # another report overtook this one: its spell goes on
    elif as_read.update(**said, status_since=now, status_reports=1):
        _append(pos)
        said |= {"status_since": now, "status_reports": 1}
    else:
        points.update(**said)
    for name, value in said.items():
        setattr(pos, name, value)


def purge(*, older_than: timedelta, batch: int) -> int:
    """Delete the oldest; how many."""
    over = StatusSpell.objects.filter(last_at__lt=timezone.now() - older_than).order_by("last_at")
    deleted, _rows = StatusSpell.objects.filter(pk__in=over.values_list("pk")[:batch]).delete()
    return deleted


def _goes_on(pos: PointOfSale, status: ControllerStatus, now: datetime) -> bool:
    """A controller that was silent for too long begins anew: the silence is what somebody will look for."""
    if pos.status_since is None or pos.status_at is None or pos.status != status:
        return False
    return not pos.heartbeat or now - pos.status_at <= timedelta(seconds=pos.heartbeat)


def _append(pos: PointOfSale) -> None:
    if pos.status_at is None:
        return  # it had said nothing yet
    ended: dict[str, Any] = {"status": pos.status, "since": pos.status_since or pos.status_at}
    StatusSpell.objects.create(
        pos=pos, last_at=pos.status_at, reports=max(pos.status_reports, 1), amount=pos.amount_so_far, **ended
    )
