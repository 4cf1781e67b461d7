"""Where Mercado Pago delivers its news."""

import logging
from typing import Any

from django.db import DatabaseError, transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from notifications import services
from notifications.tasks import doorbell
from pos.problems import document

logger = logging.getLogger(__name__)
MAX_BODY = 64 * 1024  # bytes


@csrf_exempt
def receive(request: HttpRequest, token: str) -> HttpResponse:
    """Keeps the delivery, rings for a worker, answers. It does not judge.

    A plain view, with nothing between it and its two statements: deliveries come in floods.
    """
    if request.method != "POST":
        return _refuse(
            405, _('Method "%(method)s" not allowed.') % {"method": request.method}, headers={"Allow": "POST"}
        )
    body = _read(request)
    if len(body) > MAX_BODY:
        return _refuse(413, f"A delivery has at most {MAX_BODY // 1024} KiB.", kind="too-large")
    try:
        notification_id = services.receive(
            token, headers=dict(request.headers), query=request.META.get("QUERY_STRING", ""), body=body
        )
    except DatabaseError as error:
        logger.warning("a delivery could not be stored: %s", error)
        return _refuse(503, "The delivery could not be stored; send it again.", kind="not-stored")
    if notification_id is None:
        return _refuse(404, _("There is no such thing here, or it is not this key's to see."))
    transaction.on_commit(lambda: doorbell.ring(notification_id))
    return HttpResponse(b"{}", content_type="application/json")


def _read(request: HttpRequest) -> bytes:
    """The body, also of a chunked request, whose length Django takes for 0; of a long one a byte too much."""
    stream = request.META["wsgi.input"] if request.META.get("wsgi.input_terminated") else request
    body: bytes = stream.read(MAX_BODY + 1)
    return body


def _refuse(status: int, detail: str, *, kind: str = "", headers: dict[str, Any] | None = None) -> JsonResponse:
    """As a problem, but declared as plain JSON: Mercado Pago is promised nothing else."""
    return JsonResponse(document(status, detail, kind=kind), status=status, headers=headers)
