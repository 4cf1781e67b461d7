import json
from dataclasses import replace
from decimal import Decimal

import pytest

from gateway.dialects import Dialect, Line, Offer, Situation, Words, pay, wait

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


# --- V2 whole --------------------------------------------------------------------------------------------------------
CONNECTED = replace(
    OFFER,
    currency="COP",
    lines=[Line("SUPER 10.5 L x 47.62", Decimal(500), sku_number="7", category="fuel"), Line("Wash", Decimal(119))],
    taxes=[{"type": "IVA", "value": "99", "percentage": "19"}],
    marketplace_fee=Decimal(31),
    client_id=446566691,
)


def test_v2_order_is_the_documented_body_with_all_its_fields() -> None:
    answer = pay(CONNECTED, Dialect.V2)
    assert answer.headers == {"order-version": "2", "client-id": "446566691"}
    assert json.loads(answer.body) == {
        "external_reference": "ABC123",
        "total_amount": 619,
        "items": [
            {
                "sku_number": "7",
                "category": "fuel",
                "title": "SUPER 10.5 L x 47.62",
                "description": "SUPER 10.5 L x 47.62",
                "quantity": 1,
                "unit_measure": "unit",
                "unit_price": 500,
                "total_amount": 500,
            },
            {
                "sku_number": "",
                "category": "",
                "title": "Wash",
                "description": "Wash",
                "quantity": 1,
                "unit_measure": "unit",
                "unit_price": 119,
                "total_amount": 119,
            },
        ],
        "title": "SUPER 10.5 L x 47.62",
        "description": "SUPER 10.5 L x 47.62",
        "notification_url": "https://pay.example.com/mp/notifications/t",
        "sponsor": {"id": 334249281},
        "taxes": [{"type": "IVA", "value": "99", "percentage": "19"}],
        "marketplace_fee": 31,
    }


def test_without_a_connected_account_there_is_neither_its_header_nor_a_fee() -> None:
    answer = pay(replace(CONNECTED, client_id=None), Dialect.V2)
    assert "client-id" not in answer.headers
    assert "marketplace_fee" not in json.loads(answer.body)


def test_a_fee_of_nothing_is_not_sent() -> None:
    assert "marketplace_fee" not in json.loads(pay(replace(CONNECTED, marketplace_fee=Decimal(0)), Dialect.V2).body)


def test_v1_has_no_field_for_what_only_v2_has() -> None:
    answer = pay(CONNECTED, Dialect.V1)
    assert answer.headers == {}
    assert json.loads(answer.body).keys() == {
        "collector_id", "sponsor_id", "items", "external_reference", "notification_url"
    }  # fmt: skip
    assert CONNECTED.lost_in(Dialect.V1) == ["taxes", "marketplace_fee"]
    assert CONNECTED.lost_in(Dialect.V2) == OFFER.lost_in(Dialect.V1) == []


@pytest.mark.parametrize("dialect", Dialect)
def test_long_texts_are_cut(dialect: Dialect) -> None:
    long = replace(OFFER, lines=[Line("x" * 300, Decimal(1), description="y" * 300)], title="z" * 300)
    body = json.loads(pay(long, dialect).body)
    texts = [body["items"][0]["title"], body["items"][0]["description"], body.get("title", "z" * 256)]
    assert texts == ["x" * 256, "y" * 256, "z" * 256]


def test_the_words_of_v2_can_be_others() -> None:
    words = Words(in_process="a", nothing_to_pay="nothing_to_pay", waiting_for_order="c", order_version='"2"')
    said = [json.loads(wait(s, Dialect.V2, words).body)["status"]["status_detail"] for s in list(Situation)[1:]]
    assert said == ["a", "c", "nothing_to_pay", "a"]
    assert pay(OFFER, Dialect.V2, words).headers == {"order-version": '"2"'}
    assert wait(Situation.PAID, Dialect.V1, words) == wait(Situation.PAID, Dialect.V1)
