"""What agents call."""

import base64
from datetime import timedelta
from functools import partial

import pytest
from django.utils import timezone

from receipts import printing, tasks
from receipts.models import Printer, PrinterKey, PrintJob
from tests.conftest import controller


@pytest.fixture
def agent(key: str):
    return controller(key)


def test_nothing_to_print_is_204(agent) -> None:
    assert agent.get("/api/v1/print-jobs/next").status_code == 204


def test_a_job_is_taken_begun_and_done(agent, station, receipt) -> None:
    printing.print_receipt(receipt, station, actor="ana")
    job = agent.get("/api/v1/print-jobs/next").json()
    assert (job["receipt"], job["columns"], job["attempt"], job["is_copy"]) == (receipt.number, 42, 1, False)
    assert receipt.number.encode() in base64.b64decode(job["content"])
    tell = partial(agent.post, f"/api/v1/print-jobs/{job['id']}/outcome", format="json")
    assert tell({"attempt": 1, "state": "printing"}).status_code == 204
    assert agent.get("/api/v1/print-jobs/next").status_code == 204
    for state in ("printing", "printed", "printed"):  # what was lost on the way is told again
        assert tell({"attempt": 1, "state": state}).status_code == 204
    row = PrintJob.objects.get()
    station.refresh_from_db()
    assert (row.state, station.state) == ("printed", "ready")
    assert station.seen_at
    refused = tell({"attempt": 1, "state": "failed"})
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:problem:not-held")
    assert PrintJob.objects.get().state == "printed"


def test_an_attempt_that_was_overtaken_may_not_print(agent, station, receipt) -> None:
    printing.print_receipt(receipt, station, actor="ana")
    first = agent.get("/api/v1/print-jobs/next").json()
    PrintJob.objects.update(due_at=timezone.now())
    assert agent.get("/api/v1/print-jobs/next").json()["attempt"] == 2
    url = f"/api/v1/print-jobs/{first['id']}/outcome"
    assert agent.post(url, {"attempt": 1, "state": "printing"}, format="json").status_code == 409
    assert agent.post(url, {"attempt": 2, "state": "printing"}, format="json").status_code == 204


def test_an_agent_tells_that_there_is_no_paper(agent, station, receipt) -> None:
    printing.print_receipt(receipt, station, actor="ana")
    job = agent.get("/api/v1/print-jobs/next").json()
    outcome = {"attempt": 1, "state": "failed", "error": "paper_out"}
    agent.post(f"/api/v1/print-jobs/{job['id']}/outcome", outcome, format="json")
    station.refresh_from_db()
    assert (station.state, PrintJob.objects.get().state) == ("paper_out", "queued")
    assert agent.get("/api/v1/print-jobs/next").status_code == 204  # later
    assert agent.put("/api/v1/printers/status", {"error": None}, format="json").status_code == 204
    assert agent.get("/api/v1/print-jobs/next").json()["attempt"] == 2


def test_what_cannot_be_is_refused_by_name(agent, station) -> None:
    job = printing.print_test_page(station, actor="ana")
    answer = agent.post(f"/api/v1/print-jobs/{job.pk}/outcome", {"attempt": 0, "state": "eaten"}, format="json")
    assert (answer.status_code, set(answer.json()["errors"])) == (400, {"attempt", "state"})
    assert agent.put("/api/v1/printers/status", {"state": "ok"}, format="json").status_code == 400
    assert agent.get("/api/v1/print-jobs/next?wait=31").status_code == 400


def test_a_key_sees_its_own_printer_only(agent, pump, make_printer) -> None:
    theirs = printing.print_test_page(make_printer(kind="agent", name="Theirs"), actor="ana")
    assert agent.get("/api/v1/print-jobs/next").status_code == 204
    url = f"/api/v1/print-jobs/{theirs.pk}/outcome"
    assert agent.post(url, {"attempt": 1, "state": "printed"}, format="json").status_code == 404
    assert pump.get("/api/v1/print-jobs/next").status_code == 401  # a pump's key prints nothing
    assert controller("abc.def").get("/api/v1/print-jobs/next").status_code == 401
    assert controller("").get("/api/v1/print-jobs/next").status_code == 401


def test_an_agents_key_opens_nothing_of_the_controllers(agent, pos) -> None:
    assert agent.get(f"/api/v1/pos/{pos.external_id}").status_code == 401


def test_a_revoked_key_and_a_printer_that_is_switched_off_get_nothing(agent, station) -> None:
    printing.print_test_page(station, actor="ana")
    Printer.objects.update(is_active=False)
    assert agent.get("/api/v1/print-jobs/next").json()["type"] == "urn:problem:not-an-agents-printer"
    PrinterKey.objects.update(revoked=True)
    assert agent.get("/api/v1/print-jobs/next").status_code == 401
    assert PrintJob.objects.get().attempts == 0


def test_an_agent_that_says_nothing_is_shown_as_offline_until_it_is_back(agent, station) -> None:
    tasks.sweep_printers()
    station.refresh_from_db()
    assert station.state == "unknown"
    Printer.objects.update(created_at=timezone.now() - timedelta(minutes=3))
    tasks.sweep_printers()
    station.refresh_from_db()
    assert (station.state, station.trouble) == ("offline", "agent_silent")
    agent.get("/api/v1/print-jobs/next")
    station.refresh_from_db()
    assert (station.state, station.trouble) == ("unknown", "")
