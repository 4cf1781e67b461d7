"""Every request that was made and got, for people and tests to look at. Secrets never appear."""

import time
from collections import deque
from threading import Lock
from typing import Any

from simulator.world import stamp

_log: deque[dict[str, Any]] = deque(maxlen=1000)
_lock = Lock()
_count = 0


def record(
    *, kind: str, direction: str, method: str, url: str, sent: Any, status: int, received: Any, started: float
) -> None:
    """`direction` is out (made) or in (got); `started` is time.monotonic() of its begin."""
    global _count
    with _lock:
        _count += 1
        _log.append(
            {
                "n": _count,
                "at": stamp(),
                "direction": direction,
                "kind": kind,
                "method": method,
                "url": url,
                "request_body": sent,
                "status": status,
                "response_body": received,
                "ms": round((time.monotonic() - started) * 1000, 1),
            }
        )


def since(n: int) -> list[dict[str, Any]]:
    with _lock:
        return [exchange for exchange in _log if exchange["n"] > n]
