"""The agent at the station: as a real process against a real server, killed, cut off, restarted."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import timezone

from pos.waiting import HALF_OF_THE_THREADS, WAITING
from receipts import printing
from receipts.agent import Agent, Api, Journal, JournalError, ServerAway
from receipts.devices import FileLine, NetworkLine
from receipts.models import PrintJob
from tests.end_to_end.wire import Wire
from tests.receipts import printer as machines
from tests.receipts.printer import PAPER_OUT, READY, printer


def wait_for(question: Callable[[], object], within: float = 20) -> None:
    end = time.monotonic() + within
    while not question():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)


# --- the agent itself -----------------------------------------------------------------------------------------------
@pytest.fixture
def wire(live_server) -> Iterator[Wire]:
    host, port = live_server.url.removeprefix("http://").split(":")
    wire = Wire((host, int(port)))
    yield wire
    wire.close()


@contextlib.contextmanager
def at_work(wire: Wire, key: str, journal: Path, connect) -> Iterator[Agent]:
    """An agent in this process, one turn at a time; its poll does not wait."""
    book = Journal(journal)
    agent = Agent(Api(f"http://localhost:{wire.port}", key), connect, book, wait=0, pause=time.sleep)
    try:
        yield agent
    finally:
        book.close()


def pulled(wire: Wire, connect):
    """A way to the printer on which, once it is printed, the cable to the server is gone."""

    class Pulling(FileLine):
        def end(self) -> None:
            super().end()
            wire.pull()

    return lambda: Pulling(connect)


@pytest.mark.django_db(transaction=True)
def test_while_the_server_is_away_the_outcome_is_kept_and_told_later(wire, key, station, receipt, tmp_path) -> None:
    printing.print_receipt(receipt, station, actor="ana")
    paper, journal = tmp_path / "paper", tmp_path / "journal.json"
    with at_work(wire, key, journal, pulled(wire, str(paper))) as agent:
        with pytest.raises(ServerAway):
            agent.turn()
        with pytest.raises(ServerAway):
            agent.turn()
    assert PrintJob.objects.get().state == "sending"
    wire.mend()
    with at_work(wire, key, journal, partial(FileLine, str(paper))) as agent:
        agent.turn()
    assert PrintJob.objects.get().state == "printed"
    assert paper.read_bytes().count(receipt.number.encode()) == 1
    assert not journal.exists()


@pytest.mark.django_db(transaction=True)
def test_an_agent_that_ended_before_the_first_byte_prints_it_the_next_time(
    wire, key, station, receipt, tmp_path
) -> None:
    printing.print_receipt(receipt, station, actor="ana")
    paper, journal = tmp_path / "paper", tmp_path / "journal.json"
    looks = iter([FileLine(str(paper))])

    def power_cut() -> FileLine:
        for line in looks:
            return line
        raise SystemExit

    with pytest.raises(SystemExit), at_work(wire, key, journal, power_cut) as agent:
        agent.turn()
    assert journal.exists()
    with at_work(wire, key, journal, partial(FileLine, str(paper))) as agent:
        agent.turn()  # tells, and its job is due in a moment
        assert PrintJob.objects.get().state == "queued"
        PrintJob.objects.update(due_at=timezone.now())
        agent.turn()
    assert PrintJob.objects.get().state == "printed"
    assert paper.read_bytes().count(receipt.number.encode()) == 1
    station.refresh_from_db()
    assert (station.state, station.trouble) == ("ready", "silent")  # a file says nothing


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("impatient")
def test_paper_that_is_refilled_is_told_and_printed_on(wire, key, station, receipt, tmp_path) -> None:
    printing.print_receipt(receipt, station, actor="ana")
    with printer(status=PAPER_OUT) as machine:
        line = partial(NetworkLine, machine.host, machine.port)
        with at_work(wire, key, tmp_path / "journal.json", line) as agent:
            agent.turn()
            station.refresh_from_db()
            assert (station.state, PrintJob.objects.get().state) == ("paper_out", "queued")
            machine.status = READY
            agent.turn()
            station.refresh_from_db()
            assert (station.state, PrintJob.objects.get().state) == ("ready", "printed")


def test_two_agents_do_not_share_a_journal(tmp_path) -> None:
    first = Journal(tmp_path / "journal.json")
    with pytest.raises(JournalError, match="Another agent"):
        Journal(tmp_path / "journal.json")
    first.close()
    Journal(tmp_path / "journal.json").close()


def test_a_journal_that_cannot_be_read_stops_the_agent(tmp_path) -> None:
    (tmp_path / "journal.json").write_text("{")
    journal = Journal(tmp_path / "journal.json")
    with pytest.raises(JournalError, match="delete it"):
        journal.read()
    journal.close()


# --- as a process, without a database -------------------------------------------------------------------------------
@pytest.fixture
def start(live_server, key, tmp_path) -> Iterator[Callable[..., "subprocess.Popen[str]"]]:
    started: list[subprocess.Popen[str]] = []

    def start(*arguments: str, agent_key: str = key) -> "subprocess.Popen[str]":
        environment = os.environ | {
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "DATABASE_URL": "postgres://nobody@127.0.0.1:1/nothing",
            "VAR_DIR": str(tmp_path / "var"),
            "PRINT_AGENT_KEY": agent_key,
            "PYTHONUNBUFFERED": "1",
        }
        command = [sys.executable, "manage.py", "print_agent", "--url", live_server.url, "--wait", "1", *arguments]
        process = subprocess.Popen(
            command, cwd=settings.ROOT, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()
    for _ in range(HALF_OF_THE_THREADS):  # until the server has ended their last polls
        assert WAITING.acquire(timeout=5)
    WAITING.release(HALF_OF_THE_THREADS)


@pytest.mark.django_db(transaction=True)
def test_it_prints_what_comes_and_ends_cleanly(start, station, receipt, another_receipt, tmp_path) -> None:
    paper = tmp_path / "paper"
    printing.print_receipt(receipt, station, actor="ana")
    agent = start("--file", str(paper))
    wait_for(lambda: PrintJob.objects.filter(state="printed").count() == 1)
    later = another_receipt()
    printing.print_receipt(later, station, actor="ana")  # while it waits in its long poll
    wait_for(lambda: PrintJob.objects.filter(state="printed").count() == 2)
    agent.send_signal(signal.SIGTERM)
    output, _ = agent.communicate(timeout=10)
    assert agent.returncode == 0, output
    assert "Ended." in output
    assert [paper.read_bytes().count(r.number.encode()) for r in (receipt, later)] == [1, 1]


@pytest.mark.django_db(transaction=True)
def test_killed_while_it_prints_it_reports_a_doubt_and_prints_nothing_twice(start, station, receipt, tmp_path) -> None:
    printing.print_receipt(receipt, station, actor="ana")
    journal = ("--journal", str(tmp_path / "journal.json"))
    with printer(machines.hangs) as machine:
        agent = start("--tcp", f"{machine.host}:{machine.port}", *journal)
        wait_for(lambda: PrintJob.objects.filter(started_at__isnull=False).exists())
        time.sleep(0.5)  # the bytes are out, and the printer hangs
        agent.kill()
        agent.wait()
    with printer() as machine:
        start("--tcp", f"{machine.host}:{machine.port}", *journal)
        wait_for(lambda: PrintJob.objects.filter(state="unknown").exists())
        other = printing.print_test_page(station, actor="ana")
        wait_for(lambda: PrintJob.objects.filter(pk=other.pk, state="printed").exists())
        assert not any(receipt.number.encode() in paper for paper in machine.paper)
    assert PrintJob.objects.get(receipt=receipt).trouble == "lost"


@pytest.mark.django_db(transaction=True)
def test_a_wrong_key_ends_it_with_a_remedy(start, tmp_path) -> None:
    agent = start("--file", str(tmp_path / "paper"), agent_key="wrong.key")
    output, _ = agent.communicate(timeout=20)
    assert agent.returncode == 1
    assert "refuses the key: make a new one" in output


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--tcp", "192.168.0.9"], "192.168.0.9:9100"),
        (["--tcp", "host:99999"], "192.168.0.9:9100"),
        (["--key-env", "NOT_SET", "--file", "x"], "NOT_SET is not set"),
        (["--url", "pay.example.com", "--file", "x"], "https://pay.example.com"),
    ],
)
@pytest.mark.django_db(transaction=True)
def test_wrong_use_is_said(start, arguments, words) -> None:
    agent = start(*arguments)
    output, _ = agent.communicate(timeout=20)
    assert (agent.returncode, words in output) == (2, True), output
