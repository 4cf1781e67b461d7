"""How many messages wait in the queue, and for how long: in Redis, or in the folder of the embedded broker."""

import json
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from time import time
from typing import Any, Final, NamedTuple

from celery import current_app
from django.conf import settings

SENT_AT: Final = "sent_at"  # a message's header: Unix time in seconds; the age of a queue is told by it


class Depth(NamedTuple):
    """Of one queue: messages that no worker has taken, and how many seconds the oldest waits."""

    queue: str
    messages: int
    oldest: float


def depths() -> list[Depth]:
    """Of every queue that tasks are sent to. Raises whatever a broker that is gone raises."""
    routes = current_app.conf.task_routes or {}
    names = sorted({current_app.conf.task_default_queue, *(route["queue"] for route in routes.values())})
    with current_app.connection_for_read() as broker:
        is_redis = broker.transport.driver_type == "redis"
        return list(_in_redis(broker.default_channel, names) if is_redis else _in_folder(names))


def _in_redis(channel: Any, names: list[str]) -> Iterator[Depth]:
    """kombu puts a queue's messages into a list, the oldest at its end."""
    asked = channel.client.pipeline(transaction=False)
    for name in names:
        asked.llen(name)
        asked.lindex(name, -1)
    answers = iter(asked.execute())
    for name, messages, oldest in zip(names, answers, answers, strict=True):
        yield Depth(name, messages, _age(oldest) if oldest else 0)


def _age(message: bytes) -> float:
    sent = 0.0
    with suppress(ValueError, KeyError, TypeError):  # what an older version sent says nothing of it
        sent = float(json.loads(message)["headers"][SENT_AT])
    return max(time() - sent, 0) if sent else 0


def _in_folder(names: list[str]) -> Iterator[Depth]:
    """One file each: `<nanoseconds since 1970>_<id>.<queue>.msg`."""
    folder = Path(str(settings.CELERY_BROKER_TRANSPORT_OPTIONS.get("data_folder_in", "")))
    for name in names:
        sent = [int(file.name.partition("_")[0]) for file in folder.glob(f"*.{name}.msg")]
        yield Depth(name, len(sent), max(time() - min(sent) / 1e9, 0) if sent else 0)
