"""What was sold today, by currency and by hour, beside the same weekday last week. Each store's own day."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q, Sum
from django.db.models.functions import ExtractHour

from orders.days import Day, todays
from orders.models import Order
from stores.amounts import in_currency
from stores.models import StoreQuerySet


@dataclass(slots=True)
class Sold:
    """So many orders, and what they came to."""

    count: int = 0
    amount: Decimal = Decimal(0)


@dataclass(slots=True)
class Takings:
    """One currency's. `before` is last week until the same time of day."""

    currency: str
    today: Sold = field(default_factory=Sold)
    before: Sold = field(default_factory=Sold)

    @property
    def amount(self) -> str:
        return money(self.today.amount, self.currency)

    @property
    def amount_before(self) -> str:
        return money(self.before.amount, self.currency)

    @property
    def change(self) -> int | None:
        """Per cent, of the amount; None when there is nothing to compare with."""
        if not self.before.amount:
            return None
        return round((self.today.amount / self.before.amount - 1) * 100)


@dataclass(slots=True)
class Sales:
    """All of it. Hours are those of the stores' clocks; `begins` is the one that their days begin at."""

    takings: dict[str, Takings] = field(default_factory=dict)
    hours: "Counter[int]" = field(default_factory=Counter)
    hours_before: "Counter[int]" = field(default_factory=Counter)
    begins: int = 0

    def of(self, currency: str) -> Takings:
        return self.takings.setdefault(currency, Takings(currency))


def money(amount: Decimal, currency: str) -> str:
    """For people, in their language's notation."""
    return in_currency(amount, currency)


def sales(stores: StoreQuerySet, now: datetime) -> Sales:
    """Of these stores: two questions for each time zone, and each hour at which a day begins, that they have."""
    days = todays(stores, now)
    starts = {day.hour for day in days}
    found = Sales(begins=starts.pop() if len(starts) == 1 else 0)  # of days that differ, no hour is the first
    for today in days:
        for row in _by_hour(stores, today, today.until):
            _add(found.of(row["currency"]).today, row)
            found.hours[row["hour"]] += row["count"]
        week_ago = today.a_week_before()
        for row in _by_hour(stores, week_ago, week_ago.end):
            _add(found.of(row["currency"]).before, row)
            found.hours_before[row["hour"]] += row["whole_hour"]
    return found


def _add(sold: Sold, row: Any) -> None:
    sold.count += row["count"]
    sold.amount += row["amount"] or 0


def _by_hour(stores: StoreQuerySet, day: Day, end: datetime) -> Iterable[Any]:
    """The whole hours until `end`; `count` and `amount` are those until the day's `until`."""
    within = stores.order_by().filter(time_zone=day.zone.key, day_starts=day.hour)
    so_far = Q(closed_at__lt=day.until)
    rows = Order.objects.filter(pos__store__in=within, closed_at__gte=day.start, closed_at__lt=end).order_by()
    return (
        rows.annotate(hour=ExtractHour("closed_at", tzinfo=day.zone))
        .values("currency", "hour")
        .annotate(
            count=Count("pk", filter=so_far),
            amount=Sum("total_amount", filter=so_far),
            whole_hour=Count("pk"),
        )
    )


def by_hour(found: Sales) -> Iterator[tuple[int, int, int]]:
    """For each hour of the day, from its first on: sold today, sold a week ago."""
    for hour in (*range(found.begins, 24), *range(found.begins)):
        yield hour, found.hours[hour], found.hours_before[hour]
