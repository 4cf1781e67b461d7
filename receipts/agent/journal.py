"""What the agent was doing, so that after a crash it knows what may be on paper."""

import fcntl
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

HELD, PRINTING, DONE = "held", "printing", "done"


class JournalError(Exception):
    """It cannot be used; says why, and what to do."""


@dataclass(frozen=True, slots=True)
class Entry:
    """The one job that is being worked on."""

    job_id: int
    attempt: int
    stage: str
    outcome: dict[str, Any] | None = None


class Journal:
    """A small file, written before what it says is done. One agent at a time may have it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = open(path.with_suffix(".lock"), "w")  # noqa: SIM115 - held as long as the agent lives
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            self._lock.close()
            raise JournalError(f"Another agent uses {path}: stop it, or give each its own --journal.") from error

    def read(self) -> Entry | None:
        try:
            return Entry(**json.loads(self._path.read_text()))
        except FileNotFoundError:
            return None
        except (ValueError, TypeError) as error:
            text = f"{self._path} is not readable ({error}): look whether the last receipt was printed, then delete it."
            raise JournalError(text) from error

    def write(self, entry: Entry) -> None:
        """On the disk when this returns, whole or not at all."""
        part = self._path.with_suffix(".part")
        with part.open("w") as file:
            json.dump(asdict(entry), file)
            file.flush()
            os.fsync(file.fileno())
        part.replace(self._path)
        self._sync_folder()

    def clear(self) -> None:
        self._path.unlink(missing_ok=True)
        self._sync_folder()

    def close(self) -> None:
        self._lock.close()

    def _sync_folder(self) -> None:
        folder = os.open(self._path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
