"""Printers, webhooks of controllers, mail servers: whoever of them hangs must not hold up a payment.

They share a few threads of each worker process. Who finds none free leaves its row as it is: the next sweep wakes it.
"""

import functools
from collections.abc import Callable
from threading import BoundedSemaphore

PLACES = 3  # of a worker's threads (24; 8 where it draws): orders always find one
_places = BoundedSemaphore(PLACES)


def with_strangers(task: Callable[[int], None]) -> Callable[[int], None]:
    """Run the task of a row only while a place is free."""

    @functools.wraps(task)
    def in_a_place(pk: int) -> None:
        if not _places.acquire(blocking=False):
            return
        try:
            task(pk)
        finally:
            _places.release()

    return in_a_place
