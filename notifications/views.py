"""Where Mercado Pago delivers its news."""

from typing import Any

from django.db import DatabaseError, transaction
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from notifications import services
from notifications.tasks import process_notification
from pos.problems import Problem
from stores.models import Account

MAX_BODY = 64 * 1024  # bytes


class NotificationView(APIView):
    """Keeps the delivery, wakes a worker, answers. It does not judge."""

    authentication_classes = ()
    permission_classes = ()
    problem_content_type = "application/json"
    http_method_names = ["post"]
    schema = None  # Mercado Pago's contract, not the controllers'

    def post(self, request: Request, token: str) -> Response:
        account = get_object_or_404(Account, notification_token=token)
        notification = services.receive(
            account,
            headers=dict(request.headers),
            query=request.META.get("QUERY_STRING", ""),
            body=_read(request._request),
        )
        # Robust: with the broker down the delivery is stored all the same, and the sweep finds it.
        # A lambda, because Django's log of a failure asks for the name that a partial does not have.
        transaction.on_commit(lambda: process_notification.delay(notification.pk), robust=True)
        return Response({})

    def handle_exception(self, exc: Exception) -> Any:
        if isinstance(exc, DatabaseError):
            exc = Problem(503, "not-stored", "The delivery could not be stored; send it again.")
        return super().handle_exception(exc)


def _read(request: HttpRequest) -> bytes:
    """The body, also of a chunked request, whose length Django takes for 0."""
    stream = request.META["wsgi.input"] if request.META.get("wsgi.input_terminated") else request
    body: bytes = stream.read(MAX_BODY + 1)
    if len(body) > MAX_BODY:
        raise Problem(413, "too-large", f"A delivery has at most {MAX_BODY // 1024} KiB.")
    return body
