from unittest.mock import patch

import pytest
from django.db import OperationalError, connection
from django.db.migrations.recorder import MigrationRecorder


def test_alive_touches_nothing(client) -> None:
    assert client.get("/healthz").json() == {"status": "ok"}


def test_ready_when_all_is_there(client, db) -> None:
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok", "down": {}})


def test_a_database_that_is_gone_is_named(client, db) -> None:
    with patch.object(connection, "cursor", side_effect=OperationalError("gone")):
        answer = client.get("/readyz")
    assert answer.status_code == 503
    assert "gone" in answer.json()["down"]["database"]


@pytest.mark.postgresql
def test_a_database_that_takes_no_changes_is_named(client, db) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION READ ONLY")
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert "takes no changes" in answer.json()["down"]["database"]


def test_a_broker_that_is_gone_is_named(client, db, settings) -> None:
    from celery import current_app

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


def test_the_api_describes_itself(client, db) -> None:
    schema = client.get("/api/schema/").content.decode()
    for path in ("/api/v1/pos/{external_id}/status", "/api/v1/pos/{external_id}/orders", "/api/v1/orders/{id}/receipt"):
        assert path in schema, path
    assert client.get("/api/docs/").status_code == 200
