"""Is this process alive; can it do its work."""

from collections.abc import Callable
from functools import cache

from celery import current_app
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder
from django.http import HttpRequest, JsonResponse


def healthz(request: HttpRequest) -> JsonResponse:
    """Alive: touches nothing."""
    return JsonResponse({"status": "ok"})


def readyz(request: HttpRequest) -> JsonResponse:
    """Ready: 503 names what is down."""
    problems = {name: error for name, check in CHECKS.items() if (error := _try(check))}
    body = {"status": "unavailable" if problems else "ok", "down": problems}
    return JsonResponse(body, status=503 if problems else 200)


def _try(check: Callable[[], None]) -> str:
    try:
        check()
    except Exception as error:
        return f"{type(error).__name__}: {error}".splitlines()[0][:200]
    return ""


def _database() -> None:
    """Whether it answers, and takes changes: one that was put to read-only, or is a standby, answers all the same."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW transaction_read_only" if connection.vendor == "postgresql" else "SELECT 'off'")
        [is_read_only] = cursor.fetchone()
    if is_read_only == "on":
        raise RuntimeError("it takes no changes: it was put to read-only, or is a standby")


def _broker() -> None:
    with current_app.connection_for_write(connect_timeout=1) as broker:
        broker.ensure_connection(max_retries=1, interval_start=0, timeout=1)


def _migrations() -> None:
    if waiting := _unapplied():
        raise RuntimeError(f"{len(waiting)} migrations are not applied: run manage.py migrate")


@cache
def _graph_targets() -> tuple[tuple[str, str], ...]:
    return tuple(MigrationExecutor(connection).loader.graph.leaf_nodes())


def _unapplied() -> list[tuple[str, str]]:
    applied = MigrationRecorder(connection).applied_migrations()
    return [target for target in _graph_targets() if target not in applied]


CHECKS: dict[str, Callable[[], None]] = {"database": _database, "broker": _broker, "migrations": _migrations}
