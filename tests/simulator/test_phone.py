"""The customer's side: scanning, waiting, paying; and how strictly the merchant's answers are read."""

from typing import Any

import pytest
import requests

from tests.simulator.conftest import Merchant, Seller, reach
from tests.simulator.process import wait_for


def merchant_order(seller: Seller, scan: Any) -> Any:
    return seller.call("GET", f"/merchant_orders/{scan['merchant_order_id']}").json()


@pytest.mark.parametrize("reason", ["in_process", "unavailable", "timeout"])
def test_the_phone_waits_and_asks_again(seller: Seller, merchant: Merchant, scan, reason: str) -> None:
    merchant.says({"error": {"type": reason, "message": "one moment"}}, status=400)
    shown = scan("waiting")
    shown = wait_for(lambda: (now := seller.phone("GET", f"scans/{shown['id']}"))["polls"] >= 3 and now)
    assert (shown["state"], shown["reason"], shown["message"]) == ("waiting", reason, "one moment")
    assert merchant.polls[0]["User-Agent"].startswith("MercadoPago-Android/")
    assert shown["last_answer"]["status"] == 400


def test_the_waiting_screen_turns_into_the_amount_by_itself(seller: Seller, merchant: Merchant, scan, offer) -> None:
    waiting = scan("waiting")
    merchant.says(offer)
    ready = reach(seller, waiting["id"], "ready")
    assert (ready["amount"], ready["currency"]) == (500, "ARS")
    polls = len(merchant.polls)
    pause = seller.phone("GET", f"scans/{waiting['id']}")["polls"]
    assert pause == ready["polls"]
    assert len(merchant.polls) == polls


def test_version_2_is_read_too(merchant: Merchant, scan, offer_v2) -> None:
    merchant.says(offer_v2, order_version="2")
    assert scan("ready")["amount"] == 500


def test_version_2_waits_with_202(merchant: Merchant, scan) -> None:
    merchant.says({"status": {"status_detail": "Waiting_for_order"}}, status=202)
    assert scan("waiting")["error"] == ""


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"collector_id": 1}, "collector_id"),
        ({"sponsor_id": "x"}, "sponsor_id"),
        ({"items": []}, "items"),
        ({"external_reference": "a b"}, "external_reference"),
        ({"external_reference": "x" * 257}, "external_reference"),
        ({"notification_url": "ftp://x"}, "notification_url"),
        ({"total": 5}, "total"),
        ({"items": [{"title": "", "currency_id": "ARS", "quantity": 1, "unit_price": 5}]}, "items.0.title"),
        ({"items": [{"title": "S", "currency_id": "ars", "quantity": 1, "unit_price": 5}]}, "items.0.currency_id"),
        ({"items": [{"title": "S", "currency_id": "BRL", "quantity": 1, "unit_price": 5}]}, "items.0.currency_id"),
        ({"items": [{"title": "S", "currency_id": "ARS", "quantity": 1.5, "unit_price": 5}]}, "items.0.quantity"),
        ({"items": [{"title": "S", "currency_id": "ARS", "quantity": 1, "unit_price": 5.001}]}, "items.0.unit_price"),
        ({"items": [{"title": "S", "currency_id": "ARS", "quantity": 1, "unit_price": "5"}]}, "items.0.unit_price"),
        ({"items": [{"title": "S", "currency_id": "ARS", "quantity": 1, "unit_price": -5}]}, "items.0.unit_price"),
    ],
)
def test_an_order_that_breaks_the_rules_is_an_error_that_names_the_field(
    merchant: Merchant, scan, offer, change: dict[str, Any], field: str
) -> None:
    merchant.says(offer | change)
    assert scan("error")["error"].startswith(f"{field}:")


@pytest.mark.parametrize(
    ("change", "field"),
    [({"total_amount": 400}, "total_amount"), ({"sponsor": {}}, ""), ({"collector_id": 1}, "collector_id")],
)
def test_the_rules_of_version_2(merchant: Merchant, scan, offer_v2, change: dict[str, Any], field: str) -> None:
    merchant.says(offer_v2 | change, order_version="2")
    if field:
        assert scan("error")["error"].startswith(f"{field}:")
    else:
        assert scan("ready")


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (400, {"error": {"type": "invalid"}}),
        (400, {"error": {"type": "busy"}}),
        (400, {"type": "in_process"}),
        (200, b"{"),
    ],
)
def test_other_answers_of_the_wrong_kind_end_in_an_error(merchant: Merchant, scan, status: int, body: Any) -> None:
    merchant.says(body, status=status)
    assert scan("error")["polls"] == 1


@pytest.mark.parametrize(("status", "kind"), [(500, "application/json"), (302, "application/json"), (200, "text/html")])
def test_faults_are_asked_again_ten_times(merchant: Merchant, scan, status: int, kind: str) -> None:
    merchant.says(b"{}", status=status, Content_Type=kind, Location="/elsewhere")
    shown = scan("error")
    assert shown["polls"] == len(merchant.polls) == 10
    assert "10" in shown["error"]


def test_each_scan_makes_a_merchant_order_of_its_own(seller: Seller, merchant: Merchant, scan, offer) -> None:
    merchant.says(offer)
    first, second = scan("ready"), scan("ready")
    assert first["merchant_order_id"] != second["merchant_order_id"]
    found = seller.call("GET", f"/merchant_orders?external_reference={offer['external_reference'].lower()}").json()
    assert [element["id"] for element in found["elements"]] == [first["merchant_order_id"], second["merchant_order_id"]]
    assert "payments" not in found["elements"][0]


def test_nothing_found_is_null(seller: Seller) -> None:
    found = seller.call("GET", "/merchant_orders/search?external_reference=NOTHING").json()
    assert found == {"elements": None, "next_offset": 0, "total": 0}


def test_paying_closes_the_merchant_order(seller: Seller, merchant: Merchant, scan, offer) -> None:
    merchant.says(offer)
    ready = scan("ready")
    assert seller.phone("POST", f"scans/{ready['id']}/pay", {"outcome": "approved"})["state"] == "paid"
    order = merchant_order(seller, ready)
    assert (order["status"], order["order_status"], order["paid_amount"]) == ("closed", "paid", 500)
    [payment] = order["payments"]
    fetched = seller.call("GET", f"/v1/payments/{payment['id']}").json()
    assert fetched["order"] == {"id": str(order["id"]), "type": "mercadopago"}
    assert fetched["transaction_amount"] == 500


def test_what_is_paid_is_not_paid_again(seller: Seller, merchant: Merchant, scan, offer) -> None:
    merchant.says(offer)
    ready = scan("ready")
    seller.phone("POST", f"scans/{ready['id']}/pay", {"outcome": "approved"})
    again = seller.phone("POST", f"scans/{ready['id']}/pay", {"outcome": "approved"})
    assert again["status"] == 409
    assert len(merchant_order(seller, ready)["payments"]) == 1


def test_a_rejected_card_leaves_it_opened_and_another_may_pay(seller: Seller, merchant: Merchant, scan, offer) -> None:
    merchant.says(offer)
    ready = scan("ready")
    assert seller.phone("POST", f"scans/{ready['id']}/pay", {"outcome": "rejected"})["state"] == "rejected"
    order = merchant_order(seller, ready)
    assert (order["status"], order["order_status"]) == ("opened", "payment_required")
    assert order["payments"][0]["status_detail"] == "cc_rejected_call_for_authorize"
    assert seller.phone("POST", f"scans/{ready['id']}/pay", {"outcome": "approved"})["state"] == "paid"


def test_an_amount_is_paid_in_parts(seller: Seller, merchant: Merchant, scan, offer) -> None:
    merchant.says(offer)
    ready = scan("ready")
    part = seller.phone("POST", f"scans/{ready['id']}/pay", {"outcome": "approved", "amount": "200.50"})
    assert (part["state"], part["remaining"]) == ("ready", 299.5)
    assert merchant_order(seller, ready)["order_status"] == "partially_paid"
    assert seller.phone("POST", f"scans/{ready['id']}/pay", {"outcome": "approved"})["state"] == "paid"
    assert [p["transaction_amount"] for p in merchant_order(seller, ready)["payments"]] == [200.5, 299.5]


def test_a_pending_payment_is_decided_later(seller: Seller, merchant: Merchant, scan, offer) -> None:
    merchant.says(offer)
    ready = scan("ready")
    pending = seller.phone("POST", f"scans/{ready['id']}/pay", {"outcome": "pending"})
    assert pending["state"] == "ready"
    assert merchant_order(seller, ready)["order_status"] == "payment_in_process"
    seller.phone("POST", f"payments/{pending['payments'][0]['id']}", {"status": "approved"})
    assert seller.phone("GET", f"scans/{ready['id']}")["state"] == "paid"


@pytest.mark.parametrize("amount", ["0", "-1", "500.01", "1.005", "x", "NaN"])
def test_amounts_that_cannot_be_paid(seller: Seller, merchant: Merchant, scan, offer, amount: str) -> None:
    merchant.says(offer)
    ready = scan("ready")
    refusal = seller.phone("POST", f"scans/{ready['id']}/pay", {"outcome": "approved", "amount": amount})
    assert refusal["error"] == "invalid_amount"
    assert "payments" not in merchant_order(seller, ready)


def test_an_aborted_scan_stops_asking_and_pays_nothing(seller: Seller, merchant: Merchant, scan) -> None:
    waiting = scan("waiting")
    assert seller.phone("POST", f"scans/{waiting['id']}/abort")["state"] == "aborted"
    assert seller.phone("POST", f"scans/{waiting['id']}/pay", {"outcome": "approved"})["error"] == "nothing_to_pay"


@pytest.mark.parametrize("body", [{"external_pos_id": "NOBODY"}, {}, None, []])
def test_scanning_what_is_not_there(seller: Seller, body: Any) -> None:
    assert seller.phone("POST", "scans", body)["status"] == 404


def test_both_shapes_of_news_arrive(seller: Seller, merchant: Merchant, scan, offer) -> None:
    merchant.says(offer)
    ready = scan("ready")
    seller.phone("POST", f"scans/{ready['id']}/pay", {"outcome": "approved"})
    wait_for(lambda: len(merchant.deliveries) >= 5)
    by_path = {delivery["path"]: delivery for delivery in merchant.deliveries}
    order_id = ready["merchant_order_id"]
    ipn = by_path[f"/news?topic=merchant_order&id={order_id}"]
    assert ipn["headers"]["User-Agent"] == "MercadoPago Feed v2.0 merchant_order"
    assert ipn["body"]["resource"].endswith(f"/merchant_orders/{order_id}")
    webhook = by_path[f"/news?data.id={order_id}&type=topic_merchant_order_wh"]
    assert webhook["body"]["id"] == str(order_id)
    assert "id" not in webhook["body"]["data"]
    assert webhook["headers"]["x-signature"].startswith("ts=")
    assert any("topic=payment" in path for path in by_path)


@pytest.mark.parametrize(("only", "agent"), [("webhooks", "Feed"), ("ipn", "WebHook")])
def test_source_news_chooses_the_shape(seller: Seller, merchant: Merchant, scan, offer, only: str, agent: str) -> None:
    merchant.says(offer | {"notification_url": f"{merchant.url}/news?source_news={only}"})
    ready = scan("ready")
    seller.phone("POST", f"scans/{ready['id']}/pay", {"outcome": "approved"})
    wait_for(lambda: len(merchant.deliveries) >= 2)
    assert not [d for d in merchant.deliveries if agent in d["headers"]["User-Agent"]]


def test_unconfirmed_news_is_repeated(merchant: Merchant, scan, offer) -> None:
    merchant.confirmation = 500
    merchant.says(offer)
    scan("ready")
    wait_for(lambda: len(merchant.deliveries) >= 2)
    merchant.confirmation = 200
    before = {delivery["path"] for delivery in merchant.deliveries}
    wait_for(lambda: len(merchant.deliveries) >= 4)
    assert {delivery["path"] for delivery in merchant.deliveries} == before


def test_news_that_is_switched_off_is_lost(seller: Seller, merchant: Merchant, scan, offer) -> None:
    seller.phone("PUT", "notifications", {"enabled": False})
    try:
        merchant.says(offer)
        ready = scan("ready")
        seller.phone("POST", f"scans/{ready['id']}/pay", {"outcome": "approved"})
        assert seller.phone("GET", "notifications") == {"enabled": False}
    finally:
        seller.phone("PUT", "notifications", {"enabled": True})
    assert merchant.deliveries == []


def test_refunds_need_a_key_and_are_made_once_a_key(seller: Seller, merchant: Merchant, scan, offer) -> None:
    merchant.says(offer)
    ready = scan("ready")
    paid = seller.phone("POST", f"scans/{ready['id']}/pay", {"outcome": "approved"})
    path = f"/v1/payments/{paid['payments'][0]['id']}/refunds"
    assert seller.call("POST", path).status_code == 400
    first = seller.call("POST", path, {"amount": 100.5}, X_Idempotency_Key="k1")
    assert first.status_code == 201
    assert seller.call("POST", path, {"amount": 100.5}, X_Idempotency_Key="k1").json()["id"] == first.json()["id"]
    assert seller.call("POST", path, {"amount": 400}, X_Idempotency_Key="k2").json()["error"] == "amount_too_large"
    assert seller.call("POST", path, X_Idempotency_Key="k3").json()["amount"] == 399.5
    assert [r["amount"] for r in seller.call("GET", path).json()] == [100.5, 399.5]
    assert merchant_order(seller, ready)["order_status"] == "reverted"


def test_another_seller_sees_none_of_it(seller: Seller, merchant: Merchant, scan, offer) -> None:
    merchant.says(offer)
    ready = scan("ready")
    other = "APP_USR-1-2-3-999"
    assert seller.call("GET", f"/merchant_orders/{ready['merchant_order_id']}", token=other).status_code == 404
    found = seller.call("GET", f"/merchant_orders?external_reference={offer['external_reference']}", token=other)
    assert found.json()["elements"] is None


def test_exchanges_tell_all_but_secrets(seller: Seller, merchant: Merchant, scan, offer) -> None:
    seller.phone("PUT", "controller", {"api_url": merchant.url, "api_key": "the-secret-key"})
    merchant.says(offer)
    ready = scan("ready")
    wait_for(lambda: len(merchant.deliveries) >= 2)
    merchant_order(seller, ready)
    text = requests.get(f"{seller.simulator_url}/simulator/exchanges", timeout=5).text
    exchanges = seller.phone("GET", "exchanges")["exchanges"]
    assert {"poll", "notification", "api", "phone"} <= {exchange["kind"] for exchange in exchanges}
    assert f"/merchant_orders/{ready['merchant_order_id']}" in text
    assert "Bearer" not in text
    assert "APP_USR" not in text
    assert "the-secret-key" not in text
    last = exchanges[-1]["n"]
    assert all(later["n"] > last for later in seller.phone("GET", f"exchanges?after={last}")["exchanges"])
    assert seller.phone("GET", "controller") == {"api_url": merchant.url}


def test_the_pump_makes_only_a_pumps_calls(seller: Seller, merchant: Merchant) -> None:
    seller.phone("PUT", "controller", {"api_url": merchant.url, "api_key": "k"})
    passed = seller.phone("POST", "controller", {"method": "GET", "path": "/api/v1/pos/POS0001"})
    assert passed == {"status": 400, "body": {"error": {"type": "unavailable"}}}
    assert merchant.polls[-1]["Authorization"] == "Api-Key k"
    for path in ("/admin/", "/api/v1/pos/../../admin/", "//evil.example/api/v1/pos/POS1"):
        assert seller.phone("POST", "controller", {"method": "GET", "path": path})["error"] == "invalid_call"


def test_unknown_addresses_and_unreadable_bodies_are_answered_in_json(seller: Seller) -> None:
    assert seller.call("GET", "/v2/nothing").json()["error"] == "not_found"
    url = f"{seller.simulator_url}/simulator/scans"
    assert requests.post(url, data=b"{", timeout=5).json()["error"] == "invalid_json"
    assert seller.phone("DELETE", "scans")["status"] == 405
