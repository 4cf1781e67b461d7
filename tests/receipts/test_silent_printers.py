"""Printers that print, and never say how they are."""

from datetime import timedelta

import pytest
from django.utils import timezone

from receipts import printing, spooling, tasks
from receipts.models import Printer
from receipts.states import Trouble
from tests.receipts.printer import READY, printer

pytestmark = pytest.mark.usefixtures("impatient")


def state(of: Printer) -> tuple[str, str]:
    of.refresh_from_db()
    return of.state, of.trouble


def test_it_is_not_called_ready_before_it_took_something(receipt, make_printer) -> None:
    with printer() as machine:
        to = make_printer(host=machine.host, port=machine.port)
        tasks.look_at_printer(to.pk)
        assert state(to) == ("unknown", "silent")
        printing.print_receipt(receipt, to, actor="ana")
        tasks.print_due(to.pk)
        assert state(to) == ("ready", "silent")
        tasks.look_at_printer(to.pk)  # what is known of it stays so
        assert state(to) == ("ready", "silent")
        machine.status = READY
        tasks.look_at_printer(to.pk)
        assert state(to) == ("ready", "")
    tasks.look_at_printer(to.pk)
    assert state(to) == ("offline", "unreachable")


def test_one_that_can_be_reached_again_gets_at_once_what_waits(receipt, make_printer) -> None:
    to = make_printer(state="offline", trouble="unreachable")
    job = printing.print_receipt(receipt, to, actor="ana")
    with printer() as machine:
        Printer.objects.update(port=machine.port)
        job.due_at = timezone.now() + timedelta(minutes=1)
        job.save()
        tasks.look_at_printer(to.pk)
        tasks.print_due(to.pk)
        assert receipt.number.encode() in machine.paper[-1]


def test_one_that_must_answer_and_does_not_is_offline(make_printer) -> None:
    with printer() as machine:
        to = make_printer(host=machine.host, port=machine.port, must_answer=True)
        tasks.look_at_printer(to.pk)
    assert state(to) == ("offline", "silent")


def test_it_is_on_record_when_a_printer_was_reached_last(make_printer) -> None:
    with printer() as machine:
        to = make_printer(host=machine.host, port=machine.port)
        tasks.look_at_printer(to.pk)
    to.refresh_from_db()
    seen = to.seen_at
    assert seen
    tasks.look_at_printer(to.pk)
    to.refresh_from_db()
    assert (to.trouble, to.seen_at) == ("unreachable", seen)


def test_an_agent_tells_the_same_of_its_printer(client, station, key, receipt) -> None:
    agent = {"Authorization": f"Api-Key {key}"}
    told = client.put("/api/v1/printers/status", {"error": "silent"}, content_type="application/json", headers=agent)
    assert (told.status_code, state(station)) == (204, ("unknown", "silent"))
    printing.print_receipt(receipt, station, actor="ana")
    job = spooling.claim(station)
    assert job
    outcome = {"attempt": 1, "state": "printed", "error": Trouble.SILENT}
    url = f"/api/v1/print-jobs/{job.pk}/outcome"
    assert client.post(url, outcome, content_type="application/json", headers=agent).status_code == 204
    assert state(station) == ("ready", "silent")
