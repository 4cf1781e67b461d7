"""The nine steps of the unattended model, played over HTTP against the whole stack and shown as they happen."""

import time
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import requests
import simplejson

from backoffice.stack import Stack, StackError

WITHIN = 20.0  # seconds, for each thing that is waited for
SALE = {"items": [{"title": "Súper", "quantity": "10.5", "unit_price": "1200.00", "unit_measure": "L"}]}


class Player:
    """The pump and the customer. `say` prints a line."""

    def __init__(self, stack: Stack, key: str, say: Callable[[str], object]) -> None:
        self._stack, self._key, self._say = stack, key, say
        self._seen = 0

    def step(self, number: int, text: str) -> None:
        self._say(f"\n{number}. {text}")

    def pump(self, method: str, path: str, body: Any = None, *, key: str = "", show: bool = True) -> Any:
        """The controller calls our API."""
        url = f"{self._stack.web_url}/api/v1/{path}"
        headers = {"Authorization": f"Api-Key {self._key}", "Idempotency-Key": key}
        answer = requests.request(method, url, json=body, headers=headers, timeout=40)
        answer.encoding = "utf-8"
        if show:
            self._show("pump → us", method, url, body, answer.status_code, answer.text)
        answer.raise_for_status()
        return answer.json() if "json" in answer.headers["Content-Type"] else answer.text

    def phone(self, method: str, path: str, body: Any = None) -> Any:
        """The customer's phone is the simulator's."""
        answer = requests.request(method, f"{self._stack.simulator_url}/simulator/{path}", json=body, timeout=10)
        answer.raise_for_status()
        return answer.json(parse_float=Decimal)

    def until(self, what: str, question: Callable[[], Any]) -> Any:
        """Ask until the answer is truthy, and return it."""
        end = time.monotonic() + WITHIN
        while time.monotonic() < end:
            if answer := question():
                return answer
            self._stack.check()
            time.sleep(0.05)
        self.show_exchanges()
        raise StackError(f"waited {WITHIN:.0f} s in vain until {what}")

    def was_notified(self) -> bool:
        """Did we confirm a notification since the last look?"""
        exchanges = self.phone("GET", f"exchanges?after={self._seen}")["exchanges"]
        return any(exchange["kind"] == "notification" and exchange["status"] == 200 for exchange in exchanges)

    def show_exchanges(self) -> None:
        """What went between Mercado Pago and us since the last look. Repeated polls are counted, not repeated."""
        exchanges = self.phone("GET", f"exchanges?after={self._seen}")["exchanges"]
        self._seen = max((exchange["n"] for exchange in exchanges), default=self._seen)
        polls: list[Any] = []
        for exchange in exchanges:
            if exchange["kind"] == "phone":
                continue
            if polls and _said(exchange) == _said(polls[-1]):
                polls.append(exchange)
                continue
            self._show_exchange(polls)
            polls = [exchange]
        self._show_exchange(polls)

    def _show_exchange(self, repeated: list[Any]) -> None:
        if not repeated:
            return
        exchange = repeated[-1]
        who = "Mercado Pago → us" if exchange["direction"] == "out" else "us → Mercado Pago"
        times = f" ({len(repeated)} times)" if len(repeated) > 1 else ""
        self._show(
            who + times,
            exchange["method"],
            exchange["url"],
            exchange["request_body"],
            exchange["status"],
            exchange["response_body"],
        )

    def _show(self, who: str, method: str, url: str, sent: Any, status: int, received: Any) -> None:
        self._say(f"   {who}: {method} {_short(url, 110)}" + (f"\n      {_short(sent)}" if sent else ""))
        self._say(f"      ← {status} {_short(received)}")


def play(stack: Stack, key: str, say: Callable[[str], object]) -> None:
    """All nine steps. Raises StackError when the order does not close or the worker draws no receipt."""
    player = Player(stack, key, say)
    player.step(0, "The store and its points of sale were registered with Mercado Pago.")
    player.show_exchanges()

    player.step(1, "The customer scans the QR code of pump POS0001.")
    scan_id = player.phone("POST", "scans", {"external_pos_id": "POS0001"})["id"]

    def phone_shows(state: str) -> Any:
        scan = player.phone("GET", f"scans/{scan_id}")
        if scan["state"] == "error":
            raise StackError(f"the phone reports an error: {scan['error']}")
        return scan if scan["state"] == state else None

    def phone_heard(word: str) -> bool:
        return word in simplejson.dumps(player.phone("GET", f"scans/{scan_id}")["last_answer"])

    player.step(2, "Mercado Pago asks the URL of that point of sale for an order.")
    player.until("Mercado Pago asked", lambda: phone_heard("unavailable"))
    player.show_exchanges()

    player.step(3, "The pump runs: we answer 400, the phone shows its waiting screen, Mercado Pago asks again.")
    player.pump("PUT", "pos/POS0001/status", {"status": "in_process"})
    player.until("Mercado Pago heard in_process", lambda: phone_heard("in_process"))
    player.show_exchanges()

    player.step(4, "The pump reports the sale: we answer 200 with the order.")
    order_id = player.pump("POST", "pos/POS0001/orders", SALE, key="demo")["id"]
    scan = player.until("the phone showed the amount", lambda: phone_shows("ready"))

    player.step(
        5, f"The phone shows {scan['currency']} {scan['amount']:.2f}; Mercado Pago notifies us, and we confirm."
    )
    player.until("Mercado Pago notified us", player.was_notified)
    player.show_exchanges()

    player.step(6, "The customer pays.")
    player.phone("POST", f"scans/{scan_id}/pay", {"outcome": "approved"})

    player.step(7, "The phone confirms the payment; Mercado Pago notifies us again, and we confirm.")
    player.until("the phone confirmed", lambda: phone_shows("paid"))
    player.until("Mercado Pago notified us again", player.was_notified)
    player.show_exchanges()

    player.step(8, "The worker asks Mercado Pago how the order stands, and closes it.")
    player.pump("GET", f"orders/{order_id}?wait=20&status=open", show=False)
    order = player.until("a receipt", lambda: _with_receipt(player.pump("GET", f"orders/{order_id}", show=False)))
    player.show_exchanges()
    if (order["status"], order["payment_status"]) != ("closed", "paid"):
        raise StackError(f"the order ended {order['status']} and {order['payment_status']}, not closed and paid")

    player.step(9, f"The order is {order['status']}. Receipt {order['receipt']['number']}, drawn by the worker:\n")
    say(player.pump("GET", f"orders/{order_id}/receipt?format=txt", show=False))


def _with_receipt(order: Any) -> Any:
    return order if order["receipt"] else None


def _said(exchange: Any) -> tuple[Any, ...]:
    return exchange["kind"], exchange["url"], exchange["response_body"]


def _short(text: Any, length: int = 400) -> str:
    text = text if isinstance(text, str) else simplejson.dumps(text, ensure_ascii=False)
    return text if len(text) <= length else f"{text[:length]}…"
