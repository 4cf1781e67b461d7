"""Points: the block is read by the document, and what became of them is told once the order is paid."""

from typing import Any

import pytest

from tests.simulator.conftest import Merchant, Seller

FUEL = {"code": "4", "quantity": 11.2, "unit": "litre", "unit_price": 62.24}
SHOP = {"code": "0", "quantity": 1, "unit": "piece", "unit_price": 120}


@pytest.fixture
def block(payload) -> Any:
    return payload("loyalty") | {"transaction_amount": 500, "products": [FUEL]}


def points(seller: Seller, merchant_order_id: int, **options: Any) -> tuple[int, Any]:
    answer = seller.call("GET", f"/instore/loyalty/{merchant_order_id}", **options)
    return answer.status_code, answer.json()


def test_points_are_pending_first_and_accredited_then(seller: Seller, merchant: Merchant, scan, pay, offer, block):
    merchant.says(offer | {"loyalty": block | {"products": [FUEL, SHOP]}})
    ready = scan("ready")
    order_id = ready["merchant_order_id"]
    status, body = points(seller, order_id)
    assert (status, body["error"]) == (404, "loyalty_registry_not_found"), "nothing is paid yet"
    pay(ready)
    assert points(seller, order_id) == (200, {"status": "pending"})
    products = [{"code": "4", "points": "69"}, {"code": "0", "points": "12"}]
    accredited = {"status": "accredited", "total_points": 81, "products": products}
    assert points(seller, order_id) == points(seller, order_id) == (200, accredited)
    assert "loyalty" not in str(seller.call("GET", f"/merchant_orders/{order_id}").json())


def test_an_order_without_a_block_has_no_registry(seller: Seller, merchant: Merchant, scan, pay, offer) -> None:
    merchant.says(offer)
    paid = scan("ready")
    pay(paid)
    assert points(seller, paid["merchant_order_id"])[0] == 404


def test_points_of_others_are_not_told(seller: Seller, merchant: Merchant, scan, pay, offer, block) -> None:
    merchant.says(offer | {"loyalty": block})
    paid = scan("ready")
    pay(paid)
    assert points(seller, paid["merchant_order_id"], token="APP_USR-1-112326-abc-1")[0] == 404
    assert points(seller, 1)[0] == 404


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"program": "latampass"}, "program"),
        ({"transaction_id": "x" * 41}, "transaction_id"),
        ({"invoice_number": "12"}, "invoice_number"),
        ({"invoice_number": 12345678}, "invoice_number"),
        ({"transaction_date": "yesterday"}, "transaction_date"),
        ({"transaction_amount": 499}, "transaction_amount"),
        ({"transaction_amount": "500"}, "transaction_amount"),
        ({"store_id": "29"}, "store_id"),
        ({"period": "1"}, "period"),
        ({"shift": ""}, "shift"),
        ({"affinity_plan": 7}, "affinity_plan"),
        ({"cashier_identification": {"type": "DNI"}}, "cashier_identification"),
        ({"cashier_identification": {"type": "DNI", "number": 1}}, "cashier_identification"),
        ({"points": 1}, "points"),
        ({"products": []}, "products"),
        ({"products": [7]}, "products.0"),
        ({"products": [FUEL | {"price": 1}]}, "products.0"),
        ({"products": [SHOP, FUEL]}, "products.1.code"),
        ({"products": [FUEL | {"quantity": "11.2"}]}, "products.0.quantity"),
        ({"products": [FUEL | {"quantity": 1.2345}]}, "products.0.quantity"),
        ({"products": [FUEL | {"unit": "L"}]}, "products.0.unit"),
        ({"products": [FUEL | {"unit_price": 0}]}, "products.0.unit_price"),
    ],
)
def test_a_block_against_the_document_is_an_error(merchant: Merchant, scan, offer, block, change, field: str) -> None:
    merchant.says(offer | {"loyalty": block | change})
    assert scan("error")["error"].startswith(f"loyalty.{field}:")


def test_what_is_missing_or_no_block_at_all_is_an_error(merchant: Merchant, scan, offer, block) -> None:
    del block["shift"]
    merchant.says(offer | {"loyalty": block})
    assert scan("error")["error"].startswith("loyalty.shift:")
    merchant.says(offer | {"loyalty": []})
    assert scan("error")["error"].startswith("loyalty:")


def test_outside_argentina_there_are_no_programs(seller: Seller, merchant: Merchant, scan, offer, block) -> None:
    seller.phone("PUT", f"sellers/{seller.user_id}", {"site": "MLM"})
    items = [offer["items"][0] | {"currency_id": "MXN"}]
    merchant.says(offer | {"items": items, "loyalty": block})
    assert scan("error")["error"].startswith("loyalty:")


def test_version_2_has_no_such_block(merchant: Merchant, scan, offer_v2, block) -> None:
    merchant.says(offer_v2 | {"loyalty": block}, order_version="2")
    assert scan("error")["error"].startswith("loyalty:")
