"""The wire of the petrol brands' points."""

import json
from dataclasses import replace
from decimal import Decimal

import pytest

from gateway.client import Client
from gateway.dialects import Dialect, pay
from gateway.errors import NotFound, NotUnderstood
from gateway.loyalty import is_fuel
from tests.gateway.test_dialects import OFFER

API = "https://api.mercadopago.com"


@pytest.fixture
def client() -> Client:
    return Client(base_url=API, access_token="APP_USR-secret-178106235", user_id=178106235)


def test_v1_carries_the_block_with_exact_numbers(payload) -> None:
    body = pay(replace(OFFER, loyalty=payload("loyalty")), Dialect.V1).body
    assert b'"transaction_amount":500.00' in body
    assert b'"quantity":11.2,' in body
    block = json.loads(body, parse_float=Decimal)["loyalty"]
    assert block == payload("loyalty") | {
        "transaction_amount": Decimal(500),
        "products": [{"code": "2", "quantity": Decimal("11.2"), "unit": "litre", "unit_price": Decimal("62.24")}],
    }


def test_v2_has_no_field_for_the_block(payload) -> None:
    offer = replace(OFFER, loyalty=payload("loyalty"))
    assert "loyalty" not in json.loads(pay(offer, Dialect.V2).body)
    assert offer.lost_in(Dialect.V2) == ["loyalty"]


@pytest.mark.parametrize(
    ("program", "code", "unit", "fuel"),
    [
        ("serviclub", "4", "litre", True),
        ("serviclub", "7", "piece", True),  # GNC, which is sold by the cubic metre
        ("serviclub", "0", "piece", False),
        ("serviclub", "2", "litre", True),  # as in the published sample, and not in the published table
        ("CTC", "4", "litre", False),  # lubricants
        ("CTC", "3", "litre", True),
        ("CTC", "99", "piece", False),
    ],
)
def test_what_is_fuel(program: str, code: str, unit: str, fuel: bool) -> None:
    assert is_fuel(program, code=code, unit=unit) is fuel


@pytest.mark.parametrize(
    ("answer", "status", "points"),
    [
        ({"status": "pending"}, "pending", None),
        (
            {"status": "accredited", "total_points": 100, "products": [{"code": "2"}]},
            "accredited",
            100,
        ),
        ({"status": "accredited", "total_points": "100"}, "accredited", 100),
        ({"status": "accredited"}, "accredited", None),
        ({"status": "not_applicable"}, "not_applicable", None),
        ({"status": "failure"}, "failure", None),
    ],
)
def test_what_became_of_the_points(client, mercado_pago, answer, status, points) -> None:
    mercado_pago.get(f"{API}/instore/loyalty/23603350837", json=answer)
    remote = client.get_loyalty(23603350837)
    assert (remote.status, remote.points) == (status, points)


def test_a_merchant_order_that_no_program_knows(client, mercado_pago) -> None:
    unknown = {"message": "Loyalty registry not found", "error": "loyalty_registry_not_found", "status": 404}
    mercado_pago.get(f"{API}/instore/loyalty/1", json=unknown, status=404)
    with pytest.raises(NotFound) as caught:
        client.get_loyalty(1)
    assert caught.value.code == "loyalty_registry_not_found"


MANY: list[object] = [1.5, "many", [], "NaN", "Infinity", 10**12]


@pytest.mark.parametrize(
    "answer",
    [
        {"status": "credited"},
        {},
        {"status": ["pending"]},
        *({"status": "accredited", "total_points": points} for points in MANY),
    ],
)
def test_what_is_not_understood_is_not_guessed(client, mercado_pago, answer) -> None:
    mercado_pago.get(f"{API}/instore/loyalty/1", json=answer)
    with pytest.raises(NotUnderstood):
        client.get_loyalty(1)
