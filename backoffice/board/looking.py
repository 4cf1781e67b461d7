"""A look at a whole store: so many queries however many points of sale it has, each by an index."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from django.db.models import Count, F, OuterRef, Subquery, Sum, Window
from django.db.models.functions import RowNumber
from django.utils.translation import gettext as _
from django_stubs_ext import StrOrPromise

from backoffice.board.tiles import JUST_NOW, Facts, Tile, tile_of
from backoffice.board.writing import Writing
from orders.models import Order
from orders.states import Status
from pos.models import PointOfSale
from receipts.models import PrintJob, Receipt
from receipts.states import JobState
from stores.models import Store

_OF_POS = (
    "store", "name", "external_id", "is_active", "status", "status_at", "status_since", "amount_so_far", "heartbeat",
    "remote_id", "registration", "registration_code", "registration_message",
)  # fmt: skip
_OF_ORDERS = (
    "pos", "status", "payment_status", "total_amount", "paid_amount", "refunded_amount", "attention", "created_at",
    "expires_at", "first_served_at", "closed_at", "set_aside_for", "external_reference",
)  # fmt: skip
_SIZES = (2, 4, 8, 15, 24, 40, 60)  # how many tiles a screen is divided for; more of them scroll
_ROOMY = 24  # up to so many say all they know on a wall; more say the most important
_TROUBLE = (JobState.FAILED, JobState.UNKNOWN)


@dataclass(frozen=True, slots=True)
class _Marks:
    """The newest order of a point of sale that needs a look, and how many do."""

    newest: int | None = None
    count: int = 0


_NO_MARKS: Final = _Marks()


@dataclass(frozen=True, slots=True)
class Board:
    """All that the page of a store shows."""

    tiles: list[Tile]
    today: str

    @property
    def size(self) -> int:
        return next((size for size in _SIZES if len(self.tiles) <= size), _SIZES[-1] + 1)

    @property
    def is_dense(self) -> bool:
        return len(self.tiles) > _ROOMY

    def for_script(self) -> dict[str, Any]:
        tiles = [tile.for_script() for tile in self.tiles]
        return {"tiles": tiles, "today": self.today, "size": self.size, "is_dense": self.is_dense}


def look(store: Store, now: datetime) -> Board:
    """How the points of sale of a store stand, in the reader's language. The store with its account."""
    writing = Writing.of(store)
    return Board([tile_of(facts, now, writing) for facts in _facts(store, now)], _today(store, now, writing))


def _facts(store: Store, now: datetime) -> Iterator[Facts]:
    points, marks = _points(store), _marks(store)
    keys = {key for _pos, *both in points for key in both if key} | {one.newest for one in marks.values() if one.newest}
    rows = Order.objects.filter(pk__in=keys).only(*_OF_ORDERS).order_by()
    orders: dict[int | None, Order] = {order.pk: order for order in rows}
    fresh = [order for order in orders.values() if order.closed_at and now - order.closed_at < JUST_NOW]
    numbers, papers = _receipts(fresh), _papers(fresh)
    for pos, newest, sold in points:
        pos.store = store
        mark = marks.get(pos.pk, _NO_MARKS)
        paper, is_trouble = papers.get(sold, ("", False))
        yield Facts(
            pos=pos,
            newest=orders.get(newest),
            sold=orders.get(sold),
            marked=orders.get(mark.newest),
            marks=mark.count,
            receipt=numbers.get(sold, ""),
            paper=paper,
            is_not_on_paper=is_trouble,
        )


def _points(store: Store) -> list[tuple[PointOfSale, int | None, int | None]]:
    """Each with the keys of its newest order and of the one that was paid last."""
    of_pos = Order.objects.filter(pos=OuterRef("pk"))
    newest = of_pos.order_by("-pk").values("pk")[:1]
    sold = of_pos.filter(status=Status.CLOSED, closed_at__isnull=False).order_by("-closed_at").values("pk")[:1]
    points = PointOfSale.objects.filter(store=store).only(*_OF_POS).order_by("pk")
    rows: Iterable[Any] = points.annotate(newest=Subquery(newest), sold=Subquery(sold))
    return sorted(((row, row.newest, row.sold) for row in rows), key=lambda found: _place(found[0]))


def _place(pos: PointOfSale) -> list[list[Any]]:
    """Pump 2 stands before pump 10, however it stands: people find a tile by its place."""
    return [_naturally(pos.name), _naturally(pos.external_id)]


def _naturally(text: str) -> list[Any]:
    return [int(part) if part.isdecimal() else part.casefold() for part in re.split(r"(\d+)", text)]


def _marks(store: Store) -> dict[int, _Marks]:
    """By point of sale. Of each only the newest is fetched, however many there are."""
    rows = Order.objects.filter(attention__isnull=False, pos__store=store).order_by()
    numbered = rows.annotate(
        place=Window(RowNumber(), partition_by=F("pos"), order_by=F("pk").desc()),
        count=Window(Count("pk"), partition_by=F("pos")),
    )
    newest = numbered.filter(place=1).values_list("pos", "pk", "count")
    return {pos: _Marks(key, count) for pos, key, count in newest}


def _receipts(orders: Iterable[Order]) -> dict[int | None, str]:
    return dict(Receipt.objects.filter(order__in=orders).values_list("order", "number"))


def _papers(orders: Iterable[Order]) -> dict[int | None, tuple[StrOrPromise, bool]]:
    """By order: how the printing of its receipt stands, and whether a person must see to it."""
    jobs = PrintJob.objects.filter(receipt__order__in=orders, copy=None).select_related("receipt").order_by("pk")
    return {job.receipt.order_id: _paper(job) for job in sorted(jobs, key=_is_trouble) if job.receipt}


def _is_trouble(job: PrintJob) -> bool:
    return (job.state in _TROUBLE and not job.decided_by) or (job.state == JobState.QUEUED and bool(job.trouble))


def _paper(job: PrintJob) -> tuple[StrOrPromise, bool]:
    if not _is_trouble(job):
        return job.get_state_display(), False
    values = {"state": job.get_state_display(), "why": job.get_trouble_display()}
    return _("Receipt %(state)s: %(why)s") % values if job.trouble else job.get_state_display(), True


def _today(store: Store, now: datetime, writing: Writing) -> str:
    """What was sold since the store's business day began."""
    begin, _end = store.bounds(store.day_at(now))
    points = PointOfSale.objects.filter(store=store).values("pk")
    sold = Order.objects.filter(pos__in=points, status=Status.CLOSED, closed_at__gte=begin)
    sums = sold.aggregate(count=Count("pk"), total=Sum("total_amount"))
    values = {
        "count": sums["count"],
        "amount": writing.money(sums["total"] or Decimal(0)),
        "currency": writing.site.currency,
    }
    return _("Sold today: %(count)s, %(amount)s %(currency)s") % values
