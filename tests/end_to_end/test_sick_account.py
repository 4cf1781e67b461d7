"""Two accounts; Mercado Pago does not answer for one of them. The other sells as ever, and nothing is lost."""

import json
import statistics
import time

import pytest
import requests

from gateway.breaker import ONE
from tests.end_to_end.station import Pump, Station, wait_for

pytestmark = pytest.mark.stack

TOKEN = "APP_USR-1234567890123456-112326-sicksicksicksick-446599999"
SECOND_ACCOUNT = f"""
import json
from decimal import Decimal
from pos.services import create_key, register_pos
from stores import accounts
from stores.services import register_store
account = accounts.save(site="MLA", user_id=446599999, access_token={TOKEN!r}, is_test=True)
store = register_store(
    account, external_id="SICK", name="Sick", street="Caseros", number="3039", city="Belgrano",
    state="Capital Federal", latitude=Decimal("-34.6352"), longitude=Decimal("-58.4057"),
)
pos = register_pos(store, external_id="SICK1", name="Pump", category="gas_station")
print(json.dumps([pos.poll_url, create_key(name="pump", store=store), account.notification_token]))
"""
FIGURE = 5.0  # seconds: a normal close takes less than one; a worker whose threads all hang takes more than ten


@pytest.fixture
def sick(station: Station) -> "tuple[Pump, str]":
    """Its pump, and the address that Mercado Pago tells its news to."""
    poll_url, key, token = json.loads(station.stack.manage("shell", "--no-imports", "-c", SECOND_ACCOUNT))
    return Pump(station, "SICK1", poll_url, key), f"{station.stack.web_url}/mp/notifications/{token}"


def sale(pump: Pump) -> float:
    """Seconds from the payment to the closed order."""
    order, scan = pump.sells(), pump.scan()
    pump.until_phone(scan, state="ready")
    begin = time.monotonic()
    pump.pay(scan)
    wait_for("the order is closed", lambda: pump.order(order)["status"] == "closed", within=30)
    return time.monotonic() - begin


def test_an_account_without_answers_does_not_delay_another_one(pump: Pump, sick, station: Station) -> None:
    sick_pump, news_url = sick
    log = station.stack.logs / "worker.log"
    usual = [sale(pump) for _ in range(3)]
    order, scan = sick_pump.sells(), sick_pump.scan()
    sick_pump.until_phone(scan, state="ready")
    station.to_mercado_pago.hold_only(TOKEN.encode())
    try:
        sick_pump.pay(scan)
        merchant_order_id = sick_pump.until_phone(scan, state="paid")["merchant_order_id"]
        for _ in range(2 * ONE):  # more than the worker has threads
            assert requests.post(f"{news_url}?topic=merchant_order&id={merchant_order_id}", json={}, timeout=22).ok
        meanwhile = []
        while "has not answered since" not in (said := log.read_text()):
            meanwhile.append(sale(pump))
        meanwhile += [sale(pump) for _ in range(2)]
        assert sick_pump.order(order)["status"] == "open"
    finally:
        station.to_mercado_pago.mend()
    mended = time.monotonic()
    sick_pump.until_closed(order, within=40)
    back = time.monotonic() - mended
    wait_for("that is said, too", lambda: "answers again" in log.read_text())
    print(f"\nusual {_spread(usual)}; meanwhile {_spread(meanwhile)}; back after {back:.1f} s")  # noqa: T201
    assert said.count("has not answered since") == 1
    assert max(meanwhile) < FIGURE
    wait_for("every delivery was worked on", lambda: _is_done(station), within=60)


def _spread(seconds: list[float]) -> str:
    return f"{len(seconds)} sales, median {statistics.median(seconds):.2f} s, most {max(seconds):.2f} s"


def _is_done(station: Station) -> bool:
    news = station.rows("notifications.notification")
    return all(one["outcome"] == "processed" or one["next_attempt_at"] is None for one in news)
