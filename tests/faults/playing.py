"""Playing one fault: customers come, something breaks, it is over, and both sides are compared."""

import time
from collections import Counter
from contextlib import nullcontext
from dataclasses import dataclass, field

from tests.end_to_end import chaos
from tests.end_to_end.chaos import Tally
from tests.faults.ground import Ground
from tests.faults.kill_points import KILL_POINTS
from tests.faults.sales import Deliveries, Sales, delivering, listening, what_is_down
from tests.faults.table import Fault

_LONGEST_ANSWER = 1.0  # seconds, to a delivery
_PAUSE = 1.0  # seconds between two customers at a pump, more or less
_QUIET_WITHIN = 60.0  # seconds, when nobody comes any more
_OUT_WITHIN = 240.0  # seconds until the last paper is out, or given to a person: a lease of two minutes, and sweeps


@dataclass
class Played:
    """A fault, and what came of it."""

    fault: Fault
    orders: int
    back: float | None  # seconds
    said: Counter[str]
    deliveries: Deliveries
    tally: Tally
    gave_up: list[str]
    missed: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        back = "never" if self.back is None else f"{self.back:.0f} s"
        said = ", ".join(self.said) or "–"
        twice = f"{self.tally.closed_twice:>7} {self.tally.numbered_twice:>8}"
        line = f"{self.fault.name:<58} {self.orders:>6} {len(self.tally.lost):>5} {twice} {back:>6}  {said}"
        if self.fault.answers_deliveries:
            line += f"; {sum(self.deliveries.answers.values())} deliveries, longest {self.deliveries.longest:.2f} s"
        return "\n".join([line, *(f"    MISSED: {one}" for one in self.missed)])


HEAD = f"{'fault':<58} {'orders':>6} {'lost':>5} {'closed2':>7} {'numbers2':>8} {'back':>6}  /readyz said"


def play(ground: Ground, fault: Fault) -> Played:
    station = ground.station
    before = _last_order()
    with Sales(ground.pumps, pause=_PAUSE) as sales:
        _until_sold(sales, 3)
        floods = delivering(station) if fault.answers_deliveries else nullcontext(Deliveries())
        with listening(station) as said, floods as deliveries, fault.strike(ground):
            time.sleep(fault.lasts)
        back, left = _until_normal(ground, fault.normal_within)
    tally = Tally()
    chaos.wait_until_quiet(station, tally, _QUIET_WITHIN)
    played = Played(fault, _last_order() - before, back, said, deliveries, tally, sales.gave_up)
    played.missed = [*_missed(played), *left]
    return played


def _missed(played: Played) -> list[str]:
    tally, fault = played.tally, played.fault
    goals = {
        f"{len(tally.lost)} lost": not tally.lost,
        f"{tally.closed_twice} closed twice": not tally.closed_twice,
        f"{tally.numbered_twice} numbers of receipts twice": not tally.numbered_twice,
        f"not back to normal within {fault.normal_within:.0f} s": played.back is not None,
        f"/readyz did not name {fault.told}": not fault.told or fault.told in played.said,
    }
    if fault.answers_deliveries:
        only_200 = set(played.deliveries.answers) == {200}
        goals[f"deliveries were answered {dict(played.deliveries.answers)}"] = only_200
        goals[f"a delivery was answered after {played.deliveries.longest:.2f} s"] = (
            played.deliveries.longest <= _LONGEST_ANSWER
        )
    return [*(goal for goal, is_met in goals.items() if not is_met), *tally.differences, *played.gave_up]


def _until_sold(sales: Sales, how_many: int) -> None:
    end = time.monotonic() + 60
    while sales.made.total() < how_many and time.monotonic() < end:
        time.sleep(0.1)


def _until_normal(ground: Ground, within: float) -> tuple[float | None, list[str]]:
    """Seconds until all that was there when the fault ended is done, and /readyz is content; or what is left."""
    from django.db import connection
    from django.utils import timezone

    connection.close()
    begin, at, last = time.monotonic(), timezone.now(), _last_order()
    while True:
        left, took = [*_left(last, at), *what_is_down(ground.station)], time.monotonic() - begin
        if not left:
            return took, []
        if took > within:
            return None, left
        time.sleep(0.5)


def _left(last_order: int, at: object) -> list[str]:
    from notifications.models import Notification
    from orders.models import Order

    orders = Order.objects.filter(pk__lte=last_order)
    deliveries = Notification.objects.filter(received_at__lte=at, outcome__in=("received", "failed"))
    questions = {
        "open": orders.filter(status="open", attention=None),
        "without its receipt": orders.filter(status="closed", receipt__drawn_at=None),
        "not worked on": deliveries,
    }
    return [f"{row} ({row.pk}) is {what}" for what, rows in questions.items() for row in rows]


def _last_order() -> int:
    from orders.models import Order

    return Order.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


@dataclass
class Papers:
    """What came out of the printer."""

    receipts: int
    jobs: Counter[str]
    twice: list[str]
    none: list[str]
    perhaps_allowed: int

    @property
    def missed(self) -> list[str]:
        goals = {
            f"on paper twice: {', '.join(self.twice)}": not self.twice,
            f"neither on paper nor before a person: {', '.join(self.none)}": not self.none,
            f"{self.jobs['unknown']} left to a person": self.jobs["unknown"] <= self.perhaps_allowed,
            f"not over: {dict(self.jobs)}": set(self.jobs) <= {"printed", "unknown"},
        }
        return [goal for goal, is_met in goals.items() if not is_met]

    def __str__(self) -> str:
        jobs = " · ".join(f"{count} {state}" for state, count in self.jobs.items())
        line = f"paper: {self.receipts} receipts, {jobs}; {len(self.twice)} twice, {len(self.none)} never and not told"
        return "\n".join([line, *(f"    MISSED: {one}" for one in self.missed)])


def papers(ground: Ground) -> Papers:
    """When the printer has nothing left to do. A receipt during whose printing a process died is left to a person."""
    from receipts.models import PrintJob, Receipt

    end = time.monotonic() + _OUT_WITHIN
    while PrintJob.objects.exclude(state__in=("printed", "unknown")).exists() and time.monotonic() < end:
        time.sleep(2)
    printed = Counter(
        number
        for number in Receipt.objects.values_list("number", flat=True)
        for paper in ground.printer.paper
        if number.encode() in paper
    )
    jobs = dict(PrintJob.objects.values_list("receipt__number", "state"))
    numbers = set(Receipt.objects.values_list("number", flat=True))
    none = [number for number in numbers if not printed[number] and jobs.get(number) != "unknown"]
    twice = [number for number, times in printed.items() if times > 1]
    perhaps = 2 * sum(point.prints_perhaps for point in KILL_POINTS)  # once in turn, and once each by itself
    return Papers(len(numbers), Counter(jobs.values()), twice, none, perhaps)
