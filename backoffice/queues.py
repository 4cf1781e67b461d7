"""How many messages wait in the queue, and for how long: in Redis, or in the folder of the embedded broker."""

import json
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from time import time
from typing import Any, NamedTuple

from celery import current_app
from django.conf import settings
from prometheus_client.core import GaugeMetricFamily, Metric

from backoffice.tracing import SENT_AT


class Depth(NamedTuple):
    """Of one queue: messages that no worker has taken, and how many seconds the oldest waits."""

    queue: str
    messages: int
    oldest: float


def gauges() -> list[Metric]:
    messages = GaugeMetricFamily("qr_queue_messages", "Messages that no worker has taken yet.", labels=["queue"])
    oldest = GaugeMetricFamily("qr_queue_oldest_seconds", "How long the oldest message waits.", labels=["queue"])
    for one in depths():
        messages.add_metric([one.queue], one.messages)
        oldest.add_metric([one.queue], one.oldest)
    return [messages, oldest]


def depths() -> list[Depth]:
    """Of every queue that tasks are sent to. Raises whatever a broker that is gone raises."""
    routes = current_app.conf.task_routes or {}
    names = sorted({current_app.conf.task_default_queue, *(route["queue"] for route in routes.values())})
    return list(_in_redis(names) if settings.REDIS_URL else _in_folder(names))


def _in_redis(names: list[str]) -> Iterator[Depth]:
    """kombu puts a queue's messages into a list, the oldest at its end."""
    with current_app.connection_for_read() as broker:
        redis: Any = broker.default_channel
        asked = redis.client.pipeline(transaction=False)
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
