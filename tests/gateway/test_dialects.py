import json
from decimal import Decimal

import pytest

from gateway.dialects import Dialect, Line, Offer, Situation, pay, wait

OFFER = Offer(
    external_reference="ABC123",
    currency="ARS",
    lines=[Line("SUPER 10.5 L x 47.62", Decimal("500.00"))],
    notification_url="https://pay.example.com/mp/notifications/t",
    collector_id=178106235,
    sponsor_id=334249281,
)


@pytest.mark.parametrize(
    ("situation", "word"),
    [
        (Situation.UNKNOWN, "invalid"),
        (Situation.IN_PROCESS, "in_process"),
        (Situation.NOTHING, "unavailable"),
        (Situation.PAID, "unavailable"),
        (Situation.UNREACHABLE, "timeout"),
    ],
)
def test_v1_says_400_and_a_type(situation: Situation, word: str) -> None:
    answer = wait(situation, Dialect.V1)
    assert (answer.status, json.loads(answer.body)) == (400, {"error": {"type": word}})


@pytest.mark.parametrize(
    ("situation", "word"),
    [
        (Situation.IN_PROCESS, "in_process"),
        (Situation.NOTHING, "Waiting_for_order"),
        (Situation.PAID, "notihing_to_pay"),
        (Situation.UNREACHABLE, "in_process"),
    ],
)
def test_v2_says_202_and_the_published_literal(situation: Situation, word: str) -> None:
    answer = wait(situation, Dialect.V2)
    assert (answer.status, json.loads(answer.body)) == (202, {"status": {"status_detail": word}})


def test_an_unknown_token_is_answered_in_v1() -> None:
    assert wait(Situation.UNKNOWN, Dialect.V2).status == 400


def test_v1_order_is_the_documented_body_with_exact_decimals() -> None:
    answer = pay(OFFER, Dialect.V1)
    assert answer.status == 200
    assert b'"unit_price":500.00' in answer.body
    assert json.loads(answer.body) == {
        "collector_id": 178106235,
        "sponsor_id": 334249281,
        "items": [
            {
                "title": "SUPER 10.5 L x 47.62",
                "currency_id": "ARS",
                "description": "SUPER 10.5 L x 47.62",
                "quantity": 1,
                "unit_price": 500.0,
            }
        ],
        "external_reference": "ABC123",
        "notification_url": "https://pay.example.com/mp/notifications/t",
    }


def test_v2_order_announces_its_version_and_sums_its_items() -> None:
    answer = pay(OFFER, Dialect.V2)
    body = json.loads(answer.body)
    assert answer.headers == {"order-version": "2"}
    assert body["total_amount"] == sum(item["total_amount"] for item in body["items"]) == 500
    assert body["sponsor"] == {"id": 334249281}
    assert "collector_id" not in body
