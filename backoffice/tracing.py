"""A name for each request and each task, in every line they log: from the request on to the tasks it wakes."""

import os
import re
from collections.abc import Callable
from time import time
from typing import Any, Final

from celery import Task
from django.http import HttpRequest, HttpResponseBase
from structlog.contextvars import bind_contextvars, get_contextvars, reset_contextvars

from stores import metrics
from stores.queues import SENT_AT
from stores.tracing import following

REQUEST_ID: Final = "request_id"
NAMED: Final = "backoffice.request_id"  # in a request's META: for what Django logs when its names are gone
_SANE = re.compile(r"[\w.:/+=@-]{8,128}", re.ASCII)  # what proxies and tracers make; anything else may be an attack


class RequestIdMiddleware:
    """The proxy's X-Request-Id if it is a sane one, or a new one; answered, so that a caller can name it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        given = request.META.get("HTTP_X_REQUEST_ID", "")
        request_id = given if _SANE.fullmatch(given) else os.urandom(12).hex()
        request.META[NAMED] = request_id
        with following(request_id=request_id):
            response = self._get_response(request)
        response.headers["X-Request-Id"] = request_id
        return response


def pass_on(headers: dict[str, Any], **_: object) -> None:
    """Before a message is sent: by whom it was asked for, and when."""
    headers[SENT_AT] = time()
    if request_id := get_contextvars().get(REQUEST_ID):
        headers[REQUEST_ID] = request_id


def take_up(task_id: str, task: "Task[..., Any]", **_: object) -> None:
    """Before a task: its lines carry its own id and name, and the id of the request that woke it."""
    names = {"task_id": task_id, "task": task.name}
    if request_id := getattr(task.request, REQUEST_ID, None):
        names[REQUEST_ID] = request_id
    task.request.update(log_tokens=bind_contextvars(**names))


def let_go(task: "Task[..., Any]", **_: object) -> None:
    """After a task: its thread takes others."""
    metrics.tasks.count(task.name)
    reset_contextvars(**getattr(task.request, "log_tokens", {}))
