"""What Mercado Pago heard when it polled: kept as spells, cheaply, and never at the price of an answer."""

from datetime import timedelta
from unittest.mock import patch

import pytest
import time_machine
from django.db import DatabaseError, connection

from gateway.dialects import Situation
from orders import spells, tasks
from orders.models import Order, PollSpell
from orders.polling import answer_poll
from orders.settlement import settle
from orders.tasks import purge_spells
from pos.models import ControllerStatus, PointOfSale
from pos.services import report
from tests.factories import OrderFactory
from tests.orders.conftest import remote
from tests.receipts.conftest import at_once


@pytest.fixture
def clock(db):
    with time_machine.travel("2026-11-24T03:00:00Z", tick=False) as traveller:
        yield traveller


@pytest.fixture
def poll(clock, pos):
    """Ask once, then let some seconds pass."""

    def ask(then: float = 2.0) -> int:
        status = answer_poll(pos.poll_token).status
        clock.shift(timedelta(seconds=then))
        return status

    return ask


def told(pos: PointOfSale) -> list[tuple[str, int]]:
    return [(spell.heard, spell.polls) for spell in PollSpell.objects.filter(pos=pos).order_by("pk")]


def test_a_minute_of_polls_is_one_row_that_counts_them(poll, pos) -> None:
    for _ in range(30):
        poll()
    assert len(told(pos)) == 1
    heard, polls = told(pos)[0]
    assert (heard, 25 <= polls <= 30) == ("nothing", True)
    spell = PollSpell.objects.get()
    assert timedelta(seconds=40) <= spell.last_at - spell.since <= timedelta(seconds=60)


def test_an_order_that_appears_is_a_spell_of_its_own_at_once(poll, pos) -> None:
    report(pos, ControllerStatus.IN_PROCESS)
    poll()
    order = OrderFactory.create(pos=pos)
    assert poll() == 200
    assert [heard for heard, _polls in told(pos)] == ["in_process", "order"]
    assert PollSpell.objects.latest("pk").order == order


def test_the_next_order_is_another_spell(poll, pos, paid) -> None:
    first = OrderFactory.create(pos=pos)
    poll()
    settle(first.pk, remote(paid(first)), actor="test")
    second = OrderFactory.create(pos=pos)
    poll()
    assert list(PollSpell.objects.order_by("pk").values_list("order", flat=True)) == [first.pk, second.pk]


def test_after_a_pause_somebody_else_scans(poll, pos) -> None:
    poll(then=61)
    poll()
    assert [heard for heard, _polls in told(pos)] == ["nothing", "nothing"]
    assert PollSpell.objects.filter(is_going_on=True).count() == 1


def test_between_two_writes_a_poll_costs_what_it_did(poll, pos, django_assert_num_queries) -> None:
    poll()
    with django_assert_num_queries(2):
        poll()
    OrderFactory.create(pos=pos)
    poll()
    with django_assert_num_queries(2):
        poll()


def test_what_goes_on_is_one_more_statement_every_ten_seconds(poll, pos, django_assert_num_queries) -> None:
    poll(then=11)
    with django_assert_num_queries(4):  # read the point of sale, remember the poll, look for an order; and the spell
        poll()


@pytest.mark.django_db(transaction=True)  # as in production, where a poll is no transaction
@pytest.mark.parametrize("is_first", [True, False])
def test_a_spell_that_cannot_be_written_never_prevents_an_answer(poll, pos, order, is_first, caplog) -> None:
    def refuse(execute, sql, *rest):
        if "pollspell" in sql:
            raise DatabaseError("disk full")
        return execute(sql, *rest)

    if not is_first:
        poll(then=11)
    with connection.execute_wrapper(refuse):
        assert poll() == 200
    assert "could not be written down" in caplog.text
    order.refresh_from_db()
    assert order.first_served_at is not None


def test_whatever_breaks_in_counting_never_prevents_an_answer(poll, order) -> None:
    with patch("orders.spells._go_on", side_effect=OverflowError):
        assert poll() == 200


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_of_polls_at_once_one_spell_goes_on_and_none_fails(pos, caplog) -> None:
    at_once(lambda _n: spells.keep(pos, None, Situation.NOTHING), range(8))
    assert PollSpell.objects.filter(pos=pos, is_going_on=True).count() == 1
    assert not caplog.records


def test_old_spells_are_forgotten_and_orders_stay(poll, pos, order, clock, settings) -> None:
    poll()
    clock.shift(timedelta(days=settings.TIMELINE_RETENTION_DAYS, seconds=-10))
    purge_spells()
    assert PollSpell.objects.count() == 1
    clock.shift(timedelta(seconds=20))
    purge_spells()
    assert (PollSpell.objects.count(), Order.objects.count()) == (0, 1)


def test_they_are_forgotten_batch_by_batch(poll, order, clock, settings, monkeypatch) -> None:
    monkeypatch.setattr(tasks, "BATCH", 2)
    monkeypatch.setattr(purge_spells, "delay", purge_spells)
    for _ in range(5):
        poll(then=spells.PAUSE.total_seconds() + 1)
    assert PollSpell.objects.count() == 5
    clock.shift(timedelta(days=settings.TIMELINE_RETENTION_DAYS))
    purge_spells()
    assert not PollSpell.objects.exists()
