"""Sellers allow an application to act for them (OAuth). Calls are slow: never inside a transaction.

What is relied on, from Mercado Pago's public pages: the page to allow it on, per country, with state and PKCE S256
(docs/security/oauth/creation); the body of POST /oauth/token, its answer and its error codes, and that a code lives for
ten minutes (reference/oauth/_oauth_token/post); that tokens live 180 days and that each renewal gives another refresh
token, the old one being used up (docs/security/oauth/renewal). Seen only in other integrators' notes: that errors
have the common body of protocol.md §7, and that tokens of test users say `live_mode: true` unless `test_token` asked
for a sandbox's. Not known: whether a refresh token still works after an answer to its use was lost.
"""

import base64
import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import urlencode

import requests
import simplejson

from gateway.breaker import Breaker, Process
from gateway.connections import TIMEOUT, session
from gateway.errors import GatewayError, NotUnderstood, TemporaryError, from_answer

_TOKEN = "/oauth/token"  # noqa: S105 - an address
_CALL = f"POST {_TOKEN}"
_UNUSABLE = ("invalid_grant", "unauthorized_client", "forbidden")  # of the seller's, not of the application


@dataclass(frozen=True, slots=True)
class Grant:
    """What a seller allowed. `expires_in` in seconds."""

    user_id: int
    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    expires_in: int
    live_mode: bool | None

    @classmethod
    def parse(cls, data: Mapping[str, Any]) -> Self:
        """Never says what it holds, also when that is not understood."""
        try:
            live_mode = data.get("live_mode")
            grant = cls(
                user_id=int(data["user_id"]),
                access_token=str(data["access_token"]),
                # Without the scope offline_access there is none: such a token cannot be renewed.
                refresh_token=str(data.get("refresh_token") or ""),
                expires_in=int(data["expires_in"]),
                live_mode=live_mode if isinstance(live_mode, bool) else None,
            )
        except (KeyError, TypeError, ValueError) as error:
            raise NotUnderstood(f"{_CALL}: the answer misses or garbles a field ({type(error).__name__})") from None
        if grant.user_id <= 0 or grant.expires_in <= 0 or not grant.access_token:
            raise NotUnderstood(f"{_CALL}: the answer grants nothing")
        return grant


@dataclass(frozen=True, slots=True)
class App:
    """Whose grants these are, and where Mercado Pago's API is."""

    base_url: str
    client_id: str
    client_secret: str = field(repr=False)
    breaker: Breaker | None = field(default=None, repr=False, compare=False)

    def exchange(self, *, code: str, verifier: str, redirect_uri: str) -> Grant:
        """The grant that a code stands for; a code works once, and for ten minutes."""
        return self._ask(
            {
                "grant_type": "authorization_code",
                "code": code,
                "code_verifier": verifier,
                "redirect_uri": redirect_uri,
            }
        )

    def renew(self, refresh_token: str) -> Grant:
        """Another grant. It uses the refresh token up: two renewals at once would lose the connection."""
        return self._ask({"grant_type": "refresh_token", "refresh_token": refresh_token})

    def _ask(self, wanted: Mapping[str, str]) -> Grant:
        """Raises NotAsked before anything is sent: then code or refresh token are as good as they were."""
        body = {"client_id": self.client_id, "client_secret": self.client_secret, **wanted}
        taken = (self.breaker or Process().of(self.client_id)).enter()
        answered, error = False, None
        try:
            answer = self._post(body)
            answered = True
            return _understand(answer)
        except GatewayError as raised:
            error = raised
            raise
        finally:
            taken.leave(answered=answered, error=error)

    def _post(self, body: Mapping[str, str]) -> requests.Response:
        try:
            return session().post(
                f"{self.base_url}{_TOKEN}",
                data=simplejson.dumps(body),
                headers={"Accept": "application/json", "Content-Type": "application/json"},
                timeout=TIMEOUT,
                allow_redirects=False,
            )
        except requests.RequestException as error:
            raise TemporaryError(f"{_CALL}: no answer from Mercado Pago ({type(error).__name__})") from None


def authorization_url(base_url: str, *, client_id: str, redirect_uri: str, state: str, verifier: str) -> str:
    """Where a seller allows it. The verifier itself stays here; its hash goes along (PKCE, S256)."""
    digest = hashlib.sha256(verifier.encode()).digest()
    query = {
        "client_id": client_id,
        "response_type": "code",
        "platform_id": "mp",
        "state": state,
        "redirect_uri": redirect_uri,
        "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
        "code_challenge_method": "S256",
    }
    return f"{base_url}/authorization?{urlencode(query)}"


def make_secret() -> str:
    """A state, or a verifier (43 to 128 characters, RFC 7636): 256 bits."""
    return secrets.token_urlsafe(32)


def is_refused(error: GatewayError) -> bool:
    """Whether the grant itself is gone: expired, used up, withdrawn. Not when the application's secret is wrong."""
    return error.code in _UNUSABLE or (error.status == 401 and error.code != "invalid_client")


def _understand(answer: requests.Response) -> Grant:
    """Nothing of the answer but its status and its error code is ever repeated: the rest may hold secrets."""
    try:
        data = answer.json()
    except ValueError:
        data = None
    if 200 <= answer.status_code < 300:
        if not isinstance(data, dict):
            raise TemporaryError(f"{_CALL}: Mercado Pago's answer is no JSON object", status=answer.status_code)
        return Grant.parse(data)
    code = str(data.get("error") or "") if isinstance(data, dict) else ""
    code = code if code.isascii() and code.replace("_", "").isalnum() and len(code) <= 40 else ""
    raise from_answer(answer.status_code, f"{_CALL}: {answer.status_code} {code}".rstrip(), code)
