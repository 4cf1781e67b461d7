"""Pumps and customers of a deployment: sales before, while and after something happens to it."""

import contextlib
import json
from collections import Counter
from collections.abc import Callable, Iterator
from threading import Event, Thread
from typing import Any, cast

import requests

from backoffice.stack import Stack
from tests.deploy.roads import Road
from tests.end_to_end.station import Pump, Station


def open_shop(road: Road) -> Station:
    """At the store that the page registered, with a key of its own."""
    key = json.loads(road.manage("create_controller_key", "--store", "STORE001", "--json"))["key"]
    # A deployment has no wires to pull; of the stack a station wants its addresses and its commands.
    return Station(cast(Stack, road), key, to_mercado_pago=None, to_redis=None)  # type: ignore[arg-type]


def pay(pump: Pump, order: Any = None) -> Any:
    """A sale, or an order that waits, up to its receipt."""
    order = order or pump.sells()
    customer = pump.scan()
    pump.until_phone(customer, state="ready")
    pump.pay(customer)
    return pump.until_closed(order, within=60)


@contextlib.contextmanager
def going_on(*actions: Callable[[], str]) -> Iterator[Counter[str]]:
    """Each action again and again, in a thread of its own, until the end; how often each came out how."""
    count, is_over = Counter[str](), Event()

    def repeat(action: Callable[[], str]) -> None:
        while not is_over.is_set():
            try:
                outcome = action()
            except (requests.RequestException, AssertionError) as error:
                outcome = f"{action.__name__}: {error!r}"[:300]
            count[outcome] += 1

    threads = [Thread(target=repeat, args=[action]) for action in actions]
    for thread in threads:
        thread.start()
    try:
        yield count
    finally:
        is_over.set()
        for thread in threads:
            thread.join()
