"""What controllers said, kept as spells of saying the same."""

from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine

from pos import tasks
from pos.models import ControllerStatus, PointOfSale, StatusSpell
from pos.services import report
from pos.tasks import purge_spells

IDLE, IN_PROCESS, OFFLINE = ControllerStatus.IDLE, ControllerStatus.IN_PROCESS, ControllerStatus.OFFLINE


@pytest.fixture
def clock(db):
    with time_machine.travel("2026-11-24T03:00:00Z", tick=False) as traveller:
        yield traveller


@pytest.fixture
def say(clock, pos):
    """Report as a controller does, with the row as a request would read it; then let time pass."""

    def report_it(status: ControllerStatus, amount: str | None = None, then: int = 5) -> None:
        fresh = PointOfSale.objects.select_related("store__account").get(pk=pos.pk)
        report(fresh, status, amount_so_far=None if amount is None else Decimal(amount))
        clock.shift(timedelta(seconds=then))

    return report_it


def test_heartbeats_are_counted_and_not_stored(say, pos) -> None:
    for _ in range(10):
        say(IDLE)
    pos.refresh_from_db()
    assert (StatusSpell.objects.count(), pos.status_reports) == (0, 10)
    assert pos.status_at - pos.status_since == timedelta(seconds=45)


def test_a_change_stores_what_it_ends(say, pos) -> None:
    say(IDLE)
    for amount in ("10.00", "480.00"):
        say(IN_PROCESS, amount)
    say(IDLE)
    idle, sale = StatusSpell.objects.order_by("pk")
    assert (idle.status, idle.reports, idle.amount) == ("idle", 1, None)
    assert (sale.status, sale.reports, sale.amount) == ("in_process", 2, Decimal("480.00"))
    assert sale.last_at - sale.since == timedelta(seconds=5)
    pos.refresh_from_db()
    assert (pos.status, pos.status_reports) == ("idle", 1)


def test_a_controller_that_was_silent_begins_anew(say, pos) -> None:
    PointOfSale.objects.update(heartbeat=30)
    say(IDLE, then=20)
    say(IDLE, then=31)
    say(IDLE)
    assert [(s.status, s.reports) for s in StatusSpell.objects.all()] == [("idle", 2)]


def test_without_a_heartbeat_nobody_is_silent(say, pos) -> None:
    say(IDLE, then=3600)
    say(IDLE)
    assert not StatusSpell.objects.exists()


def test_a_heartbeat_costs_one_statement(clock, pos, django_assert_num_queries) -> None:
    report(pos, IDLE)
    with django_assert_num_queries(1):
        report(pos, IDLE)


def test_a_report_that_was_overtaken_ends_no_spell_twice(clock, pos) -> None:
    report(pos, IN_PROCESS)
    late = PointOfSale.objects.get(pk=pos.pk)
    report(pos, IDLE)
    report(late, IDLE)
    assert [s.status for s in StatusSpell.objects.all()] == ["in_process"]
    pos.refresh_from_db()
    assert pos.status == "idle"


def test_old_spells_are_forgotten(say, clock, settings) -> None:
    say(IDLE)
    say(OFFLINE)
    purge_spells()
    assert StatusSpell.objects.count() == 1
    clock.shift(timedelta(days=settings.TIMELINE_RETENTION_DAYS, minutes=1))
    purge_spells()
    assert not StatusSpell.objects.exists()


def test_they_are_forgotten_batch_by_batch(say, clock, settings, monkeypatch) -> None:
    monkeypatch.setattr(tasks, "_SPELLS_BATCH", 2)
    monkeypatch.setattr(purge_spells, "delay", purge_spells)
    for status in (IDLE, OFFLINE) * 3:
        say(status)
    assert StatusSpell.objects.count() == 5
    clock.shift(timedelta(days=settings.TIMELINE_RETENTION_DAYS, minutes=1))
    purge_spells()
    assert not StatusSpell.objects.exists()
