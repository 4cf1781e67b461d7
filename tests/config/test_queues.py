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
    sweeps = {name for name in ours if name.startswith("receipts.tasks.sweep")}
    draws = {name for name in ours if name.startswith("receipts.")} - sweeps
    assert {queue_of(name) for name in draws} == {"receipts"}
    assert {queue_of(name) for name in ours if name not in draws} == {"celery"}


def test_what_looks_for_receipts_left_out_does_not_wait_behind_those_that_are_drawn() -> None:
    app.loader.import_default_modules()
    sweeps = {name for name in app.conf.beat_schedule if name.startswith("receipts.tasks.sweep")}
    assert len(sweeps) == 5
    assert {queue_of(name) for name in sweeps} == {"celery"}


def test_the_procfiles_worker_takes_from_every_queue() -> None:
    [worker] = [line for line in PROCFILE.splitlines() if line.startswith("worker:")]
    [queues] = re.findall(r"-Q (\S+)", worker)
    assert {queue_of(name) for name in app.tasks} <= set(queues.split(","))
