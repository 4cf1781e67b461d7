"""Long polls: requests that wait for something to happen, and never take all threads of a web process."""

from collections.abc import Callable
from threading import BoundedSemaphore
from time import monotonic, sleep
from typing import TypeVar

Answer = TypeVar("Answer")

HALF_OF_THE_THREADS = 16  # of a web process: polls must always find one
WAITING = BoundedSemaphore(HALF_OF_THE_THREADS)


def wait_until(look: Callable[[], Answer], *, seconds: float, every: float = 0.25) -> Answer:
    """What `look` gives, as soon as it is truthy or the time is over. With too many waiting already: at once."""
    answer = look()
    if answer or not seconds or not WAITING.acquire(blocking=False):
        return answer
    try:
        end = monotonic() + seconds
        while not answer and (left := end - monotonic()) > 0:
            sleep(min(every, left))
            answer = look()
    finally:
        WAITING.release()
    return answer
