"""Celery's beat, also when the clock is put back."""

import logging
from datetime import timedelta
from typing import Any

from celery.beat import PersistentScheduler

logger = logging.getLogger(__name__)
_MARGIN, _LONG_AGO = timedelta(seconds=2), timedelta(days=1)


class Scheduler(PersistentScheduler):
    """Celery's own waits until the clock is again where it was: an hour put back is an hour without any sweep.

    So does one that is started with what it remembers from before. What was last done in the future is done now.
    """

    def tick(self, *args: Any, **kwargs: Any) -> float:
        now = self.app.now()
        ahead = [entry for entry in self.schedule.values() if entry.last_run_at and entry.last_run_at > now + _MARGIN]
        if ahead:
            logger.warning("the clock was put back: %s sweeps that were to wait for it are due now", len(ahead))
            for entry in ahead:
                entry.last_run_at = now - _LONG_AGO
            self._heap = None  # in the order of the old clock
        return super().tick(*args, **kwargs)
