"""Errors of the controllers' API as problem details (RFC 9457)."""

import logging
import math
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, JsonResponse
from django.utils.translation import gettext as _
from rest_framework.exceptions import APIException, Throttled, ValidationError
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response
from rest_framework.views import set_rollback

from gateway.errors import GatewayError, NotAsked
from stores import breaker

CONTENT_TYPE = "application/problem+json"
logger = logging.getLogger(__name__)


class Problem(APIException):
    """A refusal with a type that programs can rely on, e.g. `urn:problem:open-order`."""

    def __init__(self, status: int, kind: str, detail: str, *, headers: dict[str, str] | None = None) -> None:
        super().__init__(detail)
        self.status_code = status
        self.kind = kind
        self.headers = headers or {}


def document(status: int, detail: str, *, kind: str = "", errors: dict[str, list[str]] | None = None) -> dict[str, Any]:
    """The JSON of a problem."""
    body: dict[str, Any] = {
        "type": f"urn:problem:{kind}" if kind else "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
    }
    return body | {"errors": errors} if errors else body


def handle(error: Exception, context: dict[str, Any]) -> Response | None:
    """REST framework's exception handler. What is not known here stays an exception, and is logged as one."""
    headers: dict[str, str] = {}
    if isinstance(error, ValidationError):
        fields = dict(_flatten(error.detail))
        body = document(400, _("Some fields are not right."), kind="invalid-fields", errors=fields)
    elif isinstance(error, APIException):
        kind = getattr(error, "kind", "")
        body = document(error.status_code, str(error.detail), kind=kind)
        headers = dict(getattr(error, "headers", {}))
        if isinstance(error, Throttled):
            body = document(429, _("This key calls too often: wait a moment."), kind="too-often")
            headers["Retry-After"] = str(math.ceil(getattr(error, "wait", None) or 1))
        if challenge := getattr(error, "auth_header", None):
            headers["WWW-Authenticate"] = challenge
    elif isinstance(error, Http404):
        body = document(404, _("There is no such thing here, or it is not this key's to see."))
    elif isinstance(error, PermissionDenied):
        body = document(403, str(error))
    elif isinstance(error, GatewayError | OperationalError | InterfaceError):
        logger.warning("answered 503: %s", error, exc_info=None if isinstance(error, GatewayError) else error)
        body = document(503, _temporarily(error), kind="temporarily-unavailable")
        headers = {"Retry-After": "2"}
    else:
        return None
    set_rollback()
    if request := context.get("request"):  # whatever was asked for: a view may render YAML only
        request.accepted_renderer, request.accepted_media_type = JSONRenderer(), JSONRenderer.media_type
    content_type = getattr(context.get("view"), "problem_content_type", CONTENT_TYPE)
    return Response(body, status=body["status"], headers=headers, content_type=content_type)


def as_response(request: HttpRequest, status: int, detail: str) -> JsonResponse:
    """A problem outside of REST framework: an address that does not exist, a fault of ours."""
    return JsonResponse(document(status, detail), status=status, content_type=CONTENT_TYPE)


def _temporarily(error: Exception) -> str:
    if isinstance(error, NotAsked):
        return _("%(why)s Nothing was changed.") % {"why": breaker.said(error)}
    if isinstance(error, GatewayError):
        return _("Mercado Pago did not answer, so nothing was changed. Try again in a moment.")
    return _("The database did not answer, so nothing was changed. Try again in a moment.")


def _flatten(detail: Any, path: str = "") -> Iterator[tuple[str, list[str]]]:
    """Nested errors by dotted field: {"items.0.quantity": [...]}."""
    if isinstance(detail, dict):
        for name, inner in detail.items():
            yield from _flatten(inner, path if name == "non_field_errors" else f"{path}.{name}".strip("."))
    elif isinstance(detail, list) and any(isinstance(inner, dict | list) for inner in detail):
        for index, inner in enumerate(detail):
            yield from _flatten(inner, f"{path}.{index}".strip("."))
    elif detail:
        yield path or "body", [str(text) for text in (detail if isinstance(detail, list) else [detail])]
