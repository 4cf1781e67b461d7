"""A bar that fills, for people at a terminal; plain lines for logs."""

from time import monotonic
from typing import TextIO

_WIDTH = 30  # signs
_LINES_APART = 5.0  # seconds, where there is no terminal


class Progress:
    """How many of `total` are done, how fast, and how long the rest will take."""

    def __init__(self, stream: TextIO, total: int) -> None:
        self._stream, self._total = stream, total
        self._is_terminal = stream.isatty()
        self._begun, self._said = monotonic(), float("-inf")
        self._was = ""

    def show(self, done: int, note: str = "") -> None:
        now = monotonic()
        if not self._total:
            return
        if self._is_terminal:
            filled = _WIDTH * done // (self._total or 1)
            line = f"[{'#' * filled}{'.' * (_WIDTH - filled)}] {self._line(done, now, note)}"
            self._stream.write(f"\r{line}\x1b[K")
        elif now - self._said >= _LINES_APART or bool(note) > bool(self._was) or done == self._total:
            self._stream.write(f"{self._line(done, now, note)}\n")
            self._said = now
        self._was = note
        self._stream.flush()

    def end(self) -> None:
        if self._is_terminal and self._total:
            self._stream.write("\n")

    def _line(self, done: int, now: float, note: str) -> str:
        rate = done / max(now - self._begun, 0.001)
        left = f"{_span((self._total - done) / rate)} left" if 0 < done < self._total and not note else ""
        counted = f"{done} of {self._total} ({100 * done // (self._total or 1)} %)"
        return " · ".join(filter(None, [counted, f"{rate:.1f}/s", left, note]))


def _span(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
