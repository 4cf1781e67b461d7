"""Which account may be asked about now: one without answers neither fills a process nor holds up the others.

Room: an account that is slow has a few threads, and all accounts together never have all of a process.
Breaker: after some failures in a row an account is left alone for a while; then one call tries for it.
When nobody gets an answer any more, a few calls try for all, and the first answer ends everybody's pause.

Each process learns by itself, in its memory: a healthy account costs neither a query nor a round trip.
"""

import math
import random
import threading
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from enum import StrEnum
from typing import Final

from gateway.errors import GatewayError, NotAsked, TemporaryError

# Calls under way at once, of the 24 threads of a worker and the 28 of a web process.
ALL: Final = 20
ONE: Final = 16  # of one account
SLOW_ONE: Final = 8  # of one that is slow
SLOW_ALL: Final = 12  # of all that are slow together: who is not always finds a place
TRIES: Final = 2  # of all, while nobody gets an answer

SLOW: Final = 2.0  # seconds that a call takes; as long is a place waited for
FAILURES: Final = 5  # in a row
_FIRST, LONGEST = 2.0, 10.0  # seconds of a pause: what was put off goes on soon after Mercado Pago is back
_SOON = 3.0  # seconds until it is worth looking for a place again
_ABOUT_ONE_THING = (423, 424)  # statuses that are temporary, and no sign of sickness


class State(StrEnum):
    """As breakers are called everywhere. Half open: the pause is over, and one call tries."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


Tell = Callable[[datetime | None], None]


def _nobody(silent_since: datetime | None) -> None:
    """For who does not want to know."""


@dataclass(eq=False, slots=True)
class Breaker:
    """Of one account. `tell` is called when it opens, with since when there are no answers, and when it closes: None.

    Set `is_told` when another process has told of a silence: then the next answer is the end of that one, too.
    """

    process: "Process"
    key: Hashable
    zone: tzinfo
    tell: Tell
    is_told: bool = False
    # The rest belongs to the process, under its lock.
    failures: int = 0
    since: datetime | None = None  # when the first of the failures in a row began
    pause: float = 0.0
    ends: float = 0.0  # of the pause, by the clock of the process
    took: float = 0.0  # the last call, in seconds

    def enter(self) -> "Pass":
        """May a call begin? Raises NotAsked. Every pass must `leave`."""
        return self.process.enter(self)


@dataclass(frozen=True, eq=False, slots=True)
class Pass:
    """A call under way."""

    breaker: Breaker
    begun: float
    is_try: bool

    def leave(self, *, answered: bool, error: GatewayError | None) -> None:
        self.breaker.process.leave(self, answered=answered, error=error)


def _jitter() -> float:
    return random.uniform(0.7, 1.0)  # noqa: S311 - processes are to differ, nobody is to be kept from guessing


class Process:
    """All accounts of a process. `clock` counts seconds; `patience` is how many of them a place is waited for."""

    def __init__(
        self,
        *,
        clock: Callable[[], float] = time.monotonic,
        patience: float = SLOW,
        jitter: Callable[[], float] = _jitter,
    ) -> None:
        self._clock, self._patience, self._jitter = clock, patience, jitter
        self._breakers: dict[Hashable, Breaker] = {}
        self._under_way: list[Pass] = []
        self._open: set[Breaker] = set()
        self._silent: set[Breaker] = set()  # what opened since anybody got an answer
        self._changed = threading.Condition()

    def of(self, key: Hashable, *, zone: tzinfo = UTC, tell: Tell = _nobody) -> Breaker:
        """The breaker of an account, the same one every time. It tells times of `zone`."""
        return self._breakers.get(key) or self._breakers.setdefault(key, Breaker(self, key, zone, tell))

    def states(self) -> dict[Hashable, State]:
        """Of every account that was asked about."""
        with self._changed:
            now = self._clock()
            return {key: self._state(one, now) for key, one in self._breakers.items()}

    def rations(self) -> dict[Hashable, int]:
        """How many rows of an account to wake now; who is not named may have all. Empty when all is well."""
        with self._changed:
            now = self._clock()
            tries = TRIES if self._nobody_is_answered else len(self._open)
            rations: dict[Hashable, int] = {}
            for one in self._open | {taken.breaker for taken in self._under_way}:
                if one in self._open:
                    rations[one.key] = int(tries > 0 and self._state(one, now) is State.HALF_OPEN)
                    tries -= rations[one.key]
                elif self._is_slow(one, now):
                    rations[one.key] = 2 * SLOW_ONE
            return rations

    def may_enter(self, one: Breaker) -> bool:
        """Whether a call that begins now finds its place at once."""
        with self._changed:
            try:
                self._check(one, now := self._clock())
            except NotAsked:
                return False
            return self._has_room(one, now)

    def enter(self, one: Breaker) -> Pass:
        with self._changed:
            end = self._clock() + self._patience
            while True:
                now = self._clock()
                self._check(one, now)
                if self._has_room(one, now):
                    break
                if now >= end or self._is_slow(one, now):
                    raise self._refusal(one, _SOON)
                self._changed.wait(end - now)
            taken = Pass(one, now, is_try=one in self._open)
            self._under_way.append(taken)
            return taken

    def leave(self, taken: Pass, *, answered: bool, error: GatewayError | None) -> None:
        """What came of a call: an answer of any kind, an error, or neither when it failed here."""
        one, now = taken.breaker, self._clock()
        with self._changed:
            self._under_way.remove(taken)
            one.took = now - taken.begun
            told: list[Breaker] = []
            if isinstance(error, TemporaryError) and error.status not in _ABOUT_ONE_THING:
                told = self._failed(taken, error, now)
            elif answered and not (one in self._open and one.since is None and not taken.is_try):
                told = self._answered(one)  # not of what had begun before a 429: that pause is kept
            self._changed.notify_all()
        for breaker in told:  # without the lock: it may take its time
            breaker.tell(breaker.since)

    def _check(self, one: Breaker, now: float) -> None:
        """Raise NotAsked while it is left alone."""
        if one in self._open and now < one.ends:
            raise self._refusal(one, one.ends - now, since=one.since)
        is_tried = any(taken.is_try and taken.breaker is one for taken in self._under_way)
        if is_tried or (self._nobody_is_answered and len(self._under_way) >= TRIES):
            since = min((silent.since for silent in (one, *self._silent) if silent.since), default=None)
            raise self._refusal(one, _SOON, since=since)

    def _has_room(self, one: Breaker, now: float) -> bool:
        mine = sum(taken.breaker is one for taken in self._under_way)
        if not self._under_way or not self._is_slow(one, now):
            return mine < ONE and len(self._under_way) < ALL
        slow = sum(self._is_slow(taken.breaker, now) for taken in self._under_way)
        return mine < SLOW_ONE and slow < SLOW_ALL and len(self._under_way) < ALL

    def _failed(self, taken: Pass, error: TemporaryError, now: float) -> list[Breaker]:
        """Leave it alone if that was enough, and for longer after a try. Whoever is to be told of it."""
        one = taken.breaker
        one.failures += 1
        is_pause = error.status == 429
        if is_pause:  # that is an answer
            one.since = None
            self._silent.discard(one)
        else:
            one.since = one.since or datetime.now(one.zone) - timedelta(seconds=one.took)
        if one in self._open:
            if not taken.is_try and not is_pause:
                return []  # it had begun before
        elif one.failures < FAILURES and not is_pause:
            return []
        one.pause = min(2 * one.pause or _FIRST, LONGEST)
        one.ends = now + max(one.pause * self._jitter(), error.retry_after)
        self._open.add(one)
        if is_pause:
            return []
        self._silent.add(one)
        one.is_told = True
        return [one]

    def _answered(self, one: Breaker) -> list[Breaker]:
        """It is well again; everybody is where nobody was. Whoever is to be told of it."""
        well = self._silent | {one} if self._nobody_is_answered else {one}
        self._silent.clear()
        told = [breaker for breaker in well if breaker.is_told]
        for breaker in well:
            self._open.discard(breaker)
            breaker.failures, breaker.since, breaker.pause, breaker.is_told = 0, None, 0.0, False
        return told

    @property
    def _nobody_is_answered(self) -> bool:
        return len(self._silent) > 1

    def _is_slow(self, one: Breaker, now: float) -> bool:
        waits = (taken for taken in self._under_way if taken.breaker is one)
        return one.took > SLOW or any(now - taken.begun > SLOW for taken in waits)

    def _state(self, one: Breaker, now: float) -> State:
        if one not in self._open:
            return State.CLOSED
        return State.OPEN if now < one.ends else State.HALF_OPEN

    def _refusal(self, one: Breaker, seconds: float, *, since: datetime | None = None) -> NotAsked:
        since = since and since.astimezone(one.zone)  # of another country, where nobody is answered
        return NotAsked(since=since, until=self._in(one, seconds), retry_after=math.ceil(seconds))

    def _in(self, one: Breaker, seconds: float) -> datetime:
        return datetime.now(one.zone) + timedelta(seconds=seconds)
