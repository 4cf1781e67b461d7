"""Many customers in the worst of weathers, with a worker that dies; afterwards every peso is looked for.

`make chaos` runs it with 1,000 orders (`python -m tests.end_to_end`); a test does with a few.
"""

import contextlib
import random
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from decimal import Decimal
from queue import Empty, Queue
from threading import Event, Thread
from typing import Any

import requests
import simplejson

from backoffice.demo import TOKEN
from tests.end_to_end.station import Pump, Station
from tests.end_to_end.visits import WEIGHTS, Visit

WEATHER = {
    "notifications_dropped": 0.2,
    "notifications_duplicated": 0.3,
    "notifications_reordered": 1.0,
    "api_500": 0.02,
    "api_502": 0.01,
    "api_429": 0.01,
    "api_cut": 0.01,
    "api_no_json": 0.01,
    "api_other_json": 0.01,
}
_PAGE = 50
_HEADERS = {"Authorization": f"Bearer {TOKEN}"}


@dataclass
class Tally:
    """What was played, what went wrong on the way, and what is not the same at the end."""

    visits: Counter[str] = field(default_factory=Counter)
    kills: int = 0
    weather: dict[str, int] = field(default_factory=dict)
    orders: Counter[str] = field(default_factory=Counter)
    payments: Counter[str] = field(default_factory=Counter)
    attention: Counter[str] = field(default_factory=Counter)
    deliveries: Counter[str] = field(default_factory=Counter)
    receipts: int = 0
    seconds: float = 0
    lost: list[str] = field(default_factory=list)  # the worst of the differences
    closed_twice: int = 0
    numbered_twice: int = 0
    differences: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        def line(name: str, values: dict[str, int]) -> str:
            return f"{name:<12} {sum(values.values()):>6}   " + " · ".join(f"{v} {k}" for k, v in values.items())

        lines = [
            line("visits", self.visits),
            line("weather", self.weather),
            f"{'worker':<12} {self.kills:>6}   killed",
            line("deliveries", self.deliveries),
            line("orders", self.orders),
            line("payments", self.payments),
            line("attention", self.attention),
            f"{'receipts':<12} {self.receipts:>6}",
            f"{'twice':<12} {self.closed_twice + self.numbered_twice:>6}   "
            f"{self.closed_twice} closed · {self.numbered_twice} numbers of receipts",
            f"{'differences':<12} {len(self.differences):>6}   after {self.seconds:.0f} s",
            *(f"  {difference}" for difference in self.differences),
        ]
        return "\n".join(lines)


def play(
    station: Station,
    *,
    orders: int,
    pumps: int,
    kills: int,
    quiet_within: float,
    catch_up: bool,
    say: Callable[[str], None],
) -> Tally:
    """Send the customers, kill the worker now and then, wait until it is quiet, and compare.

    `catch_up` runs `manage.py reconcile` instead of waiting for the five-minute sweep.
    """
    started = time.monotonic()
    tally = Tally()
    stands = [station.register_pos() for _ in range(pumps)]
    station.phone("PUT", "chaos", WEATHER | {"seed": 1})
    dice = random.Random(1)
    queue: Queue[Visit] = Queue()
    for visit in dice.choices(list(WEIGHTS), list(WEIGHTS.values()), k=orders):
        queue.put(visit)
        tally.visits[visit.__name__] += 1
    is_over = Event()
    killer = Thread(target=_kill, args=(station, queue, orders, kills, tally, is_over), daemon=True)
    killer.start()
    with ThreadPoolExecutor(pumps) as crowd:
        for done in [crowd.submit(_come_and_go, pump, queue) for pump in stands]:
            done.result()
    is_over.set()
    killer.join()
    say(f"{orders} customers came and went in {time.monotonic() - started:.0f} s; waiting until all is quiet …")
    tally.weather = station.phone("GET", "chaos/happened")
    station.phone("PUT", "chaos", {})
    if catch_up:
        station.stack.manage("reconcile")
    wait_until_quiet(station, tally, quiet_within)
    tally.seconds = time.monotonic() - started
    return tally


def _come_and_go(pump: Pump, queue: "Queue[Visit]") -> None:
    with contextlib.suppress(Empty):
        while True:
            visit = queue.get_nowait()
            try:
                visit(pump)
            except Exception as error:
                raise AssertionError(f"{visit.__name__} at {pump.pos_id}: {error}") from error


def _kill(station: Station, queue: "Queue[Visit]", orders: int, kills: int, tally: Tally, is_over: Event) -> None:
    """At even distances in the stream of customers."""
    for number in range(1, kills + 1):
        while queue.qsize() > orders * (1 - number / (kills + 1)) and not is_over.is_set():
            time.sleep(0.1)
        station.stack.kill("worker")
        tally.kills += 1
        time.sleep(1)
        station.stack.start("worker")


def wait_until_quiet(station: Station, tally: Tally, within: float) -> None:
    end = time.monotonic() + within
    while True:
        compare(station, tally)
        if not tally.differences or time.monotonic() > end:
            return
        time.sleep(2)


def compare(station: Station, tally: Tally) -> None:
    """Both sides, read from outside: Mercado Pago's API there, the tables here."""
    there = {p["id"]: p for p in _pages(station, "/v1/payments/search", "results")}
    here = {row["remote_id"]: row for row in station.rows("orders.payment")}
    rows = station.records("orders.order")
    receipts = [row for row in station.rows("receipts.receipt") if row["order"]]  # without the slips of refunds
    tally.orders = Counter(row["status"] for row in rows.values())
    tally.payments = Counter(p["status"] for p in there.values())
    tally.attention = Counter(row["attention"] for row in rows.values() if row["attention"])
    tally.deliveries = Counter(row["outcome"] for row in station.rows("notifications.notification"))
    tally.receipts = len(receipts)
    closings = [row["order"] for row in station.rows("orders.transition") if row["to_status"] == "closed"]
    tally.closed_twice = len(closings) - len(set(closings))
    tally.numbered_twice = len(receipts) - len({row["number"] for row in receipts})
    tally.lost = [*_unknown_payments(there, here), *_forgotten_orders(rows, there.values())]
    tally.differences = [
        *tally.lost,
        *_different_payments(there, here),
        *_different_orders(rows),
        *_different_receipts(rows, receipts),
        *_different_refunds(station, there),
    ]


def _pages(station: Station, path: str, name: str) -> Iterable[Any]:
    offset = 0
    while True:
        url = f"{station.stack.simulator_url}{path}?limit={_PAGE}&offset={offset}"
        answer = requests.get(url, headers=_HEADERS, timeout=10)
        page = simplejson.loads(answer.content, use_decimal=True)[name]
        yield from page
        offset += _PAGE
        if not page:
            return


def _unknown_payments(there: dict[int, Any], here: dict[int, Any]) -> Iterable[str]:
    for missing in there.keys() - here.keys():
        yield f"payment {missing} is {there[missing]['status']} there and not known here"


def _forgotten_orders(rows: dict[int, Any], payments: Iterable[Any]) -> Iterable[str]:
    held: dict[str, Decimal] = defaultdict(Decimal)
    for p in payments:
        if p["status"] == "approved":
            held[p["external_reference"]] += p["transaction_amount"] - p["transaction_amount_refunded"]
    for row in rows.values():
        covered = held[row["external_reference"]] >= Decimal(row["total_amount"])
        if covered and row["status"] != "closed" and not row["attention"]:
            yield f"order {row['external_reference']}: covered there, {row['status']} here"


def _different_payments(there: dict[int, Any], here: dict[int, Any]) -> Iterable[str]:
    for unknown in here.keys() - there.keys():
        yield f"payment {unknown} is known here only"
    for number in there.keys() & here.keys():
        theirs, ours = there[number], here[number]
        told = (theirs["status"], theirs["transaction_amount"], theirs["transaction_amount_refunded"])
        kept = (ours["status"], Decimal(ours["amount"]), Decimal(ours["refunded"]))
        if told != kept:
            yield f"payment {number}: {kept} here, {told} there"


def _different_orders(rows: dict[int, Any]) -> Iterable[str]:
    for row in rows.values():
        if row["status"] == "closed" and Decimal(row["paid_amount"]) < Decimal(row["total_amount"]):
            yield f"order {row['external_reference']}: closed without cover"
        if row["status"] == "open" and not row["attention"]:
            yield f"order {row['external_reference']}: still open"


def _different_receipts(rows: dict[int, Any], receipts: list[Any]) -> Iterable[str]:
    closed = sorted(pk for pk, row in rows.items() if row["status"] == "closed")
    if sorted(receipt["order"] for receipt in receipts if receipt["drawn_at"]) != closed:
        yield f"{len(closed)} orders are closed, {len(receipts)} receipts are there"
    if sorted(receipt["sequence"] for receipt in receipts) != list(range(1, len(receipts) + 1)):
        yield "the numbers of the receipts have gaps"


def _different_refunds(station: Station, there: dict[int, Any]) -> Iterable[str]:
    """What was asked for from here was done, and no more often than asked."""
    payments, asked = station.records("orders.payment"), Counter[int]()
    for row in station.rows("orders.refund"):
        if row["status"] == "pending":
            yield f"refund {row['key']} is still on its way"
        elif row["status"] == "approved":
            asked[payments[row["payment"]]["remote_id"]] += 1
    for number, times in asked.items():
        url = f"{station.stack.simulator_url}/v1/payments/{number}/refunds"
        made = requests.get(url, headers=_HEADERS, timeout=10).json()
        if len(made) != times:
            yield f"payment {number}: {times} refunds from here, {len(made)} there"
