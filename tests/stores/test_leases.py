"""A living worker keeps what it works at; what a dead one held is gone on with within a minute."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from threading import Barrier
from time import monotonic, sleep

import pytest
from django.db import connection
from django.utils import timezone

from orders.errands import CHECK
from orders.models import Order
from stores import leases, turns, working
from stores.models import Errand, ErrandStep
from stores.working import Outcome, Work
from tests.factories import OrderFactory

LIST = "/admin/orders/order/"


@pytest.fixture
def errand(store) -> Errand:
    orders = OrderFactory.create_batch(2, pos__store=store)
    keys = [order.pk for order in orders]
    return working.ask(work=CHECK, user_id=None, keys=keys, back=LIST, action="check_now", rows_url=LIST)


@pytest.fixture
def quick(monkeypatch) -> None:
    """As always, but a hundred times as fast."""
    monkeypatch.setattr(leases, "take", partial(leases.take, held=timedelta(seconds=0.4), beat=0.1))


def do_instead(monkeypatch, do, **more) -> None:
    work = Work(name="orders.check", label="x", rows=Order.objects.all, do=do, **more)
    monkeypatch.setattr(turns, "work_of", lambda name: work)


def row(errand: Errand):
    return Errand.objects.filter(pk=errand.pk)


def test_a_dead_workers_hold_is_over_within_a_minute(errand) -> None:
    leases.take(row(errand))
    due = row(errand).get().due_at
    assert due
    assert timedelta(seconds=20) < due - timezone.now() < timedelta(minutes=1)
    assert leases.HELD.total_seconds() > leases.BEAT * 2, "a beat may be missed"


def test_who_lost_its_hold_changes_nothing_any_more(errand) -> None:
    slow = leases.take(row(errand))
    row(errand).update(due_at=timezone.now())
    fast = leases.take(row(errand))
    assert slow
    assert fast
    held = row(errand).get().due_at
    assert not slow.renew()
    slow.give_back(timedelta())
    assert not slow.end(finished_at=timezone.now())
    assert row(errand).get().due_at == held
    assert not row(errand).get().is_over
    assert fast.end(finished_at=timezone.now())


def test_a_worker_that_lost_its_hold_begins_nothing_more(errand, monkeypatch) -> None:
    done = []

    def do(order: Order, _errand: Errand) -> Outcome:
        done.append(order.pk)
        row(errand).update(due_at=timezone.now() + timedelta(minutes=1))  # another has it now
        return Outcome("done")

    do_instead(monkeypatch, do)
    turns.go_on(errand.pk, seconds=60)
    assert len(done) == 1
    assert errand.steps.filter(state=ErrandStep.State.WAITING).count() == 1


def test_a_file_made_in_vain_is_not_left_behind(errand, monkeypatch) -> None:
    def finish(_errand: Errand, _rows) -> tuple[str, bytes]:
        working.stop(errand)
        return "x.pdf", b"%PDF"

    do_instead(monkeypatch, lambda order, errand: Outcome("done"), finish=finish)
    turns.go_on(errand.pk, seconds=60)
    errand.refresh_from_db()
    assert (bool(errand.file), errand.stopped_at is not None) == (False, True)
    assert not errand.file.storage.exists(f"errands/{errand.pk}/x.pdf")


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_of_two_workers_one_works_however_long_it_takes(errand, monkeypatch, quick) -> None:
    """Each object and the file take several times as long as a hold lasts."""
    done = []

    def do(order: Order, _errand: Errand) -> Outcome:
        done.append(order.pk)
        sleep(1)
        return Outcome("done")

    def finish(_errand: Errand, _rows) -> tuple[str, bytes]:
        done.append(0)
        sleep(1)
        return "x.pdf", b"%PDF"

    do_instead(monkeypatch, do, finish=finish)
    begin, end = Barrier(2), monotonic() + 10

    def run(_worker: int) -> None:
        try:
            begin.wait()
            while monotonic() < end and not row(errand).get().is_over:
                turns.go_on(errand.pk, seconds=60)
                sleep(0.05)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as threads:
        list(threads.map(run, range(2)))
    assert len(done) == 3, "two objects and a file, each once"
    errand.refresh_from_db()
    assert (errand.done, errand.is_over, bool(errand.file)) == (2, True, True)


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_a_killed_workers_errand_is_gone_on_with(errand, monkeypatch, quick) -> None:
    """`KeyboardInterrupt` is what no handler of ours catches, as a killed process runs none."""
    done = []

    def do(order: Order, _errand: Errand) -> Outcome:
        done.append(order.pk)
        if len(done) == 2:
            raise KeyboardInterrupt
        return Outcome("done")

    do_instead(monkeypatch, do)
    with pytest.raises(KeyboardInterrupt):
        turns.go_on(errand.pk, seconds=60)
    turns.go_on(errand.pk, seconds=60)
    assert len(done) == 2, "it may be alive"
    sleep(0.5)
    turns.go_on(errand.pk, seconds=60)
    errand.refresh_from_db()
    assert (len(done), errand.done, errand.is_over) == (3, 2, True)
