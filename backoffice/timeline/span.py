"""From when to when a point of sale's doings belong to an order: not to its set-up, nor to the customers around it."""

from datetime import datetime, timedelta
from typing import Final

from django.db.models import Max
from django.utils import timezone

from orders.models import Order, PollSpell, Transition
from orders.states import Status
from pos.models import ControllerStatus, StatusSpell

_LONGEST: Final = timedelta(minutes=15)  # that a sale runs before it becomes an order
_PATIENCE: Final = timedelta(seconds=30)  # so long after its last poll a telephone may still be waiting
_AFTER: Final = timedelta(minutes=5)  # how the sale went out


def span_of(order: Order) -> tuple[datetime, datetime]:
    """The end is not a part of it."""
    return _begin(order), _end(order)


def _begin(order: Order) -> datetime:
    """When the sale began to run, or the customer to wait for it; never before the sale before it was over."""
    floor = max(filter(None, (order.created_at - _LONGEST, _end_of_the_one_before(order))))
    before = {"pos": order.pos_id, "since__gte": floor}
    sale = StatusSpell.objects.filter(**before, since__lt=order.created_at, status=ControllerStatus.IN_PROCESS)
    began = sale.order_by("-since").values_list("since", flat=True).first() or order.created_at
    scans = PollSpell.objects.filter(**before, since__lt=began, last_at__gte=began - _PATIENCE)
    return scans.order_by("since").values_list("since", flat=True).first() or began


def _end_of_the_one_before(order: Order) -> datetime | None:
    before = Order.objects.filter(pos=order.pos_id, pk__lt=order.pk).order_by("-pk").values_list("pk", flat=True)[:1]
    at: datetime | None = Transition.objects.filter(order__in=list(before)).aggregate(at=Max("at"))["at"]
    return at if at is None or at < order.created_at else order.created_at  # its money may come later still


def _end(order: Order) -> datetime:
    """As long as it is open, now; then a little later, but not into the next sale."""
    if order.status == Status.OPEN:
        return timezone.now()
    ended: datetime = order.transitions.aggregate(at=Max("at"))["at"] or order.created_at
    later = {"pos": order.pos_id, "since__gte": ended, "status": ControllerStatus.IN_PROCESS}
    sale = StatusSpell.objects.filter(**later).order_by("since").values_list("since", flat=True).first()
    after = Order.objects.filter(pos=order.pos_id, pk__gt=order.pk).order_by("pk")
    made = after.values_list("created_at", flat=True).first()
    return min(filter(None, (ended + _AFTER, sale, made if made and made >= ended else None)))
