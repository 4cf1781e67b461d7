"""A seller allows an application to act: the page, the code, the tokens and their end."""

import base64
import hashlib
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from tests.simulator.conftest import Seller

CLIENT = 1234567890123456
BACK = "https://pay.example.com/connected/"
VERIFIER = "a-verifier-of-at-least-forty-three-characters"
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode().rstrip("=")


@pytest.fixture
def application(seller: Seller) -> None:
    body = {"client_secret": "s3cret", "redirect_uri": BACK, "site": "MLA"}
    assert "client_secret" not in seller.phone("PUT", f"applications/{CLIENT}", body)


def ask(seller: Seller, answer: str | None, **changes: Any) -> requests.Response:
    """The page; with an answer, what pressing that button does."""
    query: dict[str, Any] = {
        "client_id": CLIENT,
        "response_type": "code",
        "platform_id": "mp",
        "state": "st",
        "redirect_uri": BACK,
    }
    query |= {"code_challenge": CHALLENGE, "code_challenge_method": "S256"} | changes
    url, data = f"{seller.simulator_url}/authorization", {"answer": answer, "seller": seller.user_id}
    if answer is None:
        return requests.get(url, params=query, timeout=5)
    return requests.post(url, params=query, data=data, timeout=5, allow_redirects=False)


def allow(seller: Seller) -> str:
    answer = ask(seller, "allow")
    address = urlsplit(answer.headers["Location"])
    query = parse_qs(address.query)
    assert answer.headers["Location"].startswith(f"{BACK}?")
    assert query["state"] == ["st"]
    return query["code"][0]


def token(seller: Seller, **changes: Any) -> requests.Response:
    body = {"client_id": str(CLIENT), "client_secret": "s3cret", "grant_type": "authorization_code"}
    body |= {"redirect_uri": BACK, "code_verifier": VERIFIER} | changes
    return requests.post(f"{seller.simulator_url}/oauth/token", json=body, timeout=5)


def renew(seller: Seller, refresh_token: str) -> requests.Response:
    return token(seller, grant_type="refresh_token", refresh_token=refresh_token)


def error(answer: requests.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]


def test_the_page_asks_for_the_seller_and_speaks_the_readers_language(seller: Seller, application) -> None:
    page = ask(seller, None)
    assert page.status_code == 200
    assert str(CLIENT) in page.text
    assert 'value="allow"' in page.text
    assert 'value="deny"' in page.text


@pytest.mark.parametrize(
    "change", [{"client_id": 1}, {"redirect_uri": "https://evil.example/"}, {"response_type": "token"},
               {"code_challenge_method": "plain"}],
)  # fmt: skip
def test_what_the_application_asks_wrongly_leads_nowhere(seller: Seller, application, change) -> None:
    for answer in (None, "allow"):
        assert ask(seller, answer, **change).status_code == 400


def test_who_does_not_allow_it_goes_back_with_an_error(seller: Seller, application) -> None:
    assert ask(seller, "deny").headers["Location"] == f"{BACK}?error=access_denied&state=st"


def test_a_code_gives_tokens_that_work(seller: Seller, application) -> None:
    granted = token(seller, code=allow(seller)).json()
    assert granted.keys() == {
        "access_token", "token_type", "expires_in", "scope", "user_id", "refresh_token", "public_key", "live_mode"
    }  # fmt: skip
    assert (granted["user_id"], granted["expires_in"], granted["live_mode"]) == (seller.user_id, 15552000, True)
    assert granted["access_token"].startswith(f"APP_USR-{CLIENT}-")
    assert granted["access_token"].endswith(f"-{seller.user_id}")
    me = seller.call("GET", "/users/me", token=granted["access_token"]).json()
    assert (me["id"], me["site_id"]) == (seller.user_id, "MLA")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"client_secret": "wrong"}, "invalid_client"),
        ({"client_id": "1"}, "invalid_client"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"code": None}, "invalid_request"),
        ({"code": "TG-guessed-1"}, "invalid_grant"),
        ({"code_verifier": "another"}, "invalid_grant"),
        ({"redirect_uri": "https://evil.example/"}, "invalid_grant"),
    ],
)
def test_a_code_alone_gives_nothing(seller: Seller, application, change, code: str) -> None:
    assert error(token(seller, **{"code": allow(seller)} | change)) == (400, code)


def test_a_code_works_once(seller: Seller, application) -> None:
    code = allow(seller)
    assert token(seller, code=code).status_code == 200
    assert error(token(seller, code=code)) == (400, "invalid_grant")


def test_a_renewal_uses_the_refresh_token_up_and_the_old_access_token_goes_on(seller: Seller, application) -> None:
    first = token(seller, code=allow(seller)).json()
    second = renew(seller, first["refresh_token"]).json()
    assert second["refresh_token"] != first["refresh_token"]
    assert second["access_token"] != first["access_token"]
    assert error(renew(seller, first["refresh_token"])) == (400, "invalid_grant")
    assert seller.call("GET", "/users/me", token=first["access_token"]).status_code == 200
    assert renew(seller, second["refresh_token"]).status_code == 200


def test_a_seller_who_withdraws_it_ends_all_tokens_until_it_is_allowed_again(seller: Seller, application) -> None:
    granted = token(seller, code=allow(seller)).json()
    seller.phone("PUT", f"sellers/{seller.user_id}", {"tokens_revoked": True})
    assert error(seller.call("GET", "/users/me", token=granted["access_token"])) == (401, "unauthorized")
    assert error(renew(seller, granted["refresh_token"])) == (400, "invalid_grant")
    again = token(seller, code=allow(seller)).json()
    assert seller.call("GET", "/users/me", token=again["access_token"]).status_code == 200


def test_a_seller_of_another_country_is_refused(seller: Seller, application) -> None:
    seller.phone("PUT", f"sellers/{seller.user_id}", {"site": "MLB"})
    assert ask(seller, "allow").status_code == 400


def test_a_seller_whose_country_is_not_known_yet_has_none(seller: Seller) -> None:
    assert "site_id" not in seller.call("GET", "/users/me").json()
    seller.phone("PUT", f"sellers/{seller.user_id}", {"site": "MCO"})
    assert seller.call("GET", "/users/me").json()["site_id"] == "MCO"


@pytest.mark.parametrize("body", [{}, {"site": "MLV"}, {"tokens_revoked": "yes"}])
def test_a_knob_of_a_seller_that_makes_no_sense_is_refused(seller: Seller, body) -> None:
    assert seller.phone("PUT", f"sellers/{seller.user_id}", body)["status"] == 400


@pytest.mark.parametrize("change", [{"site": "MLV"}, {"client_secret": ""}, {"redirect_uri": 5}, {"expires_in": 0}])
def test_an_application_that_makes_no_sense_is_refused(seller: Seller, change) -> None:
    body = {"client_secret": "s3cret", "redirect_uri": BACK, "site": "MLA"} | change
    assert seller.phone("PUT", "applications/5", body)["status"] == 400


def test_no_secret_is_in_the_log_of_exchanges(seller: Seller, application) -> None:
    code = allow(seller)
    granted = token(seller, code=code).json()
    assert error(renew(seller, "TG-guessed-1")) == (400, "invalid_grant")
    log = str(seller.phone("GET", "exchanges"))
    assert "/oauth/token" in log
    for secret in ("s3cret", code, granted["access_token"], granted["refresh_token"]):
        assert secret not in log
