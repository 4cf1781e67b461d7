"""What customers do in front of a pump: each a whole visit, from the sale to the last thing they press."""

import contextlib
import secrets
from collections.abc import Callable
from typing import Any

import requests

from tests.end_to_end.station import Pump, wait_for

Visit = Callable[[Pump], Any]
PATIENCE = 120.0  # seconds: with news lost and an API that fails, an order may take its time


def pays(pump: Pump) -> None:
    order = _sale(pump)
    pump.pay(_ready(pump))
    _until_over(pump, order)


def is_rejected_first(pump: Pump) -> None:
    order = _sale(pump)
    scan = _ready(pump)
    pump.pay(scan, "rejected")
    pump.pay(scan)
    _until_over(pump, order)


def splits(pump: Pump) -> None:
    order = _sale(pump)
    scan = _ready(pump)
    pump.pay(scan, amount="200.00")
    pump.pay(scan)
    _until_over(pump, order)


def two_phones_pay(pump: Pump) -> None:
    order = _sale(pump)
    first, second = _ready(pump), _ready(pump)
    pump.pay(first)
    pump.pay(second)
    _until_over(pump, order)


def pays_after_cancel(pump: Pump) -> None:
    order = _sale(pump)
    scan = _ready(pump)
    _cancel(pump, order)
    pump.pay(scan)


def pays_later(pump: Pump) -> None:
    """A payment that is in process first."""
    order = _sale(pump)
    payment = pump.pay(_ready(pump), "pending")["payments"][0]["id"]
    pump.station.phone("POST", f"payments/{payment}", {"status": "approved"})
    _until_over(pump, order)


def wants_it_back(pump: Pump) -> None:
    _refunds(pump, {})


def wants_a_part_back(pump: Pump) -> None:
    _refunds(pump, {"amount": "123.45"})


def is_refunded_elsewhere(pump: Pump) -> None:
    _changes_afterwards(pump, "refunded")


def charges_back(pump: Pump) -> None:
    _changes_afterwards(pump, "charged_back")


def pays_cash(pump: Pump) -> None:
    order = _sale(pump)
    scan = _ready(pump)
    pump.station.phone("POST", f"scans/{scan}/abort")
    _cancel(pump, order)


def walks_away(pump: Pump) -> None:
    """Until the order expires."""
    order = _sale(pump, expires_in=30)
    _ready(pump)
    _until_over(pump, order)


WEIGHTS: dict[Visit, int] = {
    pays: 50, is_rejected_first: 8, splits: 8, two_phones_pay: 7, pays_after_cancel: 6, pays_later: 5, wants_it_back: 4,
    wants_a_part_back: 3, is_refunded_elsewhere: 2, charges_back: 2, pays_cash: 3, walks_away: 2,
}  # fmt: skip


def _sale(pump: Pump, **more: Any) -> Any:
    """As a pump does: the same request again until there is an answer."""
    key = secrets.token_hex()
    return _insist("the sale is reported", lambda: pump.sells(key=key, **more))


def _insist(what: str, call: Callable[[], Any]) -> Any:
    """503 means that Mercado Pago could not be asked just now; no answer at all, that a process was killed."""

    def try_once() -> Any:
        with contextlib.suppress(AssertionError, requests.RequestException):
            return call()
        return None

    return wait_for(what, try_once, within=PATIENCE, every=0.3)


def _ready(pump: Pump) -> int:
    """A phone that shows the amount. One that gave up is put away, and the code scanned again."""
    scan = pump.scan()
    shown = pump.until_phone(scan, PATIENCE, state=("ready", "error"))
    return scan if shown["state"] == "ready" else _ready(pump)


def _until_over(pump: Pump, order: Any) -> Any:
    """Whatever became of it: the pump is free for the next one."""
    return _insist(
        f"order {order['id']} is no longer open",
        lambda: pump.call("GET", f"orders/{order['id']}?wait=5&status=open")["status"] != "open",
    )


def _cancel(pump: Pump, order: Any) -> None:
    _insist(f"order {order['id']} is canceled", lambda: pump.call("POST", f"orders/{order['id']}/cancel"))


def _refunds(pump: Pump, body: dict[str, str]) -> None:
    order = _sale(pump)
    pump.pay(_ready(pump))
    _until_over(pump, order)
    pump.call("POST", f"orders/{order['id']}/refunds", body)


def _changes_afterwards(pump: Pump, status: str) -> None:
    order = _sale(pump)
    scan = _ready(pump)
    payment = pump.pay(scan)["payments"][0]["id"]
    _until_over(pump, order)
    pump.station.phone("POST", f"payments/{payment}", {"status": status})
