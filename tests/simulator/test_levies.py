"""How strictly the rest of version 2 is read: taxes, the fee, and whose it is."""

from typing import Any

import pytest

from tests.simulator.conftest import Merchant, Seller

TAX = {"type": "IVA", "value": "80", "percentage": "19"}


@pytest.fixture
def in_colombia(seller: Seller, pos: Any) -> None:
    seller.phone("PUT", f"sellers/{seller.user_id}", {"site": "MCO"})


@pytest.mark.usefixtures("in_colombia")
def test_taxes_of_colombia_are_texts(merchant: Merchant, scan, offer_v2) -> None:
    merchant.says(offer_v2 | {"taxes": [TAX]}, order_version="2")
    assert scan("ready")["currency"] == "COP"


@pytest.mark.usefixtures("in_colombia")
@pytest.mark.parametrize(
    ("taxes", "field"),
    [
        ([], "taxes"),
        (TAX, "taxes"),
        ([TAX | {"value": 80}], "taxes.0"),
        ([{"type": "IVA"}], "taxes.0"),
        ([TAX | {"base": "5"}], "taxes.0"),
        ([TAX | {"value": "80.5"}], "taxes.0.value"),
        ([TAX | {"value": "501"}], "taxes.0.value"),
        ([TAX | {"percentage": "19 %"}], "taxes.0.percentage"),
        ([TAX, TAX | {"percentage": "101"}], "taxes.1.percentage"),
    ],
)
def test_taxes_of_another_shape_are_an_error(merchant: Merchant, scan, offer_v2, taxes: Any, field: str) -> None:
    merchant.says(offer_v2 | {"taxes": taxes}, order_version="2")
    assert scan("error")["error"].startswith(f"{field}:")


def test_elsewhere_there_are_no_taxes(merchant: Merchant, scan, offer_v2) -> None:
    merchant.says(offer_v2 | {"taxes": [TAX]}, order_version="2")
    assert scan("error")["error"].startswith("taxes:")


@pytest.mark.parametrize("fee", [0, 12.5, 500])
def test_a_connected_account_says_who_it_is_and_takes_a_fee(merchant: Merchant, scan, offer_v2, fee: float) -> None:
    merchant.says(offer_v2 | {"marketplace_fee": fee}, order_version="2", client_id="446566691")
    assert scan("ready")["last_answer"]["headers"]["client-id"] == "446566691"


@pytest.mark.parametrize(
    ("headers", "fee", "field"),
    [
        ({"client_id": "APP_USR-1"}, 1, "client-id"),
        ({}, 1, "client-id"),
        ({"client_id": "1"}, "1", "marketplace_fee"),
        ({"client_id": "1"}, -1, "marketplace_fee"),
        ({"client_id": "1"}, 500.01, "marketplace_fee"),
        ({"client_id": "1"}, 1.001, "marketplace_fee"),
        ({"client_id": "1"}, True, "marketplace_fee"),
    ],
)
def test_a_fee_against_the_rules_is_an_error(merchant: Merchant, scan, offer_v2, headers, fee, field: str) -> None:
    merchant.says(offer_v2 | {"marketplace_fee": fee}, order_version="2", **headers)
    assert scan("error")["error"].startswith(f"{field}:")


@pytest.mark.parametrize(
    ("change", "field"),
    [({"unit_measure": "L"}, "unit_measure"), ({"quantity": 1.5}, "quantity"), ({"sku_number": 7}, "sku_number")],
)
def test_items_of_version_2_against_the_rules_are_an_error(merchant, scan, offer_v2, change, field) -> None:
    merchant.says(offer_v2 | {"items": [offer_v2["items"][0] | change]}, order_version="2")
    assert scan("error")["error"].startswith(f"items.0.{field}:")


@pytest.mark.parametrize("field", ["sku_number", "category", "title", "description", "unit_measure"])
def test_items_of_version_2_have_all_fields(merchant: Merchant, scan, offer_v2, field: str) -> None:
    item = {name: value for name, value in offer_v2["items"][0].items() if name != field}
    merchant.says(offer_v2 | {"items": [item]}, order_version="2")
    assert scan("error")["error"].startswith(f"items.0.{field}:")
