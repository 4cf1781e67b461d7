"""What the controller said."""

from collections.abc import Iterator
from typing import Final

from django.utils.translation import gettext_lazy as _

from backoffice.severity import Severity
from backoffice.timeline.entry import LIMIT, Entry, Kind, Scope
from pos.models import ControllerStatus, StatusSpell

_TITLES: Final = {
    ControllerStatus.IDLE: _("The point of sale is free: no sale is running there"),
    ControllerStatus.IN_PROCESS: _("The controller says: a sale is running"),
    ControllerStatus.OFFLINE: _("The controller says: out of service"),
}


def reports(scope: Scope) -> Iterator[Entry]:
    """The spell that goes on stands in the point of sale, those that are over in rows."""
    if (going_on := _going_on(scope)) and scope.since <= going_on.since < scope.until:
        yield _entry(scope, going_on)
    spells = StatusSpell.objects.filter(pos=scope.pos, since__gte=scope.since, since__lt=scope.until)
    for spell in spells.order_by("-since")[:LIMIT]:
        yield _entry(scope, spell)


def _going_on(scope: Scope) -> StatusSpell | None:
    pos = scope.pos
    if pos.status_at is None:
        return None
    return StatusSpell(
        pos=pos,
        status=pos.status,
        since=pos.status_since or pos.status_at,
        last_at=pos.status_at,
        reports=max(pos.status_reports, 1),
        amount=pos.amount_so_far,
    )


def _entry(scope: Scope, spell: StatusSpell) -> Entry:
    detail = _("%(count)s reports") % {"count": spell.reports} if spell.reports > 1 else ""
    if spell.amount is not None:
        amount = _("%(amount)s so far") % {"amount": scope.money(spell.amount)}
        detail = f"{detail} · {amount}" if detail else amount
    return Entry(
        at=spell.since,
        until=spell.last_at,
        kind=Kind.PUMP,
        title=_TITLES[ControllerStatus(spell.status)],
        detail=detail,
        severity=Severity.WARNING if spell.status == ControllerStatus.OFFLINE else Severity.INFO,
    )
