"""Which worker does what."""

import re
from unittest.mock import Mock, patch

import pytest
from celery import signals
from celery.app.amqp import Queues
from django.conf import settings

from config import drawing
from config.celery import app
from config.drawing import PRINTED

PROCFILE = (settings.ROOT / "Procfile").read_text()


def queue_of(task: str) -> str:
    name: str = app.amqp.router.route({}, task)["queue"].name
    return name


def test_drawing_and_printing_have_queues_of_their_own() -> None:
    app.loader.import_default_modules()
    ours = [name for name in app.tasks if not name.startswith("celery.")]
    sweeps = {name for name in ours if name.startswith("receipts.tasks.sweep")}
    prints = {f"receipts.tasks.{name}" for name in ("print_due", "look_at_printer", "look_at_printers")}
    draws = {name for name in ours if name.startswith("receipts.")} - sweeps - prints
    assert {queue_of(name) for name in draws} == {"receipts"}
    assert {queue_of(name) for name in prints} == {"printing"}
    assert {queue_of(name) for name in ours if name not in draws | prints} == {"celery"}


def test_what_looks_for_receipts_left_out_does_not_wait_behind_those_that_are_drawn() -> None:
    app.loader.import_default_modules()
    sweeps = {name for name in app.conf.beat_schedule if name.startswith("receipts.tasks.sweep")}
    assert len(sweeps) == 5
    assert {queue_of(name) for name in sweeps} == {"celery"}


def test_the_procfiles_worker_takes_from_every_queue() -> None:
    [worker] = [line for line in PROCFILE.splitlines() if line.startswith("worker:")]
    [queues] = re.findall(r"-Q (\S+)", worker)
    assert {queue_of(name) for name in app.tasks} - {PRINTED} <= set(queues.split(","))


@pytest.mark.parametrize(
    ("chosen", "taken"),
    [("celery,receipts", {"celery"}), ("receipts", {"receipts", "printing"}), ("celery", {"celery"})],
)
def test_whoever_draws_prints(chosen: str, taken: set[str]) -> None:
    """Also who was told of the queue for drawing alone, before there was one for printing."""
    worker = Mock()
    worker.app.amqp.queues = Queues({})
    worker.app.amqp.queues.select(chosen.split(","))
    with patch.object(signals.worker_ready, "connect"), patch.object(signals.worker_shutdown, "connect"):
        drawing.arrange(worker)
    assert {*worker.app.amqp.queues.consume_from} == taken
