"""Workers that die, and many at once."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Thread

import pytest
from django.db import connection
from django.utils import timezone

from receipts import printing, spooling, tasks
from receipts.models import Copy, Printer, PrintJob
from receipts.states import JobState, Trouble
from tests.receipts.printer import printer

pytestmark = pytest.mark.usefixtures("impatient")


def at(machine) -> dict[str, object]:
    return {"host": machine.host, "port": machine.port}


def make_due() -> None:
    PrintJob.objects.exclude(due_at=None).update(due_at=timezone.now())


def test_a_worker_that_died_before_the_first_byte_is_followed_by_another(receipt, make_printer) -> None:
    to = make_printer()
    printing.print_receipt(receipt, to, actor="ana")
    dead = spooling.claim(to)
    assert dead
    assert spooling.claim(to) is None
    make_due()
    other = spooling.claim(to)
    assert other
    assert (other.pk, other.attempts) == (dead.pk, 2)
    assert not spooling.start(dead)  # should it still be alive, it may not print any more
    assert spooling.start(other)


def test_an_agent_that_is_gone_takes_no_job_from_the_one_that_followed_it(receipt, make_printer) -> None:
    to = make_printer(kind="agent")
    gone, here = spooling.ask(to), spooling.ask(to)
    printing.print_receipt(receipt, to, actor="ana")
    assert spooling.claim(to, asked=gone) is None
    job = spooling.claim(to, asked=here)
    assert job
    again = spooling.ask(to)  # it never heard of it
    other = spooling.claim(to, asked=again)
    assert other
    assert (other.pk, other.attempts) == (job.pk, 2)
    assert not spooling.start(job)
    assert spooling.start(other)
    spooling.ask(to)
    assert spooling.claim(to, asked=to.asked) is None  # what was begun stays with who began it


def test_a_worker_that_died_after_the_first_byte_leaves_a_doubt(receipt, make_printer) -> None:
    to = make_printer()
    printing.print_receipt(receipt, to, actor="ana")
    dead = spooling.claim(to)
    assert dead
    assert spooling.start(dead)
    make_due()
    assert spooling.claim(to) is None
    tasks.sweep_printers()
    job = PrintJob.objects.get()
    assert (job.state, job.trouble) == ("unknown", "lost")
    assert spooling.finish(dead, sent=5)  # it was only slow, and is sure now
    assert PrintJob.objects.get().state == JobState.PRINTED


def test_a_receipt_that_cannot_be_drawn_does_not_hold_the_printer_up(receipt, make_printer) -> None:
    with printer() as machine:
        to = make_printer(**at(machine), columns=32)  # drawn for it alone
        bad = printing.print_receipt(receipt, to, actor="ana")
        receipt.content = {"blocks": [{"kind": "row"}], "language": "es"}
        receipt.save()
        printing.print_test_page(to, actor="ana")
        tasks.print_due(to.pk)
        tasks.print_due(to.pk)
        assert len(machine.paper) == 1
        assert b"Test page" in machine.paper[0]
    bad.refresh_from_db()
    assert (bad.state, bad.trouble) == (JobState.QUEUED, Trouble.NO_DOCUMENT)


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_eight_workers_at_once_print_it_once(receipt, make_printer) -> None:
    with printer() as machine:
        to: Printer = make_printer(**at(machine))
        printing.print_receipt(receipt, to, actor="ana")
        start = Barrier(8)

        def run(_number: int) -> None:
            try:
                start.wait()
                tasks.print_due(to.pk)
            finally:
                connection.close()

        with ThreadPoolExecutor(8) as threads:
            list(threads.map(run, range(8)))
        assert len(machine.paper) == 1
    assert PrintJob.objects.get().attempts == 1


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_two_persons_who_press_the_button_at_once_get_one_original(receipt, make_printer) -> None:
    printers = [make_printer(), make_printer(name="Kiosk")]
    start = Barrier(2)

    def press(to: Printer) -> None:
        try:
            start.wait()
            printing.print_receipt(receipt, to, actor="ana")
        finally:
            connection.close()

    threads = [Thread(target=press, args=(to,)) for to in printers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(PrintJob.objects.values_list("copy", flat=True), key=bool) == [None, Copy.objects.get().pk]
