"""A clock that jumps, for all processes of the product at once: what their Python code asks for the time.

Not the machine's clock: PostgreSQL, Redis, the simulator and the wire keep the right time.
"""

import os
import time
from pathlib import Path
from threading import Thread

import time_machine

_EVERY = 0.1  # seconds


def follow(folder: Path) -> None:
    """Be as many seconds ahead as the file in that folder says, from a moment after it says so."""

    def start() -> None:
        Thread(target=_follow, args=(folder / "ahead",), name="clock", daemon=True).start()

    start()
    os.register_at_fork(after_in_child=start)


def put(folder: Path, *, ahead: float) -> None:
    """Seconds; less than nothing puts it back."""
    fresh = folder / "ahead.new"
    fresh.write_text(f"{ahead}")
    fresh.replace(folder / "ahead")


def _follow(file: Path) -> None:
    now, travel = 0.0, None
    while True:
        time.sleep(_EVERY)
        wanted = float(file.read_text()) if file.exists() else 0.0
        if wanted != now:
            if travel:
                travel.stop()
            travel = time_machine.travel(time.time() + wanted, tick=True) if wanted else None
            if travel:
                travel.start()
            now = wanted
