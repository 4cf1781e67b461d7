"""What Sentry hears of: what broke and where, never whose it was."""

import json
import logging
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
import sentry_sdk
from django.conf import settings
from django.test import Client
from sentry_sdk.envelope import Envelope
from sentry_sdk.transport import Transport

from config import sentry
from config.redacting import Redactor
from stores.tracing import following

TOKEN = "APP_USR-1234567890123456-112233-aabbccddeeff00112233445566778899-446566691"
sent: list[Any] = []


class Kept(Transport):
    """Keeps what would be sent."""

    def capture_envelope(self, envelope: Envelope) -> None:
        sent.extend(item.payload.json for item in envelope.items if item.type == "event")


@pytest.fixture(autouse=True)
def started() -> Iterator[None]:
    sent.clear()
    sentry.start("https://key@sentry.example/1", environment="pay.example.com", redact=Redactor(), transport=Kept)
    yield
    sentry_sdk.get_client().close()
    sentry_sdk.Scope.get_global_scope().set_client(None)


def test_an_error_is_reported_with_its_order_and_without_secrets_and_persons() -> None:
    access_token = TOKEN
    try:
        with following(order="ABCDEF", request_id="proxy-1"):
            raise RuntimeError(f"{access_token} of maria@example.com is refused")
    except RuntimeError:
        with following(order="ABCDEF", request_id="proxy-1"):
            logging.getLogger("orders").exception("pump of %s: {'password': 'hunter2-hunter2'}", "maria@example.com")
    [event] = sent
    assert event["tags"] == {"order": "ABCDEF", "request_id": "proxy-1"}
    assert event["exception"]["values"][0]["type"] == "RuntimeError"
    text = json.dumps(event, ensure_ascii=False)
    for secret in (TOKEN, "hunter2", "maria@example.com"):
        assert secret not in text


def test_of_a_request_only_what_was_asked_is_told(client: Client, monkeypatch) -> None:
    def break_down(*_: object) -> None:
        raise RuntimeError("a fault of ours")

    session, document, token, query = (uuid4().hex for _number in range(4))  # they stand in no line of code
    monkeypatch.setattr("notifications.front.DeliveriesFirst.__call__", break_down)
    client.raise_request_exception = False
    client.cookies["sessionid"] = session
    answer = client.post(f"/mp/notifications/{token}?secret={query}", {"document": document})
    assert answer.status_code == 500
    [event] = sent
    assert {*event["request"]} == {"method", "url"}
    assert event["tags"]["request_id"]
    text = json.dumps(event)
    for private in (session, document, token, query, "REMOTE_ADDR"):
        assert private not in text
    assert "user" not in event


def test_without_a_dsn_nothing_is_sent_anywhere() -> None:
    assert settings.SENTRY_DSN == ""
