"""Secrets leave in no line, however they came into it."""

import json
import logging

import pytest
from django.conf import settings

from config import logs
from config.redacting import Redactor

TOKEN = "APP_USR-1234567890123456-112233-aabbccddeeff00112233445566778899-446566691"
POLL = "oYTdOw4gk1phjTe35Mak5l_tPKf4IIVXXsHwUiMspEs"


class Seller:
    """What somebody logs whole, in a hurry."""

    def __init__(self) -> None:
        self.access_token, self.client_secret, self.password = (
            "plain-token-value",
            "s3cr3t-of-client",
            "hunter2-hunter2",
        )

    def __repr__(self) -> str:
        return f"Seller({vars(self)})"


SECRETS = [TOKEN, POLL, "plain-token-value", "s3cr3t-of-client", "hunter2-hunter2", "abc.DEF-123", "dXNlcjpwYXNz"]
LOGGED = [
    f"GET /users/me with {TOKEN}",
    "headers: {'Authorization': 'Bearer plain-token-value', 'Accept': '*/*'}",
    "Authorization: Api-Key abc.DEF-123",
    "authorization=Basic dXNlcjpwYXNz",
    'body {"access_token": "plain-token-value", "refresh_token": "plain-token-value", "expires_in": 21600}',
    "POST /oauth/token?client_secret=s3cr3t-of-client&code=1",
    "redis://default:hunter2-hunter2@cache:6379/0 does not answer",
    f"Method Not Allowed (POST): /mp/orders/{POLL}",
    f"Not Found: /mp/notifications/{POLL}",
    "Cookie: sessionid=plain-token-value",
    f"{Seller()!r}",
]


@pytest.mark.parametrize("kind", logs.FORMATS)
@pytest.mark.parametrize("text", LOGGED)
def test_what_looks_like_a_secret_is_hidden(kind: str, text: str) -> None:
    line = _format(kind, text)
    assert not [secret for secret in SECRETS if secret in line], line
    assert "…" in (json.loads(line)["event"] if kind == "json" else line)


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("Not Found: /mp/orders/{}", "Not Found: /mp/orders/…5wRt"),
        ("POST /mp/notifications/{}?topic=payment", "POST /mp/notifications/…5wRt?topic=payment"),
        ("http://localhost:8000/r/12.{}/qr.png", "http://localhost:8000/r/12.…5wRt/qr.png"),
        ("{{'Authorization': 'Api-Key {}'}}", "{'Authorization': 'Api-Key …5wRt'}"),
        ("Bearer APP_USR-1-{}", "Bearer …5wRt"),
        ("token TG-{} refused", "token TG-…5wRt refused"),
        ("whsec_{}", "whsec_…5wRt"),
        ("password={}", "password=…"),
        ("/mp/orders/short", "/mp/orders/…"),
        ("/admin/pos/controllerkey/AryWQa1b.{}/change/", "/admin/pos/controllerkey/AryWQa1b.…5wRt/change/"),
    ],
)
def test_the_end_of_a_long_secret_is_shown_to_tell_one_from_another(said: str, kept: str) -> None:
    assert Redactor()(said.format("kJ8sQm2xN4vB7cZ1pL5wRt")) == kept


@pytest.mark.parametrize("kind", logs.FORMATS)
def test_secrets_in_a_traceback_are_hidden(kind: str) -> None:
    try:
        raise RuntimeError(f"token {TOKEN} is refused, {Seller()}")
    except RuntimeError as error:
        line = _format(kind, "it broke", exc_info=(RuntimeError, error, error.__traceback__))
    assert "RuntimeError" in line
    assert not [secret for secret in SECRETS if secret in line]


def test_the_installations_own_secrets_are_known() -> None:
    redact = Redactor(["our very own key", "short", ""])
    assert redact("it is our very own key, is it short") == "it is …, is it short"
    [handler] = [one for one in logging.getLogger().handlers if type(one) is logging.StreamHandler]
    for secret in (settings.SECRET_KEY, *settings.FIELD_ENCRYPTION_KEYS):
        record = logging.LogRecord("x", logging.INFO, "x.py", 1, f"key {secret}.", (), None)
        assert secret not in handler.format(record)


@pytest.mark.parametrize(
    "text",
    [
        "order ABCDEFGHJKLMNPQRSTUVWXYZ: open → closed (paid, by notification 3)",
        "account MLA 446566691: token renewed",
        "GET /merchant_orders/23600000000: 200 in 11 ms (0f8fad5b-d9cb-469f-a165-70867728950e)",
        "/var/log/r/12 stays",
        "receipt 0001-00000001 of order ABCDEFGHJKLMNPQRSTUVWXYZ is drawn",
    ],
)
def test_what_people_look_for_stays(text: str) -> None:
    assert Redactor()(text) == text


def _format(kind: str, text: str, **more: object) -> str:
    record = logging.LogRecord("gateway", logging.WARNING, "client.py", 1, text, (), more.get("exc_info"))  # type: ignore[arg-type]
    return logs.formatter(kind, Redactor()).format(record)
