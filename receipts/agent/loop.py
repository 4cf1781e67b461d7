"""Fetch, print, tell. Whatever interrupts it, a job that may be on paper is reported as such and not printed again."""

import logging
import time
from collections.abc import Callable
from typing import Any

from receipts import devices
from receipts.agent.api import Api, Job, ServerAway
from receipts.agent.journal import DONE, HELD, PRINTING, Entry, Journal
from receipts.devices import Line
from receipts.states import Trouble

logger = logging.getLogger(__name__)

WAIT = 25.0  # seconds of a long poll
_WAIT_IN_TROUBLE = 5.0  # then the printer is looked at again
_SERVER_IS_BUSY = 3.0
_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 60.0


class Agent:
    """One printer's agent. `pause` sleeps; `is_busy` tells a signal that a job is being printed just now."""

    def __init__(
        self,
        api: Api,
        connect: Callable[[], Line],
        journal: Journal,
        *,
        wait: float = WAIT,
        pause: Callable[[float], Any],
    ) -> None:
        self._api, self._connect, self._journal, self._wait, self._pause = api, connect, journal, wait, pause
        self._trouble: Trouble | None = None
        self._must_answer = False
        self._told: object = self  # nothing yet
        self.is_busy = self.is_stopping = False

    def run(self) -> None:
        """Until it is stopped. KeyRefused and JournalError end it."""
        away = _FIRST_PAUSE
        while not self.is_stopping:
            try:
                self.turn()
                away = _FIRST_PAUSE
            except (ServerAway, OSError) as error:
                logger.warning("trying again in %.0f s: %s", away, error)
                self._pause(away)
                away = min(away * 2, _LONGEST_PAUSE)

    def turn(self) -> None:
        """Report what is left over, then print one job, if there is one."""
        self._settle()
        if self._trouble or self._told is self:
            self._look()
        job = self._next()
        if job:
            self.is_busy = True
            try:
                self._print(job)
            finally:
                self.is_busy = False

    def _next(self) -> Job | None:
        """The next job. A server on which too many wait already answers at once: then the waiting is ours."""
        wait = min(self._wait, _WAIT_IN_TROUBLE) if self._trouble else self._wait
        start = time.monotonic()
        job = self._api.next(wait=wait)
        if job is None and time.monotonic() - start < wait / 2:
            self._pause(min(_SERVER_IS_BUSY, wait))
        return job

    def _settle(self) -> None:
        """Tell what the journal says of the job before: after a crash, or while the server was away."""
        entry = self._journal.read()
        if entry is None:
            return
        outcome = entry.outcome
        if entry.stage == HELD:
            outcome = {"state": "failed", "error": Trouble.LOST, "detail": "the agent was stopped before it printed"}
        elif entry.stage == PRINTING:
            outcome = {"state": "unknown", "error": Trouble.LOST, "detail": "the agent was stopped while it printed"}
        if not self._api.tell(entry.job_id, {"attempt": entry.attempt, **(outcome or {})}):
            logger.warning("job %s: the server had decided already", entry.job_id)
        self._journal.clear()

    def _look(self) -> None:
        trouble = devices.look(self._connect)
        self._trouble = None if trouble == Trouble.SILENT and not self._must_answer else trouble
        if self._told != trouble:
            self._api.tell_status(trouble)
            self._told = trouble

    def _print(self, job: Job) -> None:
        self._write(job, HELD)
        self._must_answer = job.must_answer
        outcome = self._outcome(job)
        if outcome is None:
            logger.info("%s: canceled, or somebody else prints it", job.name)
            self._journal.clear()
            return
        self._write(job, DONE, outcome)
        logger.info("%s: %s %s", job.name, outcome["state"], outcome.get("error", ""))
        self._settle()

    def _outcome(self, job: Job) -> dict[str, Any] | None:
        """What became of it; None when it must not be printed."""
        try:
            answers = devices.send(
                self._connect, job.content, may_start=lambda: self._may_start(job), must_answer=job.must_answer
            )
        except devices.NotStarted:
            return None
        except devices.NotReady as error:
            self._trouble = self._told = error.trouble
            return {"state": "failed", "error": error.trouble, "detail": error.detail[:300]}
        except devices.Broken as error:
            self._trouble = self._told = error.trouble
            detail = error.detail[:300]
            return {"state": "unknown", "error": error.trouble, "detail": detail, "bytes_sent": error.sent}
        self._trouble, self._told = None, None if answers else Trouble.SILENT
        silent = {} if answers else {"error": Trouble.SILENT}
        return {"state": "printed", "bytes_sent": len(job.content), **silent}

    def _may_start(self, job: Job) -> bool:
        """The server notes the beginning first, then the journal: only then a byte may go out."""
        if not self._api.tell(job.id, {"attempt": job.attempt, "state": "printing"}):
            return False
        self._write(job, PRINTING)
        return True

    def _write(self, job: Job, stage: str, outcome: dict[str, Any] | None = None) -> None:
        self._journal.write(Entry(job.id, job.attempt, stage, outcome))
