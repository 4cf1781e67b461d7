"""What Mercado Pago hears when it polls, kept as spells of hearing the same. Never a reason not to answer."""

import logging
from collections import Counter
from datetime import timedelta

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from gateway.dialects import Offer, Situation
from orders.models import Heard, Order, PollSpell
from pos.models import PointOfSale

logger = logging.getLogger(__name__)

PAUSE = timedelta(minutes=1)  # of not being asked, after which somebody else scans
_unwritten: Counter[int] = Counter()  # polls of this process since its last write, by point of sale


def count(pos_id: int) -> None:
    """One more poll that is not written down: some are lost between threads, and with the process."""
    _unwritten[pos_id] += 1


def keep(pos: PointOfSale, order: Order | None, said: Offer | Situation) -> None:
    """Have the spell go on, or end it and begin another. What fails here is only missing on the timeline."""
    try:
        heard = Heard.ORDER if isinstance(said, Offer) else Heard(said.value)
        polls = _unwritten.pop(pos.pk, 0) + 1
        if not _go_on(pos, order, heard, polls):
            _begin(pos, order, heard)
    except Exception:
        logger.exception("%s: what Mercado Pago heard could not be written down", pos)


def purge(*, older_than: timedelta, batch: int) -> int:
    """Delete the oldest; how many."""
    over = PollSpell.objects.filter(last_at__lt=timezone.now() - older_than).order_by("last_at")
    deleted, _rows = PollSpell.objects.filter(pk__in=over.values_list("pk")[:batch]).delete()
    return deleted


def _go_on(pos: PointOfSale, order: Order | None, heard: Heard, polls: int) -> bool:
    now = timezone.now()
    same = PollSpell.objects.filter(pos=pos, is_going_on=True, heard=heard, order=order, last_at__gte=now - PAUSE)
    return bool(same.update(last_at=now, polls=F("polls") + polls))


@transaction.atomic
def _begin(pos: PointOfSale, order: Order | None, heard: Heard) -> None:
    now = timezone.now()
    PollSpell.objects.filter(pos=pos, is_going_on=True).update(is_going_on=False)
    spell = PollSpell(pos=pos, order=order, heard=heard, since=now, last_at=now)
    PollSpell.objects.bulk_create([spell], ignore_conflicts=True)  # two polls at once: one of them begins it
