"""Whatever dies at night: the order closes after it is back."""

from typing import Any

import pytest
import requests

from tests.end_to_end.station import Pump, Station, wait_for

pytestmark = pytest.mark.stack


@pytest.fixture
def quiet(station: Station):
    """Mercado Pago sends no news."""
    station.phone("PUT", "notifications", {"enabled": False})
    yield
    station.phone("PUT", "notifications", {"enabled": True})


def paid_order(pump: Pump) -> tuple[Any, int]:
    order = pump.sells()
    scan = pump.scan()
    pump.until_phone(scan, state="ready")
    pump.pay(scan)
    shown = pump.until_phone(scan, state="paid")
    return order, shown["merchant_order_id"]


def deliver(station: Station, merchant_order_id: int) -> None:
    url = f"{_notification_url(station)}?topic=merchant_order&id={merchant_order_id}"
    assert requests.post(url, json={}, timeout=22).status_code == 200


def _notification_url(station: Station) -> str:
    account = station.account
    return f"{station.stack.web_url}/mp/notifications/{account['notification_token']}"


def test_a_worker_killed_in_the_middle_of_a_task_loses_nothing(pump: Pump, station: Station, quiet) -> None:
    order, merchant_order_id = paid_order(pump)
    station.to_mercado_pago.hold()
    try:
        deliver(station, merchant_order_id)
        assert station.to_mercado_pago.is_held_by_someone.wait(20), "no worker asked Mercado Pago"
        station.stack.kill("worker")
    finally:
        station.to_mercado_pago.mend()
        station.stack.start("worker")
    assert pump.order(order)["status"] == "open"
    pump.until_closed(order, within=60)


def test_with_the_broker_stopped_news_is_kept_and_worked_on_later(pump: Pump, station: Station, quiet) -> None:
    station.stop_broker()
    try:
        order, merchant_order_id = paid_order(pump)
        deliver(station, merchant_order_id)
        health = requests.get(f"{station.stack.web_url}/readyz", timeout=10)
        assert (health.status_code, list(health.json()["down"])) == (503, ["broker"])
        assert pump.order(order)["status"] == "open"
    finally:
        station.start_broker()
    pump.until_closed(order, within=60)
    assert requests.get(f"{station.stack.web_url}/readyz", timeout=10).status_code == 200


def test_without_any_news_the_order_is_searched_for_after_thirty_seconds(pump: Pump, station: Station, quiet) -> None:
    before = len(station.exchanges("notification"))
    order, _ = paid_order(pump)
    closed = pump.until_closed(order, within=60)
    assert len(station.exchanges("notification")) == before
    searches = [e for e in station.exchanges("api") if closed["external_reference"] in e["url"]]
    assert searches
    closings = [row for row in station.rows("orders.transition") if row["to_status"] == "closed"]
    assert [row["actor"] for row in closings if row["order"] == order["id"]] == ["check"]


def test_while_mercado_pago_is_down_the_pump_sells_on_and_the_order_closes_later(
    pump: Pump, station: Station, quiet
) -> None:
    order, merchant_order_id = paid_order(pump)
    station.to_mercado_pago.pull()
    try:
        deliver(station, merchant_order_id)
        wait_for("the delivery has failed once", lambda: "failed" in _outcomes(station, merchant_order_id))
        assert pump.order(order)["status"] == "open"
    finally:
        station.to_mercado_pago.mend()
    pump.until_closed(order, within=60)
    assert "failed" not in _outcomes(station, merchant_order_id)


def _outcomes(station: Station, resource_id: int) -> list[str]:
    return [row["outcome"] for row in station.rows("notifications.notification") if row["resource_id"] == resource_id]
