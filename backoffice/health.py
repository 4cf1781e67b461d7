"""Is this process alive; can it do its work."""

import logging
from collections.abc import Callable
from functools import cache, wraps

from celery import current_app
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from backoffice import deadlines
from backoffice.alarms import heartbeat
from pos.problems import as_response

logger = logging.getLogger(__name__)

_READING = ("GET", "HEAD")
_PATIENCE = 1.5  # seconds: probes want an answer, also when what they ask about says nothing at all


def read_only(view: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Only to be read, and whatever else is asked of it hears so in JSON."""

    @csrf_exempt
    @wraps(view)
    def guarded(request: HttpRequest) -> HttpResponse:
        if request.method in _READING:
            return view(request)
        answer = as_response(request, 405, _("There is only something to read at this address."))
        answer["Allow"] = ", ".join(_READING)
        return answer

    return guarded


@read_only
def healthz(request: HttpRequest) -> JsonResponse:
    """Alive: touches nothing."""
    return JsonResponse({"status": "ok"})


@read_only
def readyz(request: HttpRequest) -> JsonResponse:
    """Ready: 503 names what is down. A silent worker is a warning: without it customers can still be asked to pay."""
    answers = deadlines.ask(CHECKS, seconds=_PATIENCE)
    problems = {name: _told(answer) for name, answer in answers.items() if isinstance(answer, Exception)}
    body: dict[str, object] = {"status": "unavailable" if problems else "ok", "down": problems}
    if not problems and (since := heartbeat.silent_since()):
        body["warnings"] = {"worker": f"not heard of since {since.isoformat(timespec='seconds')}"}
    return JsonResponse(body, status=503 if problems else 200)


def _told(error: Exception) -> str:
    """What we say ourselves. What others say names hosts and ports, and anybody may ask: that is for the log."""
    text = f"{type(error).__name__}: {error}".splitlines()[0][:200]
    if isinstance(error, RuntimeError | TimeoutError):
        return text
    logger.warning("not ready: %s", text)
    return type(error).__name__


def _database() -> bool:
    """Whether it answers, and takes changes: one that was put to read-only, or is a standby, answers all the same."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW transaction_read_only" if connection.vendor == "postgresql" else "SELECT 'off'")
        [is_read_only] = cursor.fetchone()
    if is_read_only == "on":
        raise RuntimeError("it takes no changes: it was put to read-only, or is a standby")
    return True


def _broker() -> bool:
    with current_app.connection_for_write(connect_timeout=1) as broker:
        broker.ensure_connection(max_retries=1, interval_start=0, timeout=1)
    return True


def _migrations() -> bool:
    if waiting := _unapplied():
        raise RuntimeError(f"{len(waiting)} migrations are not applied: run manage.py migrate")
    return True


@cache
def graph_targets() -> tuple[tuple[str, str], ...]:
    """The last migration of each app. Reading them all takes a second where it is busy: the web does so beforehand."""
    return tuple(MigrationLoader(None).graph.leaf_nodes())


def _unapplied() -> list[tuple[str, str]]:
    applied = MigrationRecorder(connection).applied_migrations()
    return [target for target in graph_targets() if target not in applied]


CHECKS: dict[str, Callable[[], bool]] = {"database": _database, "broker": _broker, "migrations": _migrations}
