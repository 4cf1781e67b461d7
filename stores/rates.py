"""How often somebody may come: counted in this process alone, so that no database and no Redis is asked for it."""

from threading import Lock
from time import monotonic
from typing import Final

_BURST: Final = 10.0  # seconds: so much of what is allowed may come at once
_MOST: Final = 10_000  # whom to remember at once


class Rates:
    """Who has come how often lately. Of each, one moment is kept: until when they have used up what they may (GCRA)."""

    def __init__(self) -> None:
        self._until: dict[str, float] = {}
        self._lock = Lock()

    def wait(self, who: str, *, per_second: float) -> float:
        """0 when they may come now, which is counted; otherwise the seconds until they may. No limit with 0."""
        if per_second <= 0:
            return 0.0
        now = monotonic()
        with self._lock:
            until = self._until[who] if who in self._until else self._make_room(now)
            if until < now:
                until = now
            if until - now > _BURST:
                return until - now - _BURST
            self._until[who] = until + 1 / per_second
        return 0.0

    def _make_room(self, now: float) -> float:
        if len(self._until) >= _MOST:
            self._until = {name: until for name, until in self._until.items() if until > now}
        return now
