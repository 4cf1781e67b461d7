"""Beat goes by the clock of the machine, which may be put back."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from celery import Celery

from config.beat import Scheduler
from config.celery import app as product


class Noting(Scheduler):
    """Sends nothing, and notes what it would."""

    sent: list[str]

    def apply_async(self, entry, producer=None, advance=True, **kwargs):
        self.sent.append(entry.name)


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel("2026-11-29T03:00:00Z", tick=False) as clock:
        yield clock


def scheduler(path) -> Noting:
    app = Celery("test", broker="memory://", set_as_current=False)
    app.conf.update(
        timezone="UTC",
        result_expires=None,
        beat_schedule={n: {"task": n, "schedule": s} for n, s in (("a", 5.0), ("b", 10.0))},
    )
    made = Noting(app, schedule_filename=str(path / "schedule"))
    made.sent = []
    return made


def ticks(beat: Noting, how_many: int = 6) -> list[str]:
    beat.sent = []
    for _ in range(how_many):
        beat.tick()
    return sorted(beat.sent)


def test_it_is_the_one_that_the_product_uses() -> None:
    assert product.conf.beat_scheduler == "config.beat:Scheduler"


def test_a_clock_that_is_put_back_stops_no_sweep(tmp_path, clock) -> None:
    beat = scheduler(tmp_path)
    clock.shift(timedelta(seconds=11))
    assert ticks(beat) == ["a", "b"]
    clock.shift(timedelta(hours=-1))
    assert ticks(beat) == ["a", "b"]
    assert ticks(beat) == []
    clock.shift(timedelta(seconds=6))
    assert ticks(beat) == ["a"]


def test_so_does_one_that_remembers_a_clock_that_was_ahead(tmp_path, clock) -> None:
    beat = scheduler(tmp_path)
    clock.shift(timedelta(seconds=11))
    ticks(beat)
    beat.close()
    clock.shift(timedelta(hours=-1))
    again = scheduler(tmp_path)
    assert ticks(again) == ["a", "b"]
    again.close()


def test_while_the_clock_goes_on_it_is_celerys_own(tmp_path, clock) -> None:
    beat = scheduler(tmp_path)
    seen = []
    for _ in range(20):
        clock.shift(timedelta(seconds=1))
        seen += ticks(beat, 3)
    assert (seen.count("a"), seen.count("b")) == (4, 2)
