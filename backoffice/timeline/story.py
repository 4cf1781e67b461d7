"""Joining the sources. One more source is a function from a scope to entries, and its name in a list below."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from django.utils.translation import gettext_lazy as _

from backoffice.severity import Severity
from backoffice.timeline import calls, money, news, paper, people, polls, pump, returned, sales
from backoffice.timeline.entry import LIMIT, Entry, Scope
from backoffice.timeline.span import span_of
from orders.models import Order
from pos.models import PointOfSale

Source = Callable[[Scope], Iterator[Entry]]

# What happens at a point of sale, by time: one entry a row, newest first, at most LIMIT of them.
OF_THE_PLACE: Final[tuple[Source, ...]] = (pump.reports, polls.polls, calls.of_the_place, people.at_the_place)
# What belongs to orders, whenever it happened.
OF_ORDERS: Final[tuple[Source, ...]] = (
    sales.transitions,
    sales.first_serves,
    returned.refunds,
    money.merchant_orders,
    money.payments,
    news.notifications,
    calls.of_orders,
    paper.paper,
    people.decisions,
)
ORDERS: Final = 20  # on one page of a point of sale
_ASKED: Final = _("We asked Mercado Pago")


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """Entries in the order in which they are read; `since`: what is older is on the next page."""

    entries: list[Entry]
    since: datetime


def of_order(order: Order) -> Story:
    """An order's story, oldest first: with what its point of sale did while this sale went on."""
    since, until = span_of(order)
    scope = Scope(pos=order.pos, since=since, until=until, orders=(order,))
    entries = [entry for source in (*OF_THE_PLACE, *OF_ORDERS) for entry in source(scope)]
    return Story(entries=_fold(entries), since=scope.since)


def of_pos(pos: PointOfSale, since: datetime, until: datetime) -> Story:
    """A point of sale's story, newest first, as far back as one page holds: `Story.since` says how far that is."""
    scope = Scope(pos=pos, since=since, until=until)
    told = [list(source(scope)) for source in OF_THE_PLACE]
    # A source that has more than it may tell has told nothing of the time before its last entry.
    floor = max([since, *(entries[LIMIT - 1].at for entries in told if len(entries) >= LIMIT)])
    orders = list(Order.objects.filter(pos=pos, created_at__gte=floor, created_at__lt=until).order_by("-pk")[:ORDERS])
    if len(orders) == ORDERS:
        floor = max(floor, orders[-1].created_at)
    for order in orders:
        order.pos = pos
    scope = replace(scope, since=floor, orders=tuple(orders))
    entries = [entry for entries in told for entry in entries if entry.at >= floor]
    entries += [entry for source in OF_ORDERS for entry in source(scope)] if orders else []
    return Story(entries=_fold(entries)[::-1], since=floor)


def _fold(entries: list[Entry]) -> list[Entry]:
    """By time, oldest first; what machines say to each other several times in a row is one line."""
    told: list[Entry] = []
    places: dict[str, int] = {}  # of the lines that what comes next may be folded into
    for entry in sorted(entries, key=lambda entry: entry.at):
        if not entry.folds:
            places = {}
        elif (place := places.setdefault(entry.folds, len(told))) < len(told):
            told[place] = _joined(told[place], entry)
            continue
        told.append(entry)
    return told


def _joined(first: Entry, last: Entry) -> Entry:
    """The small print of a single success says nothing of several; that of a failure does."""
    title = first.title if str(first.title) == str(last.title) else _ASKED
    detail = first.detail if first.severity == Severity.ERROR else ""
    return replace(first, title=title, detail=detail, until=last.at, times=first.times + 1)
