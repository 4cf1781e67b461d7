"""Mercado Pago's acceptance cases (protocol.md §13): real HTTP, a real worker process, the simulator."""

import pytest
import requests

from tests.end_to_end.station import Pump, Station, wait_for

pytestmark = pytest.mark.stack


def answer(pump: Pump, scan_id: int) -> tuple[int, object]:
    last = pump.phone(scan_id)["last_answer"]
    return last["status"], last["body"]


def test_h1_scan_before_any_order_exists(pump: Pump) -> None:
    scan = pump.scan()
    pump.until_phone(scan, state="waiting", reason="unavailable")
    assert answer(pump, scan) == (400, {"error": {"type": "unavailable"}})


def test_h2_scan_while_the_pump_runs(pump: Pump) -> None:
    pump.says("in_process")
    scan = pump.scan()
    pump.until_phone(scan, state="waiting", reason="in_process")
    assert answer(pump, scan) == (400, {"error": {"type": "in_process"}})


def test_h3_the_url_names_an_unknown_point_of_sale(pump: Pump, station: Station) -> None:
    token = f"APP_USR-1-112326-abc-{446566691}"
    url = f"{station.stack.web_url}/mp/orders/{'x' * 43}"
    body = {"name": "Gone", "fixed_amount": True, "external_store_id": "STORE001", "external_id": "GONE", "url": url}
    made = requests.post(
        f"{station.stack.simulator_url}/pos", json=body, headers={"Authorization": f"Bearer {token}"}, timeout=10
    )
    assert made.ok, made.text
    scan = station.phone("POST", "scans", {"external_pos_id": "GONE"})["id"]
    pump.until_phone(scan, state="error")
    assert answer(pump, scan) == (400, {"error": {"type": "invalid"}})


def test_h4_scan_once_the_order_exists(pump: Pump) -> None:
    order = pump.sells("500.00")
    scan = pump.scan()
    shown = pump.until_phone(scan, state="ready")
    assert (shown["amount"], shown["currency"]) == (500, "ARS")
    status, body = answer(pump, scan)
    assert status == 200
    assert body["external_reference"] == order["external_reference"]  # type: ignore[index]
    assert pump.order(order)["first_served_at"] is not None


def test_h5_scan_many_times_with_the_order_ready(pump: Pump) -> None:
    pump.sells()
    scans = [pump.scan() for _ in range(4)]
    shown = [pump.until_phone(scan, state="ready") for scan in scans]
    assert len({str(phone["last_answer"]["body"]) for phone in shown}) == 1
    assert len({phone["merchant_order_id"] for phone in shown}) == 4


def test_h6_scan_and_pay(pump: Pump) -> None:
    order = pump.sells()
    scan = pump.scan()
    pump.until_phone(scan, state="ready")
    pump.pay(scan)
    pump.until_phone(scan, state="paid")
    closed = pump.until_closed(order)
    assert (closed["payment_status"], closed["paid_amount"], closed["attention"]) == ("paid", "500.00", None)
    receipt = pump.call("GET", f"orders/{order['id']}/receipt?format=txt")
    assert closed["receipt"]["number"] in receipt
    assert "500,00" in receipt
    page = requests.get(closed["receipt"]["links"]["public"], timeout=10)
    assert page.status_code == 200
    assert closed["receipt"]["number"] in page.text


def test_h7_scan_again_after_the_payment_was_notified(pump: Pump) -> None:
    order = pump.sells()
    scan = pump.scan()
    pump.until_phone(scan, state="ready")
    pump.pay(scan)
    pump.until_closed(order)
    again = pump.scan()
    pump.until_phone(again, state="waiting", reason="unavailable")


def test_h8_abort_pay_by_other_means_scan_again(pump: Pump, station: Station) -> None:
    order = pump.sells()
    scan = pump.scan()
    pump.until_phone(scan, state="ready")
    station.phone("POST", f"scans/{scan}/abort")
    assert pump.call("POST", f"orders/{order['id']}/cancel")["status"] == "canceled"
    again = pump.scan()
    pump.until_phone(again, state="waiting", reason="unavailable")


def test_h9_first_card_rejected_then_another_means_approved(pump: Pump, station: Station) -> None:
    order = pump.sells()
    scan = pump.scan()
    pump.until_phone(scan, state="ready")
    rejected = pump.pay(scan, "rejected")
    payment_id = rejected["payments"][0]["id"]
    wait_for("the rejected payment is recorded", lambda: payment_id in _payments(station))
    assert pump.order(order)["status"] == "open"
    assert requests.get(pump.poll_url, timeout=10).status_code == 200
    pump.pay(scan)
    closed = pump.until_closed(order)
    assert closed["paid_amount"] == "500.00"
    assert _payments(station)[payment_id] == "rejected"


def test_h10_two_pending_orders_and_each_customer_gets_the_one_of_the_position_scanned(
    pump: Pump, station: Station
) -> None:
    other = station.register_pos()
    here, there = pump.sells("500.00"), other.sells("123.45")
    first, second = pump.scan(), other.scan()
    assert pump.until_phone(first, state="ready")["amount"] == 500
    assert other.until_phone(second, state="ready")["amount"] == 123.45
    other.pay(second)
    assert other.until_closed(there)["paid_amount"] == "123.45"
    assert pump.order(here)["status"] == "open"
    pump.pay(first)
    assert pump.until_closed(here)["paid_amount"] == "500.00"


def test_h11_the_order_is_created_after_the_scan(pump: Pump) -> None:
    scan = pump.scan()
    pump.until_phone(scan, state="waiting", reason="unavailable")
    pump.sells("123.45")
    shown = pump.until_phone(scan, state="ready")
    assert shown["amount"] == 123.45


def test_h12_only_a_rejected_payment(pump: Pump, station: Station) -> None:
    order = pump.sells()
    scan = pump.scan()
    pump.until_phone(scan, state="ready")
    payment_id = pump.pay(scan, "rejected")["payments"][0]["id"]
    wait_for("the rejected payment is recorded", lambda: payment_id in _payments(station))
    [merchant_order] = [
        row for row in station.rows("orders.merchantorder") if row["remote_id"] == pump.phone(scan)["merchant_order_id"]
    ]
    assert merchant_order["status"] == "opened"
    now = pump.order(order)
    assert (now["status"], now["payment_status"], now["receipt"]) == ("open", "unpaid", None)
    pump.until_phone(pump.scan(), state="ready", amount=500)


def test_h13_a_refund_of_a_part_and_then_of_the_rest_reaches_the_buyer(pump: Pump) -> None:
    order = pump.sells()
    scan = pump.scan()
    pump.until_phone(scan, state="ready")
    pump.pay(scan)
    pump.until_closed(order)
    part = pump.call("POST", f"orders/{order['id']}/refunds", {"amount": "123.45", "reason": "wrong product"})
    assert (part["status"], part["amount"]) == ("approved", "123.45")
    assert _refunded(pump, scan) == [("approved", 123.45)]
    now = pump.order(order)
    assert (now["payment_status"], now["refunded_amount"]) == ("partially_refunded", "123.45")
    rest = pump.call("POST", f"orders/{order['id']}/refunds", {})
    assert (rest["status"], rest["amount"]) == ("approved", "376.55")
    assert _refunded(pump, scan) == [("refunded", 500)]
    now = pump.order(order)
    assert (now["status"], now["payment_status"], now["attention"]) == ("closed", "refunded", None)


def test_h13_a_full_refund_takes_all_payments_of_a_split(pump: Pump) -> None:
    order = pump.sells()
    scan = pump.scan()
    pump.until_phone(scan, state="ready")
    pump.pay(scan, amount="200.00")
    pump.pay(scan)
    pump.until_closed(order)
    assert pump.call("POST", f"orders/{order['id']}/refunds", {})["amount"] == "500.00"
    assert _refunded(pump, scan) == [("refunded", 200), ("refunded", 300)]


def _refunded(pump: Pump, scan_id: int) -> list[tuple[str, float]]:
    """The buyer's side: what became of each payment, and how much of it came back."""
    return [(p["status"], p["refunded"]) for p in pump.phone(scan_id)["payments"]]


def test_h14_the_customer_prefers_cash(pump: Pump) -> None:
    order = pump.sells()
    pump.call("POST", f"orders/{order['id']}/cancel")
    pump.until_phone(pump.scan(), state="waiting", reason="unavailable")


def test_h15_the_pump_cannot_be_reached(pump: Pump) -> None:
    pump.says("offline")
    scan = pump.scan()
    pump.until_phone(scan, state="waiting", reason="timeout")
    assert answer(pump, scan) == (400, {"error": {"type": "timeout"}})


def _payments(station: Station) -> dict[int, str]:
    return {row["remote_id"]: row["status"] for row in station.rows("orders.payment")}
