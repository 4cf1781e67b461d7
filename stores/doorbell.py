"""Waking workers without making anybody wait for the broker: a thread of its own tells it."""

import atexit
import logging
import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from threading import Condition, Thread
from time import sleep

logger = logging.getLogger(__name__)

_ROOM = 1000  # numbers that wait while the broker does not answer; what does not fit is left to the sweep
_PAUSE, _LONGEST_PAUSE, _PAUSE_AFTER_FAILURE = 0.01, 0.025, 1.0  # seconds
_FEW, _MANY = 4, 10  # numbers at a time; numbers in a message
_FLUSH = 1.0  # seconds that the end of a process waits for what was rung last


def in_messages(numbers: Sequence[int], *, few: int = _FEW) -> Iterator[list[int]]:
    """A few get a message each, so that several threads of a worker share them; many go by the ten.

    One message each would cost more than what it tells of, and then all threads are busy anyway.
    """
    size = 1 if len(numbers) <= few else _MANY
    for start in range(0, len(numbers), size):
        yield [*numbers[start : start + size]]


class Doorbell:
    """Calls `wake` with all numbers that were rung since the last time.

    At once when it was quiet; the more were rung at a time, the longer it waits for the next ones, up to 25 ms: telling
    the broker of one costs as much as storing it. What `wake` raises is logged and its numbers are forgotten: whoever
    rings has a sweep behind it.
    """

    _thread: Thread | None

    def __init__(self, wake: Callable[[list[int]], None]) -> None:
        self._wake = wake
        self._renew()
        os.register_at_fork(after_in_child=self._renew)  # threads stay behind, and locks as they are

    def ring(self, number: int) -> None:
        """Never waits, never fails."""
        with self._bell:
            self._waiting.append(number)
            if self._thread is None:
                self._thread = Thread(target=self._answer, name="doorbell", daemon=True)
                self._thread.start()
                atexit.register(self.flush, _FLUSH)
            self._bell.notify_all()

    def flush(self, seconds: float) -> bool:
        """Wait until `wake` was called with everything that was rung. False when it takes longer."""
        with self._bell:
            return self._bell.wait_for(lambda: not self._waiting and not self._is_busy, seconds)

    def _renew(self) -> None:
        self._bell = Condition()
        self._waiting: deque[int] = deque(maxlen=_ROOM)
        self._is_busy = False
        self._thread = None

    def _answer(self) -> None:
        while True:
            numbers = self._take()
            pause = min(_PAUSE * len(numbers), _LONGEST_PAUSE)
            try:
                self._wake(numbers)
            except Exception as error:
                logger.warning("no worker was woken for %s rows, the sweep finds them: %r", len(numbers), error)
                pause = _PAUSE_AFTER_FAILURE
            with self._bell:
                self._is_busy = False
                self._bell.notify_all()
            sleep(pause)

    def _take(self) -> list[int]:
        with self._bell:
            self._bell.wait_for(lambda: self._waiting)
            numbers = list(self._waiting)
            self._waiting.clear()
            self._is_busy = True
            return numbers
