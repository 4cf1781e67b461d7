"""A worker's hold on a row of which `due_at` says when it is gone on with.

A living worker renews it, whatever it waits for; what a dead one held is due again half a minute later. The moment that
its holder wrote last is what it knows its own hold by: who lost it changes nothing any more.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from threading import Event, Lock, Thread
from typing import Any, Final

from django.db import DatabaseError, connection
from django.db.models import QuerySet
from django.utils import timezone

logger = logging.getLogger(__name__)

HELD: Final = timedelta(seconds=30)
BEAT: Final = 10.0  # seconds: two may be missed


class Lease:
    """Of one row."""

    def __init__(self, row: QuerySet[Any], until: datetime, *, held: timedelta, beat: float) -> None:
        self._row, self._until, self._held, self._beat = row, until, held, beat
        self._lock = Lock()

    @contextmanager
    def kept(self) -> Iterator[None]:
        """Renewed by a thread of its own meanwhile. Leaving it gives nothing back: it may be left by a fault."""
        over = Event()
        thread = Thread(target=self._keep, args=(over,), name="lease", daemon=True)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()

    def renew(self) -> bool:
        """False when it was lost or stopped: another worker may be at it."""
        return self._write(timezone.now() + self._held)

    def give_back(self, after: timedelta) -> None:
        """Somebody goes on with it after that."""
        self._write(timezone.now() + after)

    def end(self, **news: Any) -> bool:
        """Nobody goes on with it. False, and nothing written, when it was lost or stopped."""
        return self._write(None, **news)

    def _write(self, due: datetime | None, **news: Any) -> bool:
        with self._lock:
            if not self._row.filter(due_at=self._until).update(due_at=due, **news):
                return False
            self._until = due or self._until
            return True

    def _keep(self, over: Event) -> None:
        while not over.wait(self._beat):
            try:
                if not self.renew():
                    return
            except DatabaseError as error:  # the next beat may reach it again
                logger.warning("a lease could not be renewed: %s", error)
            finally:
                connection.close()


def take(row: QuerySet[Any], *, held: timedelta = HELD, beat: float = BEAT, **news: Any) -> Lease | None:
    """Hold this row, if it is due. None: it is not, or another worker was faster."""
    now = timezone.now()
    if not row.filter(due_at__lte=now).update(due_at=now + held, **news):
        return None
    return Lease(row, now + held, held=held, beat=beat)
