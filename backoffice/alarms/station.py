"""What is wrong at the stations: controllers, printers, receipts."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Count, Min
from django.utils import timezone

from backoffice.alarms.found import Found, at_store, of_store
from orders.models import Order
from pos.models import ControllerStatus, PointOfSale
from receipts import services as receipts
from receipts.models import Printer, PrintJob
from receipts.states import IN_TROUBLE, JobState
from stores import hours
from stores.models import Store

SILENT_FOR: Final = timedelta(minutes=5)
UNPRINTED_FOR: Final = timedelta(minutes=5)
_LOOKED_BACK: Final = timedelta(days=1)
_COUNTED: Final = 500  # orders without a receipt; of more, it says as many


def pos_silent(now: datetime) -> Iterator[Found]:
    """While their store is open. A controller that never reported is not silent, it is not there yet."""
    silent = PointOfSale.objects.unreachable(now).exclude(status_at=None)
    limit = now - SILENT_FOR
    for pos in silent.select_related("store").order_by("pk"):
        if hours.is_open(pos.store.business_hours, timezone.localtime(now, pos.store.tz)):
            says_so = pos.status == ControllerStatus.OFFLINE
            since = (pos.status_since if says_so else pos.status_at) or now
            is_long = since < limit if says_so else pos.is_unreachable(limit)
            yield Found(subject=f"pos {pos.pk}", label=str(pos), since=since, is_long=is_long, **at_store(pos.store))


def printer(now: datetime) -> Iterator[Found]:
    for one in Printer.objects.in_trouble().select_related("store", "pos").order_by("pk"):
        since = one.state_since or now
        yield _of_printer(one, since, is_long=since < now - UNPRINTED_FOR, state=one.state)


def not_printed(now: datetime) -> Iterator[Found]:
    """New on printers only that seem well: of the others there is an alarm already."""
    waiting = PrintJob.objects.filter(
        state=JobState.QUEUED, due_at__isnull=False, receipt__isnull=False, created_at__lt=now - UNPRINTED_FOR
    )
    rows = waiting.filter(printer__is_active=True).order_by().values_list("printer")
    counted = list(rows.annotate(count=Count("pk"), first=Min("created_at")))
    printers = Printer.objects.select_related("store", "pos").in_bulk([key for key, *_ in counted])
    for key, count, first in counted:
        yield _of_printer(printers[key], first, is_long=printers[key].state not in IN_TROUBLE, count=count)


def not_drawn(now: datetime) -> Iterator[Found]:
    without = Order.objects.filter(pk__in=receipts.orders_without(closed_within=_LOOKED_BACK, most=_COUNTED))
    long = without.filter(closed_at__lt=now - UNPRINTED_FOR).order_by()
    rows = list(long.values_list("pos__store").annotate(count=Count("pk"), first=Min("closed_at")))
    stores = Store.objects.in_bulk([key for key, *_ in rows])
    for key, count, first in rows:
        yield of_store(stores[key], first, count=count)


def _of_printer(printer: Printer, since: datetime, *, is_long: bool = True, **values: object) -> Found:
    return Found(
        subject=f"printer {printer.pk}",
        label=f"{printer.name} ({printer.pos.name})" if printer.pos else printer.name,
        since=since,
        is_long=is_long,
        values=values,
        **at_store(printer.store),
    )
