"""Printing once: what may have reached the paper is told from what cannot have."""

import time
from collections.abc import Callable
from typing import Final

from receipts.devices import status
from receipts.devices.lines import Line
from receipts.states import Trouble

ALL_WITHIN: Final = 60.0  # seconds; with status and end it stays below what a job is held for


class NotStarted(Exception):
    """Somebody else prints it, or it was canceled: not a byte was sent."""


class NotReady(Exception):
    """Not a byte of the document was sent: it can be tried again."""

    def __init__(self, trouble: Trouble, detail: str = "") -> None:
        super().__init__(detail or trouble.value)
        self.trouble, self.detail = trouble, detail


class Broken(Exception):
    """Some or all of it was sent, and whether it is on paper nobody knows: not to be tried again by itself."""

    def __init__(self, trouble: Trouble, detail: str, *, sent: int) -> None:
        super().__init__(detail or trouble.value)
        self.trouble, self.detail, self.sent = trouble, detail, sent


def send(
    connect: Callable[[], Line], content: bytes, *, may_start: Callable[[], bool], must_answer: bool = False
) -> bool:
    """Print it; whether the printer also said that it is well. `may_start` is asked just before the first byte.

    Raises NotReady, NotStarted or Broken. `must_answer`: not on a printer that does not say how it is.
    """
    line, answers = _open(connect, must_answer=must_answer)
    try:
        if not may_start():
            raise NotStarted
        _write(line, content)
        _confirm(line, answers=answers, sent=len(content))
    finally:
        line.drop()
    return answers


def look(connect: Callable[[], Line]) -> Trouble | None:
    """How the printer is, without printing: None when it can print."""
    try:
        line, answers = _open(connect, must_answer=False)
    except NotReady as trouble:
        return trouble.trouble
    line.drop()
    return None if answers else Trouble.SILENT


def _open(connect: Callable[[], Line], *, must_answer: bool) -> tuple[Line, bool]:
    try:
        line = connect()
    except OSError as error:
        raise NotReady(Trouble.UNREACHABLE, str(error)) from error
    try:
        trouble = status.ask(line)
    except OSError as error:
        line.drop()
        raise NotReady(Trouble.UNREACHABLE, str(error)) from error
    if trouble and (must_answer or trouble != Trouble.SILENT):
        line.drop()
        raise NotReady(trouble)
    return line, trouble is None


def _write(line: Line, content: bytes) -> None:
    data, sent, end = memoryview(content), 0, time.monotonic() + ALL_WITHIN
    try:
        while sent < len(content):
            if time.monotonic() > end:
                raise TimeoutError("the printer takes it too slowly")
            sent += line.write(data[sent:])
    except OSError as error:
        if not sent:
            raise NotReady(Trouble.UNREACHABLE, str(error)) from error
        trouble = Trouble.NOT_CONFIRMED if isinstance(error, TimeoutError) else Trouble.BROKE_OFF
        raise Broken(trouble, str(error), sent=sent) from error


def _confirm(line: Line, *, answers: bool, sent: int) -> None:
    """Who told before how it is must tell so again; else the other side must end the connection in order."""
    trouble = None
    try:
        if answers:
            trouble = status.ask(line)
        else:
            line.end()
    except TimeoutError as error:
        raise Broken(Trouble.NOT_CONFIRMED, str(error), sent=sent) from error
    except OSError as error:
        raise Broken(Trouble.BROKE_OFF, str(error), sent=sent) from error
    if trouble:
        raise Broken(Trouble.NOT_CONFIRMED if trouble == Trouble.SILENT else trouble, "", sent=sent)
