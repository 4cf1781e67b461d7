"""Where Mercado Pago delivers its news."""

from typing import Any

from django.db import DatabaseError, transaction
from django.http import Http404, HttpRequest
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from notifications import services
from notifications.tasks import doorbell
from pos.problems import Problem

MAX_BODY = 64 * 1024  # bytes


class NotificationView(APIView):
    """Keeps the delivery, rings for a worker, answers. It does not judge. `notifications.front` is its short way."""

    authentication_classes = ()
    permission_classes = ()
    problem_content_type = "application/json"
    http_method_names = ["post"]
    schema = None  # Mercado Pago's contract, not the controllers'

    def post(self, request: Request, token: str) -> Response:
        if not keep(request._request, token, _read(request._request)):
            raise Http404
        return Response({})

    def handle_exception(self, exc: Exception) -> Any:
        if isinstance(exc, DatabaseError):
            exc = Problem(503, "not-stored", "The delivery could not be stored; send it again.")
        return super().handle_exception(exc)


def keep(request: HttpRequest, token: str, body: bytes) -> bool:
    """Store it and ring. False when nobody has this token."""
    query = request.META.get("QUERY_STRING", "")
    notification_id = services.receive(token, headers=dict(request.headers), query=query, body=body)
    if notification_id is None:
        return False
    # Robust: a delivery that is stored is stored; whatever fails afterwards, the sweep finds it.
    transaction.on_commit(lambda: doorbell.ring(notification_id), robust=True)
    return True


def _read(request: HttpRequest) -> bytes:
    """No more of the body than there may be; `stores.gate` gave it a length."""
    if hasattr(request, "_body"):  # read on the short way
        return request.body
    body: bytes = request.read(MAX_BODY + 1)
    if len(body) > MAX_BODY:
        raise Problem(413, "too-large", f"A delivery has at most {MAX_BODY // 1024} KiB.")
    return body
