"""On paper once: jobs, who makes them, and what becomes of them when printers behave badly."""

from datetime import timedelta

import pytest
from django.utils import timezone

from orders.models import Order
from pos import strangers
from receipts import printing, spooling, tasks
from receipts.errors import Refused
from receipts.models import PrintJob
from receipts.states import JobState, PrinterState, Trouble
from tests.factories import OrderFactory, PosFactory
from tests.receipts import printer as machines
from tests.receipts.printer import PAPER_OUT, READY, printer

pytestmark = pytest.mark.usefixtures("impatient")


def at(machine) -> dict[str, object]:
    return {"host": machine.host, "port": machine.port}


def make_due() -> None:
    PrintJob.objects.exclude(due_at=None).update(due_at=timezone.now())


# --- by itself ------------------------------------------------------------------------------------------------------
def test_a_new_receipt_is_printed_once_on_the_automatic_printer(order, sell, make_printer) -> None:
    with printer(status=READY) as machine:
        to = make_printer(**at(machine), prints_automatically=True)
        closed = sell(order)
        for _ in range(3):
            tasks.issue_receipt(closed.pk)
            tasks.sweep_printers()
            tasks.sweep_new_receipts()
            tasks.print_due(to.pk)
        assert len(machine.paper) == 1
        assert closed.receipt.number.encode() in machine.paper[0]
    job = PrintJob.objects.get()
    assert (job.state, job.attempts, job.sent, job.actor) == ("printed", 1, len(machine.paper[0]), "automatic")
    to.refresh_from_db()
    assert to.state == PrinterState.READY


def test_a_point_of_sales_own_printer_goes_before_its_stores(order, sell, make_printer) -> None:
    of_store = make_printer(prints_automatically=True)
    own = make_printer(pos=order.pos, prints_automatically=True)
    make_printer(pos=PosFactory.create(store=order.pos.store), prints_automatically=True)
    tasks.issue_receipt(sell(order).pk)
    assert [job.printer for job in PrintJob.objects.all()] == [own]
    own.is_active = False
    own.save()
    tasks.issue_receipt(sell(OrderFactory.create(pos=order.pos), 2).pk)
    assert [job.printer for job in PrintJob.objects.all()] == [of_store, own]


def test_what_was_sold_long_ago_or_before_the_printer_was_switched_on_is_not_printed(order, sell, make_printer) -> None:
    closed = sell(order)
    tasks.issue_receipt(closed.pk)
    make_printer(prints_automatically=True)
    tasks.issue_receipt(closed.pk)
    tasks.sweep_new_receipts()
    late = sell(OrderFactory.create(pos=order.pos), 2)
    Order.objects.filter(pk=late.pk).update(closed_at=timezone.now() - timedelta(hours=2))
    tasks.issue_receipt(late.pk)
    assert not PrintJob.objects.exists()


def test_the_sweep_makes_the_job_that_a_dead_worker_did_not(receipt, make_printer) -> None:
    make_printer(prints_automatically=True, automatic_since=receipt.issued_at)
    tasks.sweep_new_receipts()
    tasks.sweep_new_receipts()
    assert PrintJob.objects.get().receipt == receipt


# --- printers that behave badly -------------------------------------------------------------------------------------
def test_without_paper_it_waits_and_is_printed_once_there_is_some(receipt, make_printer) -> None:
    with printer(status=PAPER_OUT) as machine:
        to = make_printer(**at(machine))
        job = printing.print_receipt(receipt, to, actor="ana")
        tasks.print_due(to.pk)
        to.refresh_from_db()
        job.refresh_from_db()
        assert (to.state, job.state, job.trouble, job.started_at) == ("paper_out", "queued", "paper_out", None)
        assert job.due_at
        assert job.due_at > timezone.now()
        tasks.print_due(to.pk)  # not due yet
        assert machine.paper == [b""]
        machine.status = READY
        tasks.look_at_printer(to.pk)  # the paper is seen: what waits is due at once
        tasks.print_due(to.pk)
        assert len([paper for paper in machine.paper if paper]) == 1
    job.refresh_from_db()
    to.refresh_from_db()
    assert (job.state, to.state, job.attempts) == ("printed", "ready", 2)


def test_a_printer_that_cannot_be_reached_is_shown_and_tried_again_for_a_day(receipt, make_printer) -> None:
    to = make_printer()
    printing.print_test_page(to, actor="ana")
    job = printing.print_receipt(receipt, to, actor="ana")
    tasks.print_due(to.pk)
    to.refresh_from_db()
    assert (to.state, to.trouble) == ("offline", "unreachable")
    assert not PrintJob.objects.due(timezone.now()).exists()  # neither: the second would meet the same
    PrintJob.objects.filter(pk=job.pk).update(created_at=timezone.now() - timedelta(hours=25))
    tasks.sweep_printers()
    job.refresh_from_db()
    assert (job.state, job.trouble, job.due_at) == ("failed", "too_late", None)


def test_the_pauses_grow_to_a_minute(make_printer) -> None:
    to = make_printer()
    job = printing.print_test_page(to, actor="ana")
    pauses = []
    for _ in range(7):
        make_due()
        tasks.print_due(to.pk)
        job.refresh_from_db()
        assert job.due_at
        pauses.append(round((job.due_at - timezone.now()).total_seconds()))
    assert pauses == [5, 10, 20, 40, 60, 60, 60]


@pytest.mark.parametrize("behave", [machines.cuts_in_the_middle, machines.hangs, machines.never_closes])
def test_what_may_be_on_paper_is_never_sent_again_by_itself(receipt, make_printer, behave) -> None:
    with printer(behave) as machine:
        to = make_printer(**at(machine))
        job = printing.print_receipt(receipt, to, actor="ana")
        for _ in range(3):
            make_due()
            tasks.print_due(to.pk)
            tasks.sweep_printers()
        assert len(machine.paper) == 1
    job.refresh_from_db()
    assert (job.state, job.attempts, job.due_at) == ("unknown", 1, None)
    assert list(PrintJob.objects.undecided()) == [job]


def test_a_person_prints_it_again_as_a_copy(receipt, make_printer) -> None:
    with printer(machines.cuts_in_the_middle) as machine:
        to = make_printer(**at(machine))
        job = printing.print_receipt(receipt, to, actor="ana")
        tasks.print_due(to.pk)
        machine.behave = machines.well
        again = printing.print_again(PrintJob.objects.get(pk=job.pk), actor="eva")
        tasks.print_due(to.pk)
        assert b"COPIA" in machine.paper[1] or b"COPY" in machine.paper[1]
        assert receipt.number.encode() in machine.paper[1]
    again.refresh_from_db()
    job.refresh_from_db()
    assert (again.pk != job.pk, again.is_copy, again.state) == (True, True, "printed")
    assert (job.state, job.decided_by) == ("unknown", "eva")
    assert not PrintJob.objects.undecided().exists()


def test_what_was_surely_not_printed_is_printed_again_as_the_original(receipt, make_printer) -> None:
    to = make_printer()
    job = printing.print_receipt(receipt, to, actor="ana")
    printing.cancel(job, actor="ana")
    again = printing.print_again(PrintJob.objects.get(pk=job.pk), actor="eva")
    assert (again.pk, again.state, again.is_copy) == (job.pk, "queued", False)


def test_a_canceled_job_is_not_printed_and_one_in_print_cannot_be_canceled(receipt, make_printer) -> None:
    with printer() as machine:
        to = make_printer(**at(machine))
        job = printing.print_receipt(receipt, to, actor="ana")
        held = spooling.claim(to)
        assert held
        printing.cancel(job, actor="ana")  # held, but not a byte was sent
        spooling.print_on_network(held)
        assert machine.paper == [b""]
    job = printing.print_test_page(to, actor="ana")
    held = spooling.claim(to)
    assert held
    assert spooling.start(held)
    with pytest.raises(Refused, match="being printed"):
        printing.cancel(job, actor="ana")


def test_the_second_time_it_is_asked_for_it_is_a_copy(receipt, make_printer) -> None:
    first, second = make_printer(), make_printer(name="Kiosk")
    assert not printing.print_receipt(receipt, first, actor="ana").is_copy
    with pytest.raises(Refused, match="already"):
        printing.print_receipt(receipt, first, actor="ana")
    assert printing.print_receipt(receipt, second, actor="ana").is_copy


def test_printers_that_hang_leave_threads_for_payments(receipt, make_printer) -> None:
    """With all places taken a task comes back at once, and what it was to print waits for the next sweep."""
    job = printing.print_receipt(receipt, make_printer(), actor="ana")
    for _place in range(strangers.PLACES):
        assert strangers._places.acquire(blocking=False)
    try:
        tasks.print_due(job.printer_id)
    finally:
        strangers._places.release(strangers.PLACES)
    job.refresh_from_db()
    assert (job.state, job.attempts) == (JobState.QUEUED, 0)
    assert PrintJob.objects.due(timezone.now()).get() == job
    tasks.print_due(job.printer_id)
    job.refresh_from_db()
    assert job.trouble == Trouble.UNREACHABLE
