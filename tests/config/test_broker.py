"""The brokers: real ones, with messages that really pass through."""

import json
from pathlib import Path

import pytest
from celery import Celery
from django.conf import settings
from kombu import Connection

import config.celery  # noqa: F401 - registers embedded://


@pytest.fixture
def broker(tmp_path: Path) -> Connection:
    folders = ("data_folder_in", "data_folder_out")
    options = {name: str(tmp_path / "messages") for name in folders} | {"control_folder": str(tmp_path / "control")}
    return Connection("embedded://localhost/", transport_options=options)


def test_a_message_passes_through_the_embedded_broker(broker: Connection) -> None:
    with broker.SimpleQueue("passes") as queue:  # names of their own: kombu remembers queues for the whole process
        queue.put({"id": 5})
        message = queue.get(timeout=2)
        assert message.payload == {"id": 5}
        message.ack()


def test_a_message_is_whole_as_soon_as_a_reader_can_see_it(broker: Connection, tmp_path: Path, monkeypatch) -> None:
    seen = []

    def look(source: str, to: Path) -> None:
        seen.append([file.suffix for file in (tmp_path / "messages").iterdir()])
        seen.append(json.loads(Path(source).read_text())["properties"]["delivery_info"]["routing_key"])
        Path(source).rename(to)

    monkeypatch.setattr("config.broker.os.replace", look)
    with broker.SimpleQueue("whole") as queue:
        queue.put({"id": 5})
    assert seen == [[".part"], "whole"]
    assert [file.suffix for file in (tmp_path / "messages").iterdir()] == [".msg"]


def test_a_folder_that_is_gone_is_made_again(broker: Connection, tmp_path: Path) -> None:
    broker.ensure_connection(max_retries=1)
    (tmp_path / "messages").rmdir()
    broker.close()
    with broker.clone().SimpleQueue("again") as queue:
        queue.put({"id": 6})
        assert queue.get(timeout=2).payload == {"id": 6}


@pytest.mark.redis
def test_a_message_passes_through_redis() -> None:
    app = Celery(broker=settings.REDIS_URL)
    with app.connection_for_write() as connection, connection.SimpleQueue("qr-unattended-test") as queue:
        queue.clear()
        queue.put({"id": 7})
        message = queue.get(timeout=2)
        assert message.payload == {"id": 7}
        message.ack()


@pytest.mark.redis
def test_the_cache_is_redis() -> None:
    from django.core.cache import cache

    cache.set("qr-unattended-test", 5, 10)
    assert cache.get("qr-unattended-test") == 5
