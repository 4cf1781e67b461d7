"""What Mercado Pago asked while a customer's phone waited, and what it heard."""

from collections.abc import Iterator
from typing import Final

from django.utils.translation import gettext_lazy as _

from backoffice.severity import Severity
from backoffice.timeline.entry import LIMIT, Entry, Kind, Scope
from orders.models import Heard, PollSpell

_TITLES: Final = {
    Heard.ORDER: _("A customer has scanned: the phone shows the amount"),
    Heard.IN_PROCESS: _("A customer has scanned and waits: the sale is still running"),
    Heard.NOTHING: _("A customer has scanned, but there is nothing to pay"),
    Heard.PAID: _("A customer has scanned, but the last order is paid already"),
    Heard.UNREACHABLE: _("A customer has scanned, but the controller cannot be reached"),
}
_SEVERITIES: Final = {Heard.ORDER: Severity.GOOD, Heard.UNREACHABLE: Severity.WARNING}


def polls(scope: Scope) -> Iterator[Entry]:
    spells = PollSpell.objects.filter(pos=scope.pos, since__gte=scope.since, since__lt=scope.until)
    for spell in spells.order_by("-since")[:LIMIT]:
        heard = Heard(spell.heard)
        yield Entry(
            at=spell.since,
            until=spell.last_at,
            kind=Kind.POLL,
            title=_TITLES[heard],
            detail=_("Mercado Pago asked about %(count)s times") % {"count": spell.polls} if spell.polls > 1 else "",
            severity=_SEVERITIES.get(heard, Severity.INFO),
        )
