"""The knobs themselves, and what they do to Mercado Pago's API. Notifications: test_chaos_of_notifications.py."""

import json
import subprocess
import sys
import time
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import requests

from tests.simulator.conftest import Merchant, Seller
from tests.simulator.process import ROOT, Simulator

CALM = {
    "notifications_dropped": 0,
    "notifications_duplicated": 0,
    "notifications_delayed": 0,
    "notifications_reordered": 0,
    "api_500": 0,
    "api_502": 0,
    "api_429": 0,
    "api_slow": 0,
    "api_cut": 0,
    "api_no_json": 0,
    "api_other_json": 0,
    "orders_stuck_opened": 0,
    "notification_delay": 5,
    "reorder_window": 0.5,
    "retry_after": 1,
    "slow": 2,
    "seed": None,
}


@pytest.fixture
def payment(merchant: Merchant, scan, offer, pay) -> Any:
    """Of 500, approved."""
    merchant.says(offer)
    return pay(scan("ready"))["payments"][0]


def last_exchange(seller: Seller, path: str) -> Any:
    exchanges = seller.phone("GET", "exchanges")["exchanges"]
    return next(exchange for exchange in reversed(exchanges) if exchange["url"] == path)


def test_all_knobs_are_shown_and_all_are_calm_at_first(seller: Seller) -> None:
    assert seller.phone("GET", "chaos") == CALM


def test_what_is_not_named_becomes_calm(seller: Seller, chaos) -> None:
    assert chaos(api_500=0.25, slow=1.5) == CALM | {"api_500": 0.25, "slow": 1.5}
    assert chaos(notifications_dropped=1, seed=7) == CALM | {"notifications_dropped": 1, "seed": 7}
    assert seller.phone("GET", "chaos") == CALM | {"notifications_dropped": 1, "seed": 7}


@pytest.mark.parametrize("value", [-0.1, 1.1, "1", None, True, [], 10**400])
def test_a_probability_is_a_number_from_0_to_1(seller: Seller, chaos, value: Any) -> None:
    chaos(api_429=0.5)
    refusal = chaos(api_500=value)
    assert (refusal["status"], refusal["error"]) == (400, "invalid_api_500")
    assert refusal["message"] == "api_500: a number from 0 to 1"
    assert seller.phone("GET", "chaos") == CALM | {"api_429": 0.5}


@pytest.mark.parametrize("value", [-1, 600.1, "5", None, False, {}])
def test_a_delay_is_at_most_ten_minutes(seller: Seller, chaos, value: Any) -> None:
    assert chaos(notification_delay=value)["message"] == "notification_delay: a number from 0 to 600 seconds"
    assert seller.phone("GET", "chaos") == CALM


@pytest.mark.parametrize("seed", [1.5, "1", True])
def test_a_seed_is_a_whole_number(chaos, seed: Any) -> None:
    assert chaos(seed=seed)["error"] == "invalid_seed"


def test_an_unknown_name_is_refused_with_the_known_ones(seller: Seller, chaos) -> None:
    refusal = chaos(api_503=1)
    assert (refusal["status"], refusal["error"]) == (400, "unknown_name")
    assert refusal["message"].startswith("api_503: ")
    assert all(name in refusal["message"] for name in CALM)
    assert seller.phone("GET", "chaos") == CALM


def test_the_faults_of_the_api_are_at_most_certain_together(chaos) -> None:
    assert chaos(api_500=0.6, api_cut=0.5)["error"] == "invalid_api_faults"
    assert "api_500 + api_502" in chaos(api_500=0.6, api_cut=0.5)["message"]
    assert chaos(api_500=0.7, api_502=0.2, api_429=0.1)["api_500"] == 0.7


@pytest.mark.parametrize("body", ['{"slow": NaN}', '{"slow": Infinity}', "[]", "5", ""])
def test_other_bodies_are_refused(seller: Seller, chaos, body: str) -> None:
    answer = requests.put(f"{seller.simulator_url}/simulator/chaos", data=body, timeout=5)
    assert answer.status_code == 400
    assert seller.phone("GET", "chaos") == CALM


def test_the_phone_and_the_knobs_are_never_disturbed(seller: Seller, merchant: Merchant, scan, offer, chaos, pay):
    merchant.says(offer)
    chaos(api_500=1, seed=1)
    assert pay(scan("ready"))["state"] == "paid"
    assert seller.phone("GET", "chaos")["api_500"] == 1
    assert requests.get(f"{seller.simulator_url}/healthz", timeout=5).status_code == 200


@pytest.mark.parametrize("fault", ["api_500", "api_502"])
def test_a_refund_that_failed_may_exist_or_not(seller: Seller, payment, chaos, fault: str) -> None:
    path = f"/v1/payments/{payment['id']}/refunds"
    chaos(**{fault: 1}, seed=1)
    for key in range(12):
        answer = seller.call("POST", path, {"amount": 1}, X_Idempotency_Key=f"k{key}")
        assert answer.status_code == int(fault[-3:])
    chaos()
    assert 0 < len(seller.call("GET", path).json()) < 12


def test_a_500_has_the_common_error_body(seller: Seller, chaos) -> None:
    chaos(api_500=1)
    answer = seller.call("GET", "/users/me")
    assert (answer.status_code, answer.json()["error"], answer.json()["status"]) == (500, "internal_error", 500)
    seen = last_exchange(seller, "/users/me")
    assert (seen["status"], seen["response_body"]) == (500, answer.json())


def test_a_502_is_the_page_of_a_proxy(seller: Seller, chaos) -> None:
    chaos(api_502=1)
    answer = seller.call("GET", "/users/me")
    assert (answer.status_code, answer.headers["Content-Type"]) == (502, "text/html")
    assert answer.text.startswith("<html>")
    assert "502 Bad Gateway" in answer.text
    assert last_exchange(seller, "/users/me")["status"] == 502


def test_a_429_says_when_to_come_back_and_does_nothing(seller: Seller, payment, chaos) -> None:
    path = f"/v1/payments/{payment['id']}/refunds"
    chaos(api_429=1, retry_after=3)
    answer = seller.call("POST", path, X_Idempotency_Key="k")
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "3")
    assert answer.json()["error"] == "too_many_requests"
    assert last_exchange(seller, path)["status"] == 429
    chaos()
    assert seller.call("GET", path).json() == []


def test_a_slow_answer_keeps_nobody_else_waiting(seller: Seller, chaos) -> None:
    chaos(api_slow=1, slow=1)
    took: list[float] = []

    def call() -> None:
        started = time.monotonic()
        assert seller.call("GET", "/users/me").status_code == 200
        took.append(time.monotonic() - started)

    slow = Thread(target=call)
    slow.start()
    while slow.is_alive():
        seller.phone("GET", "notifications")
        time.sleep(0.1)
    slow.join()
    assert took[0] >= 1
    assert last_exchange(seller, "/users/me")["ms"] >= 1000
    phone = [e["ms"] for e in seller.phone("GET", "exchanges")["exchanges"][-20:] if e["kind"] == "phone"]
    assert max(phone) < 900


def test_a_cut_answer_fails_at_once_and_what_was_asked_is_done(seller: Seller, payment, chaos) -> None:
    path = f"/v1/payments/{payment['id']}/refunds"
    chaos(api_cut=1)
    started = time.monotonic()
    with pytest.raises((requests.exceptions.ChunkedEncodingError, requests.ConnectionError)):
        seller.call("POST", path, {"amount": 1}, X_Idempotency_Key="k")
    assert time.monotonic() - started < 3
    seen = last_exchange(seller, path)
    assert (seen["status"], seen["response_body"]) == (201, "cut in mid-body")
    chaos()
    assert [refund["amount"] for refund in seller.call("GET", path).json()] == [1]


def test_an_answer_may_be_no_json_or_another_one_and_what_was_asked_is_done(seller: Seller, payment, chaos) -> None:
    path = f"/v1/payments/{payment['id']}/refunds"
    chaos(api_no_json=1)
    answer = seller.call("POST", path, {"amount": 1}, X_Idempotency_Key="k1")
    assert (answer.status_code, answer.headers["Content-Type"].partition(";")[0]) == (200, "text/html")
    chaos(api_other_json=1)
    answer = seller.call("POST", path, {"amount": 2}, X_Idempotency_Key="k2")
    assert (answer.status_code, answer.json()["id"]) == (200, None)
    chaos()
    assert [refund["amount"] for refund in seller.call("GET", path).json()] == [1, 2]


def test_an_order_may_stay_opened_although_it_is_paid(seller: Seller, merchant: Merchant, scan, offer, chaos, pay):
    merchant.says(offer)
    ready = scan("ready")
    chaos(orders_stuck_opened=1)
    assert pay(ready)["state"] == "paid"
    order = seller.call("GET", f"/merchant_orders/{ready['merchant_order_id']}").json()
    assert (order["status"], order["order_status"], order["paid_amount"]) == ("opened", "paid", 500)
    assert not [name for name in order if name.startswith("_")]
    chaos()
    seller.phone("POST", f"payments/{order['payments'][0]['id']}", {"status": "approved"})
    assert seller.call("GET", f"/merchant_orders/{order['id']}").json()["status"] == "opened"
    assert pay(ready)["error"] == "paid"


def test_the_simulator_starts_with_a_file_of_knobs(tmp_path: Path) -> None:
    file = tmp_path / "chaos.json"
    file.write_text(json.dumps({"api_500": 1, "seed": 3}))
    simulator = Simulator(tmp_path / "state.json", f"--chaos={file}")
    simulator.start()
    try:
        seller = Seller(simulator.url, 1)
        assert seller.phone("GET", "chaos") == CALM | {"api_500": 1, "seed": 3}
        assert seller.call("GET", "/users/me").status_code == 500
    finally:
        simulator.stop()


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ('{"api_500": 2}', "api_500: a number from 0 to 1"),
        ('{"slow": NaN}', "Expecting value"),
        ("{", "Expecting"),
        ("", "Expecting"),
        ("[]", "an object is wanted"),
        (None, "No such file"),
    ],
)
def test_a_broken_file_of_knobs_starts_nothing(tmp_path: Path, text: str | None, complaint: str) -> None:
    file = tmp_path / "chaos.json"
    if text is not None:
        file.write_text(text)
    command = [sys.executable, "manage.py", "simulator", "--port=1", f"--chaos={file}"]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=30, check=False)
    assert ended.returncode == 1
    assert f"--chaos {file}: " in ended.stderr
    assert complaint in ended.stderr
    assert "Traceback" not in ended.stderr
