"""Shadow mode: each answer to Mercado Pago once more in the dialect that is not served, kept beside what was."""

import logging
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from gateway import dialects
from gateway.dialects import Answer, Dialect, Offer, Situation, Words
from orders.models import Order, ShadowAnswer
from orders.offers import was_paid
from pos.models import PointOfSale

logger = logging.getLogger(__name__)

ORDER = "order"  # the situation of a row that has one


def keep(pos: PointOfSale, order: Order | None, said: Offer | Situation, served: Answer, words: Words) -> None:
    """Write both answers down. Only looked at, so nothing that fails here reaches the poll."""
    try:
        with transaction.atomic():
            _keep(pos, order, said, served, words)
    except Exception:
        logger.exception("%s: the shadow of an answer could not be kept", pos)


def purge(*, older_than: timedelta, batch: int) -> int:
    """Delete the oldest; how many."""
    over = ShadowAnswer.objects.filter(last_at__lt=timezone.now() - older_than).order_by("last_at")
    deleted, _rows = ShadowAnswer.objects.filter(pk__in=over.values_list("pk")[:batch]).delete()
    return deleted


def _keep(pos: PointOfSale, order: Order | None, said: Offer | Situation, served: Answer, words: Words) -> None:
    if said is Situation.NOTHING and pos.is_in_service and was_paid(pos):
        said = Situation.PAID  # V1 has one word for both, so who speaks it did not ask
    situation = ORDER if isinstance(said, Offer) else said.value
    status, body = _render(said, pos.wire_dialect.other, words)
    row: dict[str, Any] = {"pos": pos, "order": order, "served_dialect": pos.wire_dialect.value, "situation": situation}
    seen = {
        "served_status": served.status,
        "served_body": _text(served),
        "shadow_status": status,
        "shadow_body": body,
        "last_at": timezone.now(),
    }
    if not ShadowAnswer.objects.filter(**row).update(**seen):
        ShadowAnswer.objects.bulk_create([ShadowAnswer(**row, **seen)], ignore_conflicts=True)  # two polls at once


def _render(said: Offer | Situation, dialect: Dialect, words: Words) -> tuple[int, str]:
    """Status and text of the answer; 0 and why when there is none."""
    try:
        if isinstance(said, Offer) and (lost := said.lost_in(dialect)):
            return ShadowAnswer.IMPOSSIBLE, f"{dialect.value} has no field for {', '.join(lost)}"
        answer = dialects.render(said, dialect, words)
        return answer.status, _text(answer)
    except Exception as error:
        return ShadowAnswer.IMPOSSIBLE, repr(error)


def _text(answer: Answer) -> str:
    """What a person compares: the headers that a dialect adds, then the body."""
    headers = "".join(f"{name}: {value}\n" for name, value in answer.headers.items())
    return headers + answer.body.decode()
