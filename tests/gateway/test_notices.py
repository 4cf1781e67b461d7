import json

import pytest

from gateway.notices import Notice, parse


def test_ipn_names_topic_and_id_in_the_query(payload) -> None:
    body = json.dumps(payload("ipn_merchant_order")).encode()
    assert parse({"topic": "merchant_order", "id": "23603350837"}, body) == Notice("merchant_order", 23603350837)


def test_webhook_names_type_and_data_id_in_the_query(payload) -> None:
    body = json.dumps(payload("webhook_merchant_order")).encode()
    query = {"type": "topic_merchant_order_wh", "data.id": "23603350837"}
    assert parse(query, body) == Notice("merchant_order", 23603350837)


def test_a_merchant_orders_webhook_carries_its_id_at_the_top_of_the_body(payload) -> None:
    body = json.dumps(payload("webhook_merchant_order")).encode()
    assert parse({}, body) == Notice("merchant_order", 23603350837)


def test_a_payments_webhook_carries_its_id_in_data_and_its_own_at_the_top(payload) -> None:
    body = json.dumps(payload("webhook_payment")).encode()
    assert parse({}, body) == Notice("payment", 999999999)


def test_the_digits_of_resource_are_the_last_resort(payload) -> None:
    assert parse({}, json.dumps(payload("ipn_merchant_order")).encode()) == Notice("merchant_order", 23603350837)
    assert parse({}, b'{"resource":"150211668619","topic":"payment"}') == Notice("payment", 150211668619)


@pytest.mark.parametrize(
    "body", [b"", b"not json", b"[1]", b"null", b"\xff\xfe", b"[" * 100_000, b'{"data": 7}', b'{"type": {"a": 1}}']
)
def test_unreadable_bodies_are_about_nothing(body: bytes) -> None:
    assert parse({}, body).resource_id is None


@pytest.mark.parametrize("id", ["abc", "-1", "1.5", "9" * 30, "1;drop", "\u0661", ""])
def test_only_plain_numbers_are_ids(id: str) -> None:
    assert parse({"topic": "merchant_order", "id": id}, b"") == Notice("merchant_order", None)


@pytest.mark.parametrize("topic", ["\x00", "a b", "x" * 41, "\ud800"])
def test_a_topic_that_is_no_word_is_none(topic: str) -> None:
    assert parse({"topic": topic, "id": "1"}, b"").topic == ""
