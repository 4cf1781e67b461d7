"""Customers while things break, deliveries that come meanwhile, and what is said to whoever asks how it goes."""

import contextlib
import random
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from threading import Event, Thread

import requests

from tests.end_to_end.station import Pump, Station
from tests.end_to_end.visits import Visit, is_rejected_first, pays, splits

USUAL: dict[Visit, int] = {pays: 8, is_rejected_first: 1, splits: 1}


class Sales:
    """A customer after the other at each pump, for as long as this is open; then all go on to their end."""

    def __init__(self, pumps: Sequence[Pump], visits: dict[Visit, int] | None = None, pause: float = 0) -> None:
        self._visits, self._pause = visits or USUAL, pause
        self._is_over = Event()
        self.made: Counter[str] = Counter()
        self.gave_up: list[str] = []
        self._threads = [Thread(target=self._sell_at, args=(pump,), daemon=True) for pump in pumps]

    def __enter__(self) -> "Sales":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._is_over.set()
        for thread in self._threads:
            thread.join()

    def _sell_at(self, pump: Pump) -> None:
        dice = random.Random(pump.pos_id)
        while not self._is_over.wait(dice.uniform(0, 2 * self._pause)):
            [visit] = dice.choices(list(self._visits), list(self._visits.values()))
            try:
                visit(pump)
                self.made[visit.__name__] += 1
            except Exception as error:  # whatever it is, this customer left and it is told at the end
                self.gave_up.append(f"{visit.__name__} at {pump.pos_id}: {error}")


@dataclass
class Deliveries:
    """What Mercado Pago would have to say, ten times a second: what was answered, and how soon."""

    answers: Counter[int] = field(default_factory=Counter)
    longest: float = 0.0  # seconds


@contextlib.contextmanager
def delivering(station: Station) -> Iterator[Deliveries]:
    """Of the last merchant order, again and again."""
    account = station.account
    orders = station.rows("orders.merchantorder")
    number = orders[-1]["remote_id"] if orders else 1
    url = f"{station.stack.web_url}/mp/notifications/{account['notification_token']}?topic=merchant_order&id={number}"
    counted, is_over = Deliveries(), Event()

    def deliver() -> None:
        while not is_over.wait(0.1):
            begin = time.monotonic()
            try:
                status = requests.post(url, json={}, timeout=22).status_code
            except requests.RequestException:
                status = 0
            counted.answers[status] += 1
            counted.longest = max(counted.longest, time.monotonic() - begin)

    thread = Thread(target=deliver, daemon=True)
    thread.start()
    try:
        yield counted
    finally:
        is_over.set()
        thread.join()


@contextlib.contextmanager
def listening(station: Station) -> Iterator[Counter[str]]:
    """What /readyz names, and how often, until this is closed."""
    said: Counter[str] = Counter()
    is_over = Event()

    def listen() -> None:
        while not is_over.wait(0.5):
            said.update(what_is_down(station))

    thread = Thread(target=listen, daemon=True)
    thread.start()
    try:
        yield said
    finally:
        is_over.set()
        thread.join()


def what_is_down(station: Station) -> list[str]:
    try:
        answer = requests.get(f"{station.stack.web_url}/readyz", timeout=10)
        return list(answer.json()["down"])
    except (requests.RequestException, ValueError):
        return ["no answer"]
