"""One sale through all processes: its lines are one thread, and what each process counted is in one sum."""

import re
from collections.abc import Iterator

import pytest
import requests

from tests.end_to_end.station import Pump, Station, wait_for
from tests.receipts.printer import READY, Printer, printer

pytestmark = pytest.mark.stack
_STEPS = ("paid_to_closed", "closed_to_receipt")
_INSTALL = """
from django.utils import timezone
from receipts.models import Printer
from stores.models import Store
Printer.objects.create(
    store=Store.objects.get(external_id="STORE001"), name="Seen", host="{host}", port={port}, prints_automatically=True,
    automatic_since=timezone.now(),
)
"""
_SILENCE = "from receipts.models import Printer; Printer.objects.filter(name='Seen').update(prints_automatically=False)"


@pytest.fixture
def paper(station: Station) -> Iterator[Printer]:
    """What a printer at the till puts out, of each sale, for as long as this is there."""
    with printer(status=dict(READY)) as machine:
        station.stack.manage("shell", "--no-imports", "-c", _INSTALL.format(host=machine.host, port=machine.port))
        yield machine
        station.stack.manage("shell", "--no-imports", "-c", _SILENCE)


def test_a_sale_is_seen_from_its_poll_to_its_print(pump: Pump, station: Station, paper: Printer) -> None:
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
    wait_for("it is on paper", lambda: [line for line in _thread(station, "worker", reference) if "is printed" in line])
    assert any(paper.paper)


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
