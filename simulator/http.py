"""One way in for all JSON: method, body, errors, the exchange log."""

import errno
import math
import time
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

import simplejson
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

from simulator import chaos, exchanges
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


_HIDDEN = "(secrets)"
Handler = Callable[..., tuple[int, Any]]
_BAD_GATEWAY = (
    "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n"
    "<body><center><h1>502 Bad Gateway</h1></center></body>\r\n</html>\r\n"
)
_LOGIN_PAGE = "<!DOCTYPE html>\n<html><head><title>Wi-Fi log-in</title></head><body></body></html>\n"
_OTHER_JSON: Json = {"id": None, "elements": 7, "results": "none", "paging": []}  # read as JSON, and as nothing else
_ERRORS = {
    "api_500": Refusal(500, "internal_error", "Internal server error"),
    "api_429": Refusal(429, "too_many_requests", "Too many requests"),
}


def endpoint(
    kind: str, *, logged: bool = True, locked: bool = True, **handlers: Handler
) -> Callable[..., HttpResponseBase]:
    """A view of one address: `endpoint("api", GET=…, POST=…)`. Of kind "api" it wants an access token, and may fail.

    Kind "oauth" may fail too; what it gets and gives are secrets.
    """

    def view(request: HttpRequest, **path: Any) -> HttpResponseBase:
        started = time.monotonic()
        sent = request.body.decode(errors="replace")  # read before the lock is taken: a client may be slow

        def carry_out() -> tuple[int, Any]:
            with world.lock if locked else nullcontext():
                return _answer(kind, handlers, request, path)

        response, received = _respond(chaos.pick_fault() if kind in ("api", "oauth") else None, carry_out)
        if logged:
            exchanges.record(
                kind=kind,
                direction="in",
                method=request.method or "",
                url=request.get_full_path(),
                sent=_HIDDEN if kind == "oauth" else sent,
                status=response.status_code,
                received=_HIDDEN if kind == "oauth" and response.status_code == 200 else received,
                started=started,
            )
        return response

    return view


def _respond(fault: chaos.Fault | None, carry_out: Callable[[], tuple[int, Any]]) -> tuple[HttpResponseBase, Any]:
    """The response, and what the log says of its body: both as the client sees them."""
    name = fault.name if fault else ""
    if name == "api_slow":
        time.sleep(chaos.seconds("slow"))  # the world is not locked meanwhile
    status, body = carry_out() if fault is None or fault.is_done else (0, None)
    if name == "api_502":
        return HttpResponse(_BAD_GATEWAY, status=502, content_type="text/html"), _BAD_GATEWAY
    if name == "api_no_json":
        return HttpResponse(_LOGIN_PAGE, content_type="text/html"), _LOGIN_PAGE
    if name == "api_other_json":
        status, body = 200, _OTHER_JSON
    if name in _ERRORS:
        status, body = _ERRORS[name].status, _ERRORS[name].body
    text = simplejson.dumps(body, use_decimal=True, default=str)  # lazy texts, in the reader's language
    if name == "api_cut":
        return _cut(status, text.encode()), "cut in mid-body"
    headers = {"Retry-After": str(math.ceil(chaos.seconds("retry_after")))} if name == "api_429" else {}
    return HttpResponse(text, status=status, content_type="application/json", headers=headers), body


def _cut(status: int, body: bytes) -> HttpResponseBase:
    def halves() -> Iterator[bytes]:
        yield body[: len(body) // 2]
        raise ConnectionResetError(errno.ECONNRESET, "cut in mid-body")  # gunicorn closes, and keeps quiet

    headers = {"Content-Length": str(len(body))}
    return StreamingHttpResponse(halves(), status=status, content_type="application/json", headers=headers)


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
    if user in world.revoked:
        raise Refusal(401, "unauthorized", "the access token was withdrawn")
    return int(user)


def _parse(request: HttpRequest) -> Any:
    if not request.body:
        return None
    try:
        return simplejson.loads(request.body, use_decimal=True)
    except (ValueError, RecursionError) as error:
        raise Refusal(400, "invalid_json", "the body is not readable JSON") from error
