"""Sellers allow an application to act for them: the page to do so, and POST /oauth/token (protocol.md §7).

The address, the fields and the error codes are those of Mercado Pago's pages (docs/security/oauth/creation and
/renewal, reference/oauth/_oauth_token/post); the texts of errors those that integrators have reported.
"""

import base64
import hashlib
import secrets
import time
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _

from simulator.http import Call, Refusal
from simulator.sites import SITES
from simulator.world import Json, world

CODE_LASTS = 600  # seconds
TOKEN_LASTS = 15_552_000  # seconds: 180 days
_GONE = "Error validating grant. Your authorization code or refresh token may be expired or it was already used."


def register(call: Call, *, client_id: int) -> tuple[int, Any]:
    """PUT /simulator/applications/<client id> {"client_secret", "redirect_uri", "site", "expires_in"?}."""
    body = call.body if isinstance(call.body, dict) else {}
    lasts = body.get("expires_in", TOKEN_LASTS)
    texts = [body.get(name) for name in ("client_secret", "redirect_uri")]
    if not all(isinstance(text, str) and text for text in texts) or body.get("site") not in SITES:
        raise Refusal(400, "invalid_application", "client_secret and redirect_uri: texts; site: one of the seven")
    if not isinstance(lasts, int) or lasts <= 0:
        raise Refusal(400, "invalid_application", "expires_in: seconds")
    secret, redirect_uri = texts
    world.applications[str(client_id)] = {
        "client_secret": secret, "redirect_uri": redirect_uri, "site": body["site"], "expires_in": lasts
    }  # fmt: skip
    world.changed()
    return 200, {"client_id": client_id, "redirect_uri": redirect_uri, "site": body["site"], "expires_in": lasts}


def authorization(request: HttpRequest) -> HttpResponse:
    """The page where a seller is asked, and what becomes of the answer: back to the application with a code."""
    with world.lock:
        application = world.applications.get(request.GET.get("client_id", ""))
        problem = _problem(application, request.GET)
        if application is None or problem:
            return render(request, "simulator/authorization.html", {"problem": problem}, status=400)
        return _ask(request, application)


def _ask(request: HttpRequest, application: Json) -> HttpResponse:
    seller, answer = request.POST.get("seller") or request.GET.get("seller", ""), request.POST.get("answer")
    if answer == "deny":
        return _back(request, application, error="access_denied")
    wrong = _place(seller, application) if answer == "allow" else ""
    if answer == "allow" and not wrong:
        return _back(request, application, code=_make_code(int(seller), request.GET.dict()))
    title = _("Application %(client_id)s wants to act for a seller of %(country)s")
    title %= {"client_id": request.GET["client_id"], "country": SITES[application["site"]].code}
    values = {"title": title, "seller": seller, "wrong": wrong}
    return render(request, "simulator/authorization.html", values, status=400 if wrong else 200)


def _back(request: HttpRequest, application: Json, **query: str) -> HttpResponse:
    state = {"state": request.GET["state"]} if "state" in request.GET else {}
    return HttpResponseRedirect(f"{application['redirect_uri']}?{urlencode(query | state)}")


def token(call: Call) -> tuple[int, Any]:
    body = call.body if isinstance(call.body, dict) else {}
    application = world.applications.get(str(body.get("client_id", "")))
    if application is None or body.get("client_secret") != application["client_secret"]:
        raise Refusal(400, "invalid_client", "invalid client_id or client_secret")
    wanted = {"authorization_code": ("code", "redirect_uri"), "refresh_token": ("refresh_token",)}
    kind = str(body.get("grant_type"))
    if kind not in wanted:
        raise Refusal(400, "unsupported_grant_type", "grant_type: authorization_code or refresh_token")
    if missing := [name for name in wanted[kind] if not isinstance(body.get(name), str)]:
        raise Refusal(400, "invalid_request", f"{', '.join(missing)}: missing")
    user_id = _redeem(body) if kind == "authorization_code" else _rotate(body)
    if str(user_id) in world.revoked:
        raise Refusal(400, "invalid_grant", _GONE)
    return 200, _grant(body, application, user_id)


def _problem(application: Json | None, asked: Any) -> str:
    if application is None:
        return _("No application has this client id. PUT /simulator/applications/<client id> makes one.")
    if asked.get("response_type") != "code" or asked.get("redirect_uri") != application["redirect_uri"]:
        return _("The redirect URL differs from the application's, or response_type is not code.")
    if "code_challenge" in asked and asked.get("code_challenge_method") != "S256":
        return _("code_challenge_method must be S256.")
    return ""


def _place(seller: str, application: Json) -> str:
    if not seller.isdecimal() or not 0 < int(seller) < 10**12:
        return _("Enter a seller's user id: digits only.")
    if not world.narrow(int(seller), [application["site"]]):
        return _("This seller is of another country than the application.")
    return ""


def _make_code(user_id: int, asked: Json) -> str:
    """Allowing it again also ends an earlier withdrawal."""
    code = f"TG-{secrets.token_hex(16)}-{user_id}"
    kept = {name: asked.get(name, "") for name in ("client_id", "redirect_uri", "code_challenge")}
    world.revoked = [user for user in world.revoked if user != str(user_id)]
    world.codes[code] = {"user_id": user_id, "until": int(time.time()) + CODE_LASTS, **kept}
    world.changed()
    return code


def _redeem(body: Json) -> int:
    """A code works once, for ten minutes, for its application, its address and the verifier of its challenge."""
    kept = world.codes.pop(body["code"], None)
    verifier = str(body.get("code_verifier", "")).encode()
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier).digest()).rstrip(b"=").decode()
    fits = (
        kept is not None
        and kept["until"] >= time.time()
        and kept["client_id"] == str(body["client_id"])
        and kept["redirect_uri"] == body["redirect_uri"]
        and kept["code_challenge"] in ("", challenge)
    )
    if kept is None or not fits:
        raise Refusal(400, "invalid_grant", _GONE)
    return int(kept["user_id"])


def _rotate(body: Json) -> int:
    """A refresh token works once: each renewal brings another."""
    kept = world.refresh_tokens.get(body["refresh_token"])
    if kept is None or kept["client_id"] != str(body["client_id"]):
        raise Refusal(400, "invalid_grant", _GONE)
    del world.refresh_tokens[body["refresh_token"]]
    return int(kept["user_id"])


def _grant(body: Json, application: Json, user_id: int) -> Json:
    is_sandbox = body.get("test_token") is True
    refresh = f"TG-{secrets.token_hex(16)}-{user_id}"
    world.refresh_tokens[refresh] = {"client_id": str(body["client_id"]), "user_id": user_id}
    world.changed()
    prefix = "TEST" if is_sandbox else "APP_USR"
    return {
        "access_token": f"{prefix}-{body['client_id']}-{time.strftime('%m%d%H')}-{secrets.token_hex(16)}-{user_id}",
        "token_type": "bearer",
        "expires_in": application["expires_in"],
        "scope": "offline_access read write",
        "user_id": user_id,
        "refresh_token": refresh,
        "public_key": f"{prefix}-{secrets.token_hex(16)}",
        "live_mode": not is_sandbox,
    }
