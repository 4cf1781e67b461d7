"""POST /oauth/token and the page before it, as Mercado Pago's public pages describe them."""

import base64
import hashlib
import json
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from gateway.errors import NotUnderstood, PermanentError, TemporaryError
from gateway.oauth import App, authorization_url, is_refused, make_secret
from tests.stores.conftest import API, grant

APP = App(API, "1234567890123456", "the-client-secret")
WANTED = {"code": "TG-code-1", "verifier": "the-verifier", "redirect_uri": "https://pay.example.com/back/"}


def test_the_sellers_page_gets_a_state_and_the_hash_of_the_verifier_only() -> None:
    verifier = make_secret()
    url = authorization_url(
        "https://auth.mercadopago.com.ar", client_id="12", redirect_uri="https://x/y?z=1", state="s", verifier=verifier
    )
    query = {name: value for name, [value] in parse_qs(urlsplit(url).query).items()}
    assert url.startswith("https://auth.mercadopago.com.ar/authorization?")
    digest = hashlib.sha256(verifier.encode()).digest()
    assert query == {
        "client_id": "12",
        "response_type": "code",
        "platform_id": "mp",
        "state": "s",
        "redirect_uri": "https://x/y?z=1",
        "code_challenge": base64.urlsafe_b64encode(digest).decode().rstrip("="),
        "code_challenge_method": "S256",
    }
    assert 43 <= len(verifier) <= 128
    assert verifier not in url


def test_a_code_is_exchanged_in_the_body_never_in_the_address(mercado_pago) -> None:
    mercado_pago.post(f"{API}/oauth/token", json=grant(178106235))
    granted = APP.exchange(**WANTED)
    assert (granted.user_id, granted.expires_in, granted.live_mode) == (178106235, 15552000, True)
    request = mercado_pago.calls[0].request
    assert request.url == f"{API}/oauth/token"
    assert "Authorization" not in request.headers
    assert json.loads(request.body) == {
        "client_id": "1234567890123456",
        "client_secret": "the-client-secret",
        "grant_type": "authorization_code",
        "code": "TG-code-1",
        "code_verifier": "the-verifier",
        "redirect_uri": "https://pay.example.com/back/",
    }


def test_what_is_printed_of_a_grant_or_an_application_holds_no_secret(mercado_pago) -> None:
    mercado_pago.post(f"{API}/oauth/token", json=grant(178106235))
    shown = f"{APP!r} {APP.renew('TG-old')!r}"
    for secret in ("granted", "the-client-secret"):
        assert secret not in shown


@pytest.mark.parametrize(
    ("status", "error", "refused"),
    [
        (400, "invalid_grant", True),
        (400, "unauthorized_client", True),
        (401, "", True),
        (400, "invalid_client", False),
        (401, "invalid_client", False),
        (400, "invalid_request", False),
        (302, "", False),
    ],
)
def test_only_a_refused_grant_is_given_up(mercado_pago, status: int, error: str, refused: bool) -> None:
    mercado_pago.post(f"{API}/oauth/token", status=status, json={"error": error, "message": "TG-secret"})
    with pytest.raises(PermanentError) as caught:
        APP.renew("TG-secret")
    assert is_refused(caught.value) is refused
    assert error in str(caught.value)
    assert "TG-secret" not in str(caught.value)


@pytest.mark.parametrize("answer", [{"status": 503}, {"status": 429}, {"body": requests.ConnectTimeout("TG-secret")}])
def test_no_answer_is_worth_another_try(mercado_pago, answer) -> None:
    mercado_pago.post(f"{API}/oauth/token", **answer)
    with pytest.raises(TemporaryError) as caught:
        APP.renew("TG-secret")
    assert not is_refused(caught.value)
    assert "TG-secret" not in str(caught.value)


@pytest.mark.parametrize(
    "changes", [{"user_id": None}, {"access_token": ""}, {"expires_in": "soon"}, {"expires_in": 0}, {"user_id": -1}]
)
def test_an_answer_that_grants_nothing_is_no_grant(mercado_pago, changes) -> None:
    mercado_pago.post(f"{API}/oauth/token", json=grant(178106235) | changes)
    with pytest.raises(NotUnderstood) as caught:
        APP.renew("TG-old")
    assert "granted" not in str(caught.value)
