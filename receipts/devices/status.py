"""What printers say of themselves: ESC/POS real-time status, DLE EOT n."""

import time
from typing import Final

from receipts.devices.lines import Line
from receipts.states import Trouble

PRINTER, CAUSE, PAPER = (b"\x10\x04" + bytes([n]) for n in (1, 2, 4))
ANSWER_WITHIN: Final = 2.0  # seconds

_FIXED_BITS, _FIXED = 0b10010011, 0b00010010  # in every answer, so that others are told from it
_OFFLINE = 0b00001000  # of 1
_COVER_OPEN, _PAPER_STOPPED, _ERROR = 0b00000100, 0b00100000, 0b01000000  # of 2
_PAPER_END = 0b01100000  # of 4


def ask(line: Line) -> Trouble | None:
    """None when it can print; SILENT when it does not answer."""
    printer = _ask(line, PRINTER) if line.can_answer else None
    if printer is None:
        return Trouble.SILENT
    cause, paper = _ask(line, CAUSE) or 0, _ask(line, PAPER) or 0
    if paper & _PAPER_END or cause & _PAPER_STOPPED:
        return Trouble.PAPER_OUT
    if cause & _COVER_OPEN:
        return Trouble.COVER_OPEN
    if cause & _ERROR:
        return Trouble.ERROR
    return Trouble.OFFLINE if printer & _OFFLINE else None


def _ask(line: Line, question: bytes) -> int | None:
    """The answer's byte. A printer may send other things unasked; they are passed over."""
    line.write(memoryview(question))
    end = time.monotonic() + ANSWER_WITHIN
    while (left := end - time.monotonic()) > 0:
        for byte in line.read(left):
            if byte & _FIXED_BITS == _FIXED:
                return byte
    return None
