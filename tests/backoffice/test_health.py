import json
import socket
import threading
from collections.abc import Iterator
from threading import Event
from time import monotonic
from unittest.mock import patch

import pytest
from celery import current_app
from django.db import OperationalError, connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client
from kombu import Connection

from backoffice import deadlines
from backoffice.health import CHECKS


def test_alive_touches_nothing(client) -> None:
    assert client.get("/healthz").json() == {"status": "ok"}


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "TRACE"])
def test_what_is_only_read_says_so_in_json(path: str, method: str) -> None:
    answer = Client(enforce_csrf_checks=True).generic(method, path)
    assert (answer.status_code, answer["Allow"]) == (405, "GET, HEAD")
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["status"] == 405


def test_ready_when_all_is_there(client, db) -> None:
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok", "down": {}})


def test_a_database_that_is_gone_is_named_and_what_it_said_is_for_the_log(client, db, caplog) -> None:
    with patch.object(BaseDatabaseWrapper, "cursor", side_effect=OperationalError("server at 10.0.0.7 is gone")):
        answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["down"]["database"] == "OperationalError"
    assert "server at 10.0.0.7 is gone" in caplog.text


@pytest.mark.postgresql
def test_a_database_that_takes_no_changes_is_named(client, db, monkeypatch) -> None:
    def here(questions, *, seconds):
        """On this connection, which is read-only; the others of this database are not."""
        return {name: outcome(question) for name, question in questions.items()}

    def outcome(question):
        try:
            return question()
        except Exception as error:
            return error

    monkeypatch.setattr(deadlines, "ask", here)
    with connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION READ ONLY")
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert "takes no changes" in answer.json()["down"]["database"]


def test_a_broker_that_is_gone_is_named(client, db, settings) -> None:
    with patch.object(current_app, "connection_for_write", side_effect=ConnectionError("refused")):
        answer = client.get("/readyz")
    assert answer.status_code == 503
    assert list(answer.json()["down"]) == ["broker"]


def test_migrations_that_wait_are_named_with_the_remedy(client, db) -> None:
    with patch.object(MigrationRecorder, "applied_migrations", return_value={}):
        answer = client.get("/readyz")
    assert answer.status_code == 503
    assert "manage.py migrate" in answer.json()["down"]["migrations"]


@pytest.mark.parametrize(
    "path", ["/api/v1/nothing", "/mp/nothing", "/api/v1/pos/A/orders/1", "/api/v1/orders/x", "/mp/orders/"]
)
@pytest.mark.parametrize("debug", [False, True])
def test_machines_get_a_problem_where_nothing_is(client, db, settings, path: str, debug: bool) -> None:
    settings.DEBUG = debug
    answer = client.get(path)
    assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")


def test_people_get_a_page_where_nothing_is(client, db) -> None:
    answer = client.get("/nothing")
    assert (answer.status_code, answer["Content-Type"]) == (404, "text/html; charset=utf-8")


def test_the_front_door_leads_to_the_admin(client) -> None:
    assert client.get("/")["Location"] == "/admin/"


@pytest.mark.parametrize("path", ["/mp", "/api/v1"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_the_begin_of_machines_addresses_is_no_page_either(client, db, path: str, method: str) -> None:
    answer = client.generic(method, path)
    assert (answer.status_code, answer.json()["status"]) == (404, 404)


@pytest.mark.parametrize(
    ("method", "query", "accept", "status"),
    [("GET", "?format=zzz", "*/*", 404), ("GET", "", "text/html", 406), ("POST", "", "*/*", 405)],
)
def test_what_is_wrong_about_the_schema_is_said_in_json(client, db, method, query, accept, status) -> None:
    answer = client.generic(method, f"/api/schema/{query}", headers={"Accept": accept})
    assert answer["Content-Type"] == "application/problem+json"
    assert (answer.status_code, json.loads(answer.content)["status"]) == (status, status)


def test_the_api_describes_itself(client, db) -> None:
    schema = client.get("/api/schema/").content.decode()
    for path in ("/api/v1/pos/{external_id}/status", "/api/v1/pos/{external_id}/orders", "/api/v1/orders/{id}/receipt"):
        assert path in schema, path
    assert client.get("/api/docs/").status_code == 200


@pytest.fixture
def silent() -> Iterator[int]:
    """A port that takes connections and never says anything."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_whatever_says_nothing_is_named_in_time(client, db, silent: int) -> None:
    hung = Connection(f"redis://127.0.0.1:{silent}/0", transport_options={"socket_timeout": 60})
    hung.get_transport_cls()  # loads it, before time is taken
    begin = monotonic()
    with (
        patch.object(current_app, "connection_for_write", lambda **_: hung),
        patch.dict(CHECKS, database=lambda: Event().wait(5)),
    ):
        answer = client.get("/readyz")
    assert monotonic() - begin < 2
    assert answer.status_code == 503
    assert answer.json()["down"] == dict.fromkeys(("database", "broker"), "TimeoutError: no answer within 1.5 s")


def test_an_empty_answer_is_an_answer() -> None:
    assert deadlines.ask({"nothing": list}, seconds=1) == {"nothing": []}


@pytest.mark.postgresql
def test_a_database_that_takes_connections_and_says_nothing_is_named_in_time(client, db, silent: int) -> None:
    begin = monotonic()
    with patch.dict(connections.settings["default"], HOST="127.0.0.1", PORT=silent):
        answer = client.get("/readyz")
    assert monotonic() - begin < 2
    assert {*answer.json()["down"]} == {"database", "migrations"}


@pytest.mark.postgresql
def test_who_waits_for_a_silent_database_is_cut_off_and_waits_no_more(db) -> None:
    def ask() -> bool:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(3)")
        return True

    before = {*threading.enumerate()}
    [answer] = deadlines.ask({"slow": ask}, seconds=0.3).values()
    assert isinstance(answer, TimeoutError)
    for thread in {*threading.enumerate()} - before:
        thread.join(2)
        assert not thread.is_alive()
    with connection.cursor() as cursor:  # the server would go on with it
        cursor.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(3)'")
