"""One way in for all JSON: method, body, errors, the exchange log."""

import time
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

import simplejson
from django.http import HttpRequest, HttpResponse

from simulator import exchanges
from simulator.world import Json, world


class Refusal(Exception):
    """Mercado Pago's common error body (protocol.md §7)."""

    def __init__(self, status: int, code: str, message: str = "") -> None:
        super().__init__(message or code)
        self.status = status
        cause = [{"code": code, "description": message or code}]
        self.body: Json = {"message": message or code, "error": code, "status": status, "cause": cause}


@dataclass(frozen=True)
class Call:
    """What a handler gets to see of a request. `user_id` is 0 for the phone's API."""

    user_id: int
    body: Any
    query: dict[str, str]
    headers: dict[str, str]


Handler = Callable[..., tuple[int, Any]]


def endpoint(
    kind: str, *, logged: bool = True, locked: bool = True, **handlers: Handler
) -> Callable[..., HttpResponse]:
    """A view of one address: `endpoint("api", GET=…, POST=…)`. Of kind "api" it wants an access token."""

    def view(request: HttpRequest, **path: Any) -> HttpResponse:
        started = time.monotonic()
        sent = request.body.decode(errors="replace")  # read before the lock is taken: a client may be slow
        with world.lock if locked else nullcontext():
            status, body = _answer(kind, handlers, request, path)
        if logged:
            exchanges.record(
                kind=kind,
                direction="in",
                method=request.method or "",
                url=request.get_full_path(),
                sent=sent,
                status=status,
                received=body,
                started=started,
            )
        text = simplejson.dumps(body, use_decimal=True, default=str)  # lazy texts, in the reader's language
        return HttpResponse(text, status=status, content_type="application/json")

    return view


def _answer(kind: str, handlers: dict[str, Handler], request: HttpRequest, path: dict[str, Any]) -> tuple[int, Any]:
    try:
        handler = handlers.get(request.method or "")
        if handler is None:
            raise Refusal(405, "method_not_allowed", f"use {' or '.join(handlers)}")
        call = Call(
            user_id=_user_of(request) if kind == "api" else 0,
            body=_parse(request),
            query=request.GET.dict(),
            headers=dict(request.headers),
        )
        return handler(call, **path)
    except Refusal as refusal:
        return refusal.status, refusal.body


def _user_of(request: HttpRequest) -> int:
    """The digits after the last dash of an access token (protocol.md §7)."""
    keyword, _, token = request.headers.get("Authorization", "").partition(" ")
    user = token.rpartition("-")[2]
    if keyword != "Bearer" or not token.startswith(("APP_USR-", "TEST-")) or not user.isdecimal():
        raise Refusal(401, "invalid_token", "invalid access token")
    return int(user)


def _parse(request: HttpRequest) -> Any:
    if not request.body:
        return None
    try:
        return simplejson.loads(request.body, use_decimal=True)
    except (ValueError, RecursionError) as error:
        raise Refusal(400, "invalid_json", "the body is not readable JSON") from error
