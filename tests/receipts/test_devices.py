"""Sending to a printer: what cannot be on paper is told from what may be."""

import os
import pty
import threading
import tty
from functools import partial

import pytest

from backoffice.stack import free_port
from receipts import devices
from receipts.devices import Broken, DeviceLine, FileLine, NetworkLine, NotReady, NotStarted
from receipts.states import Trouble
from tests.receipts import printer as machines
from tests.receipts.printer import COVER_OPEN, PAPER_LOW, PAPER_OUT, READY, printer

RECEIPT = b"\x1b@TOTAL 500\n" * 50


pytestmark = pytest.mark.usefixtures("impatient")


def send(to, content: bytes = RECEIPT, **options) -> bool:
    return devices.send(partial(NetworkLine, to.host, to.port), content, **{"may_start": lambda: True} | options)


def test_a_printer_that_is_well_prints_and_says_so() -> None:
    with printer(status=READY) as to:
        assert send(to) is True
        assert to.paper == [RECEIPT]


def test_a_printer_that_says_nothing_is_printed_on_all_the_same() -> None:
    with printer() as to:
        assert send(to) is False
        assert to.paper == [RECEIPT]


def test_where_it_must_say_how_it_is_silence_prints_nothing() -> None:
    with printer() as to:
        with pytest.raises(NotReady) as refused:
            send(to, must_answer=True)
        assert (refused.value.trouble, to.paper) == (Trouble.SILENT, [b""])


@pytest.mark.parametrize(("says", "trouble"), [(PAPER_OUT, Trouble.PAPER_OUT), (COVER_OPEN, Trouble.COVER_OPEN),
                                               ({1: 0x1A, 2: 0x12, 4: 0x12}, Trouble.OFFLINE),
                                               ({1: 0x1A, 2: 0x52, 4: 0x12}, Trouble.ERROR)])  # fmt: skip
def test_what_it_says_is_wrong_is_told_and_nothing_is_sent(says, trouble) -> None:
    with printer(status=says) as to:
        with pytest.raises(NotReady) as refused:
            send(to)
        assert (refused.value.trouble, to.paper) == (trouble, [b""])


def test_paper_that_is_near_its_end_is_paper() -> None:
    with printer(status=PAPER_LOW) as to:
        assert send(to) is True


def test_slow_answers_are_waited_for() -> None:
    with printer(status=READY, delay=0.3) as to:
        assert send(to) is True
        assert to.paper == [RECEIPT]


def test_answers_that_are_no_status_are_no_answers() -> None:
    with printer(machines.talks_nonsense) as to, pytest.raises(NotReady) as refused:
        send(to, must_answer=True)
    assert refused.value.trouble == Trouble.SILENT


def test_a_printer_that_refuses_was_not_printed_on() -> None:
    with pytest.raises(NotReady) as refused:
        devices.send(partial(NetworkLine, "127.0.0.1", free_port()), RECEIPT, may_start=lambda: True)
    assert refused.value.trouble == Trouble.UNREACHABLE


def test_a_printer_that_hangs_up_at_once_was_not_printed_on() -> None:
    with printer(machines.cuts_at_once) as to, pytest.raises(NotReady) as refused:
        send(to)
    assert refused.value.trouble == Trouble.UNREACHABLE


@pytest.mark.parametrize("says", [None, READY])
def test_a_wire_that_is_cut_in_the_middle_leaves_a_doubt(says) -> None:
    with printer(machines.cuts_in_the_middle, says) as to, pytest.raises(Broken) as broken:
        send(to, RECEIPT * 20_000)
    assert broken.value.trouble == Trouble.BROKE_OFF
    assert 0 < broken.value.sent <= len(RECEIPT * 20_000)


def test_a_printer_that_hangs_leaves_a_doubt() -> None:
    with printer(machines.hangs) as to, pytest.raises(Broken) as broken:
        send(to)
    assert (broken.value.trouble, broken.value.sent) == (Trouble.NOT_CONFIRMED, len(RECEIPT))


def test_a_printer_that_takes_no_more_leaves_a_doubt() -> None:
    with printer(machines.hangs) as to, pytest.raises(Broken) as broken:
        send(to, RECEIPT * 30_000)
    assert broken.value.trouble == Trouble.NOT_CONFIRMED
    assert 0 < broken.value.sent < len(RECEIPT * 30_000)


def test_a_printer_that_does_not_end_the_connection_leaves_a_doubt() -> None:
    with printer(machines.never_closes) as to, pytest.raises(Broken) as broken:
        send(to)
    assert broken.value.trouble == Trouble.NOT_CONFIRMED


def test_paper_that_ran_out_on_the_way_leaves_a_doubt() -> None:
    with printer(machines.runs_out_of_paper, READY) as to, pytest.raises(Broken) as broken:
        send(to)
    assert broken.value.trouble == Trouble.PAPER_OUT


def test_without_leave_to_start_nothing_is_sent() -> None:
    with printer(status=READY) as to:
        with pytest.raises(NotStarted):
            send(to, may_start=lambda: False)
        assert to.paper == [b""]


def test_looking_prints_nothing() -> None:
    with printer(status=PAPER_OUT) as to:
        assert devices.look(partial(NetworkLine, to.host, to.port)) == Trouble.PAPER_OUT
        assert to.paper == [b""]


# --- on a wire, and into a file --------------------------------------------------------------------------------------
@pytest.fixture
def wire():
    """A printer on a serial line: its end, and the path of ours."""
    theirs, ours = pty.openpty()
    tty.setraw(theirs)
    tty.setraw(ours)
    yield theirs, os.ttyname(ours)
    os.close(ours)
    os.close(theirs)


def test_a_printer_on_a_wire_that_says_nothing_gets_all_of_it(wire) -> None:
    theirs, path = wire
    assert devices.send(partial(DeviceLine, path), b"receipt\n", may_start=lambda: True) is False
    came = b""
    while len(came) < 11:
        came += os.read(theirs, 100)
    assert came == b"\x10\x04\x01receipt\n"


def test_a_printer_on_a_wire_says_that_it_is_out_of_paper(wire) -> None:
    theirs, path = wire

    def answer() -> None:
        for _question in range(3):
            os.write(theirs, bytes([PAPER_OUT[os.read(theirs, 3)[2]]]))

    thread = threading.Thread(target=answer)
    thread.start()
    with pytest.raises(NotReady) as refused:
        devices.send(partial(DeviceLine, path), b"receipt\n", may_start=lambda: True)
    thread.join()
    assert refused.value.trouble == Trouble.PAPER_OUT


def test_a_wire_that_is_not_there_is_a_printer_that_cannot_be_reached(tmp_path) -> None:
    with pytest.raises(NotReady) as refused:
        devices.send(partial(DeviceLine, str(tmp_path / "lp0")), b"x", may_start=lambda: True)
    assert refused.value.trouble == Trouble.UNREACHABLE


def test_a_file_is_no_device(tmp_path) -> None:
    (tmp_path / "file").write_bytes(b"kept")
    with pytest.raises(NotReady, match="--file"):
        devices.send(partial(DeviceLine, str(tmp_path / "file")), b"x", may_start=lambda: True)
    assert (tmp_path / "file").read_bytes() == b"kept"


def test_into_a_file_receipts_are_added(tmp_path) -> None:
    for content in (b"one\n", b"two\n"):
        devices.send(partial(FileLine, str(tmp_path / "paper")), content, may_start=lambda: True)
    assert (tmp_path / "paper").read_bytes() == b"one\ntwo\n"
