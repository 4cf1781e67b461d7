"""One sale through all processes: its lines are one thread, and what each process counted is in one sum."""

import re

import pytest
import requests

from tests.end_to_end.station import Pump, Station, wait_for

pytestmark = pytest.mark.stack
_STEPS = ("paid_to_closed", "closed_to_receipt")


def test_a_sale_is_seen_from_its_poll_to_its_receipt(pump: Pump, station: Station) -> None:
    before = _seen(station)
    scan = pump.scan()
    pump.until_phone(scan, state="waiting", reason="unavailable")
    order = pump.sells("500.00")
    pump.until_phone(scan, state="ready")
    pump.pay(scan)
    pump.until_closed(order)
    polls = pump.phone(scan)["polls"]
    wait_for("all processes told what they counted", lambda: _more(before, _seen(station)) == (polls, 1, 1))
    reference = order["external_reference"]
    web, worker = (_thread(station, name, reference) for name in ("web", "worker"))
    assert [line for line in web if "a customer sees it" in line]
    assert [line for line in worker if "open → closed" in line and "notification=" in line]
    assert [line for line in worker if "is drawn" in line and "task=receipts.tasks.issue_receipts" in line]


def _thread(station: Station, process: str, reference: str) -> list[str]:
    lines = (station.stack.logs / f"{process}.log").read_text().splitlines()
    return [line for line in lines if f"order={reference}" in line]


def _seen(station: Station) -> tuple[float, ...]:
    """Polls, and how many orders took each step."""
    text = requests.get(f"{station.stack.web_url}/metrics", timeout=10).text
    polls = sum(float(value) for value in re.findall(r"^qr_polls_total{.*} (\S+)$", text, re.M))
    steps = (re.findall(rf'^qr_order_step_seconds_count{{step="{step}"}} (\S+)$', text, re.M) for step in _STEPS)
    return polls, *(sum(map(float, found)) for found in steps)


def _more(before: tuple[float, ...], after: tuple[float, ...]) -> tuple[float, ...]:
    return tuple(now - then for then, now in zip(before, after, strict=True))
