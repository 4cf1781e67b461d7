"""The worker's process, and the one that draws for it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from celery.fixups.django import DjangoWorkerFixup  # type: ignore[attr-defined]
from celery.signals import task_prerun
from django.conf import settings
from django.db import connection

from config.celery import app
from notifications.tasks import process_notifications
from stores.models import Account


def test_connections_are_kept_between_tasks() -> None:
    assert DjangoWorkerFixup(app).db_reuse_max


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_a_connection_that_the_database_dropped_is_made_anew_for_the_next_task() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        [backend] = cursor.fetchone()
    with psycopg.connect(**{**connection.get_connection_params(), "cursor_factory": psycopg.Cursor}) as other:
        other.execute("SELECT pg_terminate_backend(%s)", [backend])
    task_prerun.send(sender=process_notifications)
    assert not Account.objects.exists()


def until(happens: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not happens():
        assert time.monotonic() < end
        time.sleep(0.1)


def drawers(pid: int) -> list[int]:
    """Of any thread of the worker."""
    texts = [file.read_text() for file in Path(f"/proc/{pid}/task").glob("*/children")]
    return [int(child) for text in texts for child in text.split()]


def is_alive(pid: int) -> bool:
    stat = Path(f"/proc/{pid}/stat")
    return stat.exists() and stat.read_text().rpartition(")")[2].split()[0] != "Z"


@pytest.fixture
def worker(tmp_path: Path) -> "Iterator[subprocess.Popen[bytes]]":
    [line] = [one for one in (settings.ROOT / "Procfile").read_text().splitlines() if one.startswith("worker:")]
    command = [sys.executable, "-m", *line.partition(":")[2].split()]
    env = os.environ | {"DJANGO_SETTINGS_MODULE": "config.settings", "DEBUG": "on", "VAR_DIR": str(tmp_path)}
    env |= {"DATABASE_URL": "", "REDIS_URL": ""}
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(command, cwd=settings.ROOT, env=env, stdout=log, stderr=log, start_new_session=True)
    yield process
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def test_the_process_that_draws_is_looked_after_and_goes_with_its_worker(worker, tmp_path) -> None:
    until(lambda: b"drawer@" in (tmp_path / "log").read_bytes())
    [first] = drawers(worker.pid)
    os.kill(first, signal.SIGKILL)
    until(lambda: drawers(worker.pid) not in ([], [first]))
    [second] = drawers(worker.pid)
    until(lambda: (tmp_path / "log").read_bytes().count(b"drawer@") >= 2)  # the second one is ready
    os.kill(worker.pid, signal.SIGKILL)
    worker.wait()
    until(lambda: not is_alive(second))
