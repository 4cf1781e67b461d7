"""Why something is not on paper, in words for people."""

import socket

import pytest

from receipts.devices import NotReady, sending
from receipts.devices.lines import DeviceLine, NetworkLine
from receipts.reasons import explain
from receipts.states import Trouble
from tests.receipts import printer as machines
from tests.receipts.printer import printer

pytestmark = pytest.mark.usefixtures("impatient")


def why(connect) -> str:
    with pytest.raises(NotReady) as met:
        sending.send(connect, b"x", may_start=lambda: True)
    return explain(met.value.trouble, met.value.detail)


def test_a_printer_that_is_off_refuses() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    assert why(lambda: NetworkLine("127.0.0.1", port)).startswith("the printer refuses the connection")


def test_a_name_that_nobody_has() -> None:
    assert "spelled right" in why(lambda: NetworkLine("printer.invalid", 9100))


def test_a_connection_that_is_ended_at_once() -> None:
    with printer(machines.cuts_at_once) as machine:
        assert "something else printing" in why(lambda: NetworkLine(machine.host, machine.port))


def test_a_device_that_is_not_plugged_in(tmp_path) -> None:
    assert "plugged in" in why(lambda: DeviceLine(str(tmp_path / "lp0")))


@pytest.mark.parametrize(
    ("detail", "words"),
    [
        ("timed out", "does not answer"),
        ("[Errno 110] Connection timed out", "does not answer"),
        ("[Errno 113] No route to host", "no way to the printer"),
        ("[Errno 13] Permission denied: '/dev/usb/lp0'", "group lp"),
        ("[Errno 9999] Something new", "cannot be reached"),
        ("", "cannot be reached"),
    ],
)
def test_what_systems_say_of_one_that_cannot_be_reached(detail, words) -> None:
    assert words in explain(Trouble.UNREACHABLE, detail)


def test_other_troubles_are_said_without_the_systems_words() -> None:
    assert explain(Trouble.NO_DOCUMENT, "KeyError: 'left'") == str(Trouble.NO_DOCUMENT.label)
    assert explain("", "") == ""
