"""What the pumps say they sold, handed in for a day or for a shift of it."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from backoffice.closing.figures import HandedIn
from backoffice.models import Closing, PumpTotal, Shift
from orders.errors import Refused
from pos.models import PointOfSale
from stores.models import Store


def totals(store: Store, day: date, shift: Shift | None = None) -> dict[int, HandedIn]:
    """By point of sale. Of a day: as handed in for it, or else the sum of its shifts."""
    rows = PumpTotal.objects.filter(pos__store=store, day=day)
    if shift is not None:
        return _sums(rows.filter(shift=shift))
    return _sums(rows.filter(shift__isnull=False)) | _sums(rows.filter(shift=None))


@transaction.atomic
def hand_in(
    store: Store, day: date, pumps: Mapping[int, HandedIn | None], *, actor: str, shift: Shift | None = None
) -> None:
    """Keep what each pump says; None takes it back. Refused once the day or the shift is closed."""
    Store.objects.select_for_update(of=("self",), no_key=True).get(pk=store.pk)
    if Closing.objects.of(store, day, shift).in_force().exists():
        raise Refused("closed", _("This is closed already: open it again to change the pump totals."))
    own = set(PointOfSale.objects.filter(store=store, pk__in=pumps).values_list("pk", flat=True))
    for pos, pump in pumps.items():
        if pos not in own:
            continue
        if pump is None:
            PumpTotal.objects.filter(pos=pos, day=day, shift=shift).delete()
        else:
            values = {"amount": pump.amount, "volume": pump.volume, "actor": actor[:150]}
            PumpTotal.objects.update_or_create(pos_id=pos, day=day, shift=shift, defaults=values)


def _sums(rows: QuerySet[PumpTotal]) -> dict[int, HandedIn]:
    found: dict[int, HandedIn] = {}
    for row in rows:
        before = found.get(row.pos_id, HandedIn(Decimal(0), None))
        volume = before.volume if row.volume is None else (before.volume or Decimal(0)) + row.volume
        found[row.pos_id] = HandedIn(before.amount + row.amount, volume)
    return found
