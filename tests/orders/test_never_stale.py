"""The polled URL under fire: no answer contradicts what was committed before the question was asked."""

import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import psycopg
import pytest
import requests
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from backoffice.stack import ROOT, free_port
from orders.models import Order
from orders.settlement import move, settle
from orders.states import Status
from pos.models import ControllerStatus, PointOfSale
from pos.services import report
from stores.models import Account
from tests.factories import OrderFactory
from tests.orders.conftest import remote

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]
ROUNDS, POLLERS, OF_EACH_STATE = 12, 6, 12
NAMED = f"never-stale-{os.getpid()}"  # the web's sessions: no others are to be cut


@pytest.fixture
def web(transactional_db, tmp_path) -> Iterator[str]:
    """The web process of the Procfile on the test's database."""
    database = connection.settings_dict
    user, place = f"{database['USER']}:{database['PASSWORD']}", f"{database['HOST']}:{database['PORT']}"
    url = f"postgres://{user}@{place}/{database['NAME']}?application_name={NAMED}"
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", "config.wsgi:application", "--config", "python:config.gunicorn"]
    env = {
        "PATH": "", "DEBUG": "on", "DATABASE_URL": url, "PORT": str(port), "VAR_DIR": str(tmp_path),
        "PUBLIC_URL": settings.PUBLIC_URL, "LOG_LEVEL": "ERROR", "SECRET_KEY": "", "FIELD_ENCRYPTION_KEYS": "",
        "REDIS_URL": "", "MERCADO_PAGO_CALLS_PER_SECOND": "0",  # six ask one token as fast as they can
    }  # fmt: skip
    with (tmp_path / "web.log").open("wb") as log, subprocess.Popen(  # our own command line
        command, cwd=ROOT, env=env, stdout=log, stderr=log
    ) as process:  # fmt: skip
        try:
            _wait_for(f"http://127.0.0.1:{port}/healthz")
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


@dataclass(frozen=True)
class Truth:
    """What is committed; while it changes, nothing is expected."""

    says: tuple[int, str] | None
    polls: list[float] = field(default_factory=list)  # that began and ended while this was the truth


class Board:
    """What is true just now, and what was heard."""

    def __init__(self) -> None:
        self.truth = Truth(None)
        self.heard: Counter[str] = Counter()
        self.wrong: list[str] = []
        self.is_over = False

    def poll(self, url: str) -> None:
        try:
            self._poll(url)
        except Exception as error:
            self.wrong.append(f"a poll failed: {error!r}")

    def _poll(self, url: str) -> None:
        session = requests.Session()
        while not self.is_over:
            truth = self.truth
            answer = session.get(url, timeout=10)
            if truth.says is None or truth is not self.truth:
                continue  # it changed meanwhile: both are right
            truth.polls.append(time.monotonic())
            self.heard[answer.headers.get("Vary", "at once") or "by Django"] += 1
            if (said := _said(answer)) != truth.says:
                self.wrong.append(f"{said} although {truth.says}")

    def after(self, change: Callable[[], Any], *, says: tuple[int, str]) -> None:
        """Make the change, then let everybody ask for a while."""
        self.truth = Truth(None)
        change()
        self.truth = Truth(says)
        end = time.monotonic() + 30
        while len(self.truth.polls) < OF_EACH_STATE and not self.wrong:
            assert time.monotonic() < end, f"too few polls of {says}"
            time.sleep(0.002)


def test_no_answer_contradicts_a_commit_that_preceded_the_question(web, pos, paid, payment) -> None:
    board = Board()
    with ThreadPoolExecutor(POLLERS) as pollers:
        for _n in range(POLLERS):
            pollers.submit(board.poll, f"{web}/mp/orders/{pos.poll_token}")
        try:
            for number in range(ROUNDS):
                _play(board, pos, number, paid, payment)
        finally:
            board.is_over = True
    assert not board.wrong
    assert board.heard["at once"] > 100, "most polls were to be answered ahead of Django"


def _play(board: Board, pos: PointOfSale, number: int, paid: Any, payment: Any) -> None:
    """One customer: every change after which the answer is another one."""
    nothing = (400, "unavailable")
    board.after(lambda: report(pos, ControllerStatus.IN_PROCESS), says=(400, "in_process"))
    order = OrderFactory.build(pos=pos, idempotency_key=f"stale-{number}")
    offered = (200, order.external_reference)
    board.after(order.save, says=offered)
    board.after(lambda: report(pos, ControllerStatus.OFFLINE), says=offered)
    board.after(lambda: PointOfSale.objects.update(is_active=False), says=nothing)
    board.after(lambda: PointOfSale.objects.update(is_active=True, dialect="v2"), says=offered)
    board.after(lambda: Account.objects.update(is_active=False), says=(202, "Waiting_for_order"))
    board.after(lambda: Account.objects.update(is_active=True), says=offered)
    board.after(lambda: PointOfSale.objects.update(dialect=""), says=offered)
    if number % 3 == 0:
        board.after(_sessions_cut, says=offered)
        one = paid(order, payment(7000 + number, 500.0), id=8000 + number)
        board.after(lambda: settle(order.pk, remote(one), actor="test"), says=(400, "timeout"))
    elif number % 3 == 1:
        board.after(lambda: _cancel(order), says=(400, "timeout"))
    else:
        soon = timezone.now() - timedelta(seconds=1)
        board.after(lambda: Order.objects.filter(pk=order.pk).update(expires_at=soon), says=(400, "timeout"))
        Order.objects.filter(pk=order.pk).update(status="expired")
    board.after(lambda: report(pos, ControllerStatus.IDLE), says=nothing)


@transaction.atomic
def _cancel(order: Order) -> None:
    move(Order.objects.locked().get(pk=order.pk), Status.CANCELED, reason="canceled", actor="test")


def _sessions_cut() -> None:
    """As when PostgreSQL is restarted; until each thread of the web has a new one, its answer may be a timeout."""
    with psycopg.connect(**{**connection.get_connection_params(), "cursor_factory": psycopg.Cursor}) as other:
        cut = other.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = %s", [NAMED]
        ).fetchall()
    assert cut, "the web has sessions"


def _said(answer: requests.Response) -> tuple[int, str]:
    body = answer.json()
    if answer.status_code == 200:
        return 200, body["external_reference"]
    return answer.status_code, body["error"]["type"] if answer.status_code == 400 else body["status"]["status_detail"]


def _wait_for(url: str) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        try:
            if requests.get(url, timeout=2).ok:
                return
        except requests.RequestException:
            time.sleep(0.05)
    raise TimeoutError(url)
