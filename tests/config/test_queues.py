"""Which worker does what."""

import re

from django.conf import settings

from config.celery import app

PROCFILE = (settings.ROOT / "Procfile").read_text()


def queue_of(task: str) -> str:
    name: str = app.amqp.router.route({}, task)["queue"].name
    return name


def test_drawing_has_a_queue_of_its_own() -> None:
    app.loader.import_default_modules()
    ours = [name for name in app.tasks if not name.startswith("celery.")]
    assert {queue_of(name) for name in ours if name.startswith("receipts.")} == {"receipts"}
    assert {queue_of(name) for name in ours if not name.startswith("receipts.")} == {"celery"}


def test_the_procfiles_worker_takes_from_every_queue() -> None:
    [worker] = [line for line in PROCFILE.splitlines() if line.startswith("worker:")]
    [queues] = re.findall(r"-Q (\S+)", worker)
    assert {queue_of(name) for name in app.tasks} <= set(queues.split(","))
