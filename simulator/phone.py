"""The customer's phone: it scans, asks the merchant's URL again and again, shows the amount, and pays."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from threading import Event, Thread
from typing import Any

import requests
import simplejson
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from simulator import answers, exchanges, ledger, loyalty, settings
from simulator.http import Call, Refusal
from simulator.world import Json, stamp, world

_AGENT = "MercadoPago-Android/2.290.1"
_TIMEOUT = 5.0  # seconds; not documented (protocol.md §12.1)
_PATIENCE = 30 * 60.0  # seconds until nobody looks at this phone any more
_FAULTS_UNTIL_ERROR = 10
_DETAILS = {"approved": "accredited", "rejected": "cc_rejected_call_for_authorize", "pending": "pending_contingency"}


@dataclass
class Scan:
    """One phone in front of one QR code. `state` as in contract §7; `reason` says what a waiting phone waits for."""

    id: int
    pos: Json
    state: str = "waiting"
    reason: str = "asking"
    message: str = ""
    error: answers.Text = ""
    offer: Json | None = None
    merchant_order_id: int | None = None
    polls: int = 0
    last_answer: Json | None = None
    faults: int = 0
    over: Event = field(default_factory=Event)

    def leave(self, state: str) -> None:
        """For a state in which nothing is asked any more."""
        self.state = state
        self.over.set()


_scans: dict[int, Scan] = {}


def scan(call: Call) -> tuple[int, Any]:
    """POST /simulator/scans"""
    wanted = call.body.get("external_pos_id") if isinstance(call.body, dict) else None
    pos = next((p for p in reversed(world.tables["pos"].values()) if p["external_id"] == wanted), None)
    if pos is None:
        raise Refusal(404, "not_found", f"external_pos_id: no QR code is registered for {wanted!r}")
    if not pos.get("url"):
        raise Refusal(409, "no_url", f"{wanted} has no url: it was not registered for the unattended model")
    made = _scans[len(_scans) + 1] = Scan(id=len(_scans) + 1, pos=pos)
    start_asking(made)
    return 201, _public(made)


def list_scans(call: Call) -> tuple[int, Any]:
    """GET /simulator/scans"""
    return 200, {"scans": [_public(one) for one in _scans.values()]}


def show(call: Call, *, scan_id: int) -> tuple[int, Any]:
    """GET /simulator/scans/<id>"""
    return 200, _public(_find(scan_id))


def pay(call: Call, *, scan_id: int) -> tuple[int, Any]:
    """POST /simulator/scans/<id>/pay: one payment of all that is left to pay, or of `amount`."""
    scan = _find(scan_id)
    outcome = call.body.get("outcome") if isinstance(call.body, dict) else None
    if outcome not in _DETAILS:
        raise Refusal(400, "invalid_outcome", "outcome: one of approved, rejected, pending")
    if scan.merchant_order_id is None or scan.state not in ("ready", "rejected"):
        raise Refusal(409, "nothing_to_pay", f"nothing to pay: this phone is {scan.state}")
    order = world.tables["merchant_orders"][str(scan.merchant_order_id)]
    left = ledger.remaining(order)
    if not left:
        raise Refusal(409, "paid", "this phone has paid")
    amount = _amount(call.body.get("amount"), left=left)
    scan.state = "rejected" if outcome == "rejected" else "ready"
    ledger.add_payment(order, amount=amount, status=outcome, detail=_DETAILS[outcome])
    return 200, _public(scan)


def abort(call: Call, *, scan_id: int) -> tuple[int, Any]:
    """POST /simulator/scans/<id>/abort: the customer puts the phone away. The merchant order stays opened."""
    scan = _find(scan_id)
    if _state(scan) == "paid":
        raise Refusal(409, "paid", "this phone has paid")
    scan.leave("aborted")
    return 200, _public(scan)


def _find(scan_id: int) -> Scan:
    if scan_id not in _scans:
        raise Refusal(404, "not_found", f"there is no scan {scan_id}")
    return _scans[scan_id]


def _amount(wanted: Any, *, left: Decimal) -> Decimal:
    if wanted is None:
        return left
    try:
        amount = Decimal(str(wanted))
    except ArithmeticError as error:
        raise Refusal(400, "invalid_amount", f"amount: {wanted!r} is not an amount") from error
    if not amount.is_finite() or not 0 < amount <= left or amount != round(amount, 2):
        raise Refusal(400, "invalid_amount", f"amount: more than 0, at most {left}, with at most 2 decimals")
    return amount


def _state(scan: Scan) -> str:
    """Paid is what the merchant order knows: a pending payment may be approved long after."""
    if scan.merchant_order_id is not None and scan.state in ("ready", "rejected"):
        order = world.tables["merchant_orders"][str(scan.merchant_order_id)]
        return "paid" if ledger.was_covered(order) else scan.state
    return scan.state


def _public(scan: Scan) -> Json:
    offer = scan.offer or {}
    order = world.tables["merchant_orders"].get(str(scan.merchant_order_id))
    return {
        "id": scan.id,
        "external_pos_id": scan.pos["external_id"],
        "name": scan.pos["name"],
        "state": _state(scan),
        "reason": scan.reason,
        "message": scan.message,
        "error": scan.error,
        "polls": scan.polls,
        "last_answer": scan.last_answer,
        "merchant_order_id": scan.merchant_order_id,
        "amount": offer.get("total"),
        "remaining": ledger.remaining(order) if order else None,
        "currency": offer.get("currency"),
        "items": offer.get("items", []),
        "payments": [
            {
                "id": p["id"],
                "amount": p["transaction_amount"],
                "status": p["status"],
                "refunded": p["transaction_amount_refunded"],
            }
            for p in (ledger.payments_of(order) if order else [])
        ],
    }


def _ask_until_ready(scan: Scan) -> None:
    give_up = time.monotonic() + _PATIENCE
    while not scan.over.is_set():
        ask(scan)
        scan.over.wait(settings.SIMULATOR_POLL_INTERVAL)
        if time.monotonic() > give_up:
            scan.leave("aborted")


def _start_thread(scan: Scan) -> None:
    Thread(target=_ask_until_ready, args=(scan,), daemon=True).start()


# Whoever drives the phones of one process step by step puts a function of their own here, and calls `ask`.
start_asking: Callable[[Scan], None] = _start_thread


def ask(scan: Scan) -> None:
    """One poll."""
    url, started = scan.pos["url"], time.monotonic()
    answer, fault = None, ""
    try:
        # A session is not shared: every customer has a phone of their own.
        answer = requests.get(url, headers={"User-Agent": _AGENT}, timeout=_TIMEOUT, allow_redirects=False)
    except requests.RequestException as error:
        fault = f"no answer: {type(error).__name__}"
    status, text = (answer.status_code, answer.text) if answer is not None else (0, fault)
    exchanges.record(
        kind="poll",
        direction="out",
        method="GET",
        url=url,
        sent=None,
        status=status,
        received=text[:4000],
        started=started,
    )
    with world.lock:
        scan.polls += 1
        headers = dict(answer.headers) if answer is not None else {}
        scan.last_answer = {"status": status, "headers": headers, "body": _readable(text), "at": stamp()}
        if not scan.over.is_set():
            _take(scan, answer)


def _take(scan: Scan, answer: requests.Response | None) -> None:
    try:
        if answer is None:
            raise answers.NoAnswer
        reading = answers.read(answer.status_code, answer.headers, answer.content, seller=scan.pos["user_id"])
    except answers.Wrong as wrong:
        scan.error = wrong.text
        scan.leave("error")
    except answers.NoAnswer:
        scan.reason, scan.message, scan.faults = "no_answer", "", scan.faults + 1
        if scan.faults == _FAULTS_UNTIL_ERROR:
            scan.error = format_lazy(
                _("{url} gave no usable answer {times} times"), url=scan.pos["url"], times=scan.faults
            )
            scan.leave("error")
    else:
        scan.faults, scan.reason, scan.message = 0, reading.reason, reading.message
        if reading.offer:
            scan.offer = reading.offer
            order = ledger.open_order(scan.pos, reading.offer)
            loyalty.remember(order, reading.offer.get("loyalty"))
            scan.merchant_order_id = order["id"]
            scan.leave("ready")


def _readable(text: str) -> Any:
    try:
        return simplejson.loads(text, use_decimal=True)
    except (ValueError, RecursionError):
        return text[:4000]
