"""Dialect v2 of a connected account, and points of a sale: real HTTP, a real worker process, the simulator."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.end_to_end.station import Pump, Station, wait_for

pytestmark = pytest.mark.stack
BLOCK = json.loads((Path(__file__).parent.parent / "payloads" / "loyalty.json").read_text())
CONNECT = """
from stores.models import Account, Application
made = Application.objects.create(name="I", site_code="MLA", client_id="77", client_secret="x", owner_id=446500001)
Account.objects.update(application=made, marketplace_fee_percentage="2.5", shadows=True)
"""
DISCONNECT = """
from stores.models import Account
Account.objects.update(application=None, marketplace_fee_percentage=0, shadows=False)
"""


@pytest.fixture
def connected(station: Station, pump: Pump) -> Iterator[Pump]:
    """A pump that speaks v2, of an account that is connected through an application."""
    station.stack.manage("shell", "-v0", "-c", CONNECT)
    options = ["--store=STORE001", f"--external-id={pump.pos_id}", "--name=Pump", "--category=gas_station"]
    station.stack.manage("register_pos", "--json", *options, "--dialect=v2")
    yield pump
    station.stack.manage("shell", "-v0", "-c", DISCONNECT)


def test_a_connected_account_sells_in_v2_and_v1_is_kept_beside_it(connected: Pump, station: Station) -> None:
    scan = connected.scan()
    waiting = connected.until_phone(scan, state="waiting", reason="unavailable")
    assert (waiting["last_answer"]["status"], waiting["error"]) == (202, "")
    order = connected.sells("500.00")
    ready = connected.until_phone(scan, state="ready")
    headers, body = ready["last_answer"]["headers"], ready["last_answer"]["body"]
    assert (headers["order-version"], headers["client-id"]) == ("2", "446500001")
    assert (body["total_amount"], body["marketplace_fee"]) == (500, 12.5)
    connected.pay(scan, amount="300.00")
    wait_for("the part is known", lambda: connected.order(order)["payment_status"] == "partially_paid")
    rest = connected.scan()
    shown = connected.until_phone(rest, state="ready")["last_answer"]["body"]
    assert (shown["total_amount"], shown["marketplace_fee"]) == (200, 5)
    connected.pay(rest)
    connected.until_closed(order)
    [kept] = [row for row in station.rows("orders.shadowanswer") if row["order"] == order["id"]]
    assert (kept["served_dialect"], kept["shadow_body"]) == ("v2", "v1 has no field for marketplace_fee")


def test_a_worker_asks_what_became_of_the_points(pump: Pump) -> None:
    order = pump.sells("500.00", loyalty=BLOCK | {"transaction_id": f"00029-{pump.pos_id}"})
    assert order["loyalty"]["status"] is None
    scan = pump.scan()
    assert pump.until_phone(scan, state="ready")["last_answer"]["body"]["loyalty"]["transaction_amount"] == 500
    pump.pay(scan)
    pump.until_closed(order)
    wait_for("Mercado Pago was asked", lambda: pump.order(order)["loyalty"]["status"] == "pending", within=30)
