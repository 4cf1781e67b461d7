"""Looking for merchant orders and payments."""

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.simulator.conftest import Merchant, Seller
from tests.simulator.process import Simulator


@pytest.fixture
def orders(seller: Seller, merchant: Merchant, scan, offer) -> list[Any]:
    """Three merchant orders of one reference, oldest first."""
    merchant.says(offer)
    scans = [scan("ready") for _ in range(3)]
    return [seller.call("GET", f"/merchant_orders/{one['merchant_order_id']}").json() for one in scans]


@pytest.fixture
def payments(orders, merchant: Merchant, scan, pay) -> list[int]:
    """Three payments of one merchant order, oldest first."""
    ready = scan("ready")
    for _ in range(3):
        paid = pay(ready, amount="10")
    return [payment["id"] for payment in paid["payments"]]


def found(seller: Seller, **query: Any) -> list[int]:
    answer = seller.call("GET", f"/merchant_orders/search?{urlencode(query)}")
    assert answer.status_code == 200, answer.text
    return [element["id"] for element in answer.json()["elements"] or []]


def test_orders_of_a_period_of_creation(seller: Seller, orders) -> None:
    first, second, third = (order["id"] for order in orders)
    middle = orders[1]["date_created"]
    assert found(seller, date_created_from=middle) == [second, third]
    assert found(seller, date_created_to=middle) == [first, second]
    assert found(seller, date_created_from=middle, date_created_to=middle) == [second]


def test_the_offset_of_a_moment_counts(seller: Seller, orders) -> None:
    moment = datetime.fromisoformat(orders[1]["date_created"])
    in_utc = moment - (moment.utcoffset() or timedelta())
    assert found(seller, date_created_from=in_utc.replace(tzinfo=None).isoformat() + "Z") == [
        order["id"] for order in orders[1:]
    ]


def test_orders_of_a_period_of_change(seller: Seller, orders, merchant: Merchant, scan, pay) -> None:
    ready = scan("ready")
    last = ready["merchant_order_id"]
    created = seller.call("GET", f"/merchant_orders/{last}").json()["last_updated"]
    pay(ready)
    changed = seller.call("GET", f"/merchant_orders/{last}").json()["last_updated"]
    assert changed > created
    assert found(seller, last_updated_from=changed) == [last]
    assert found(seller, last_updated_to=created) == [order["id"] for order in orders]
    assert found(seller, date_created_to=created, last_updated_from=changed, status="closed") == [last]


@pytest.mark.parametrize("name", ["date_created_from", "date_created_to", "last_updated_from", "last_updated_to"])
@pytest.mark.parametrize("value", ["", "yesterday", "2024-10-06", "2024-10-06T17:42:13", "2024-13-06T17:42:13Z"])
def test_an_unreadable_moment_is_refused_by_name(seller: Seller, name: str, value: str) -> None:
    answer = seller.call("GET", f"/merchant_orders?{urlencode({name: value})}")
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_format")
    assert answer.json()["message"].startswith(f"{name} must be")


def test_orders_come_in_pages(seller: Seller, orders) -> None:
    page = seller.call("GET", "/merchant_orders/search?limit=2").json()
    assert ([element["id"] for element in page["elements"]], page["next_offset"], page["total"]) == (
        [orders[0]["id"], orders[1]["id"]],
        2,
        3,
    )
    rest = seller.call("GET", "/merchant_orders/search?limit=2&offset=2").json()
    assert ([element["id"] for element in rest["elements"]], rest["next_offset"]) == ([orders[2]["id"]], 0)


def test_payments_come_in_pages(seller: Seller, payments) -> None:
    def page(query: str) -> Any:
        return seller.call("GET", f"/v1/payments/search?{query}").json()

    assert page("")["paging"] == {"total": 3, "limit": 30, "offset": 0}
    assert [row["id"] for row in page("")["results"]] == payments
    assert page("limit=2&offset=1")["paging"] == {"total": 3, "limit": 2, "offset": 1}
    assert [row["id"] for row in page("limit=1&offset=1")["results"]] == payments[1:2]
    assert page("offset=3")["results"] == []


@pytest.mark.parametrize("path", ["/v1/payments/search", "/merchant_orders/search"])
@pytest.mark.parametrize("query", ["limit=x", "offset=-1", "limit=1.5", "offset=" + "9" * 3000])
def test_pages_that_are_no_numbers(seller: Seller, path: str, query: str) -> None:
    answer = seller.call("GET", f"{path}?{query}")
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_format")
    assert answer.json()["message"].startswith(query.partition("=")[0])


def test_the_case_of_a_reference_does_not_matter(seller: Seller, offer, orders, payments) -> None:
    for reference in (offer["external_reference"].lower(), offer["external_reference"]):
        answer = seller.call("GET", f"/v1/payments/search?external_reference={reference}").json()
        assert [row["id"] for row in answer["results"]] == payments
        assert len(found(seller, external_reference=reference)) == 4
    assert seller.call("GET", "/v1/payments/search?external_reference=R").json()["results"] == []


def test_all_is_found_again_after_a_restart(
    simulator: Simulator, seller: Seller, merchant: Merchant, offer, payments, scan, pay
) -> None:
    refunds = f"/v1/payments/{payments[0]}/refunds"
    made = seller.call("POST", refunds, {"amount": 1}, X_Idempotency_Key="k").json()
    before = found(seller, external_reference=offer["external_reference"])
    simulator.stop()
    simulator.start()
    assert found(seller, external_reference=offer["external_reference"].lower()) == before
    answer = seller.call("GET", f"/v1/payments/search?external_reference={offer['external_reference']}").json()
    assert [row["id"] for row in answer["results"]] == payments
    assert seller.call("POST", refunds, {"amount": 1}, X_Idempotency_Key="k").json()["id"] == made["id"]
    order = seller.call("GET", f"/merchant_orders/{before[-1]}").json()
    assert [payment["id"] for payment in order["payments"]] == payments
    assert scan("ready")["merchant_order_id"] > before[-1]
