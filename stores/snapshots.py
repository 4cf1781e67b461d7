"""The numbers of all processes together: each writes its own into a file, whoever is asked adds the files up.

Not the shared memory of prometheus_client's multiprocess mode: on a full disk writing to it kills the process. A file
here is replaced as a whole, at most two seconds late, and what cannot be written is only missing on a graph.

A process holds a lock on its name as long as it lives, in whatever container. What a dead one counted moves to an
archive, since a sum that became smaller would look like a restart of everything.
"""

import atexit
import fcntl
import json
import logging
import os
import socket
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from secrets import token_hex
from threading import Lock, Thread
from time import sleep
from typing import IO, Any, Final

from django.conf import settings
from prometheus_client import CollectorRegistry
from prometheus_client.core import Metric

from stores.metrics import REGISTRY

logger = logging.getLogger(__name__)

EVERY: Final = 2.0  # seconds
_ARCHIVE: Final = "archive"
Families = dict[str, dict[str, Any]]  # name → type, help, samples: [name, {label: value}, number]


class Snapshots:
    """Of one registry, in one folder."""

    def __init__(self, registry: CollectorRegistry, folder: Callable[[], Path]) -> None:
        self._registry, self._find_folder = registry, folder
        self._forget()
        os.register_at_fork(after_in_child=self._forget)

    def start(self) -> None:
        """Keep this process's file up to date from now on, and at its end."""
        Thread(target=self._keep, name="snapshots", daemon=True).start()
        atexit.register(self.write)

    def write(self) -> None:
        """Now. What fails is logged once, until it goes well again."""
        with self._lock:
            try:
                self._write()
                self._is_failing = False
            except OSError as error:
                if not self._is_failing:
                    logger.warning("this process's metrics cannot be written: %s", error)
                self._is_failing = True

    def collect(self) -> Iterable[Metric]:
        """The sum over all processes, the dead too, this one up to now."""
        self.write()
        folder = self._folder()
        with _locked(folder / "lock"):
            self._bury_the_dead(folder)
            return _metrics(_added(_read(file)["families"] for file in sorted(folder.glob("*.json"))))

    def _forget(self) -> None:
        """A forked process is another one."""
        self._lock = Lock()
        self._name = ""
        self._alive: IO[str] | None = None
        self._written = ""
        self._is_failing = False

    def _folder(self) -> Path:
        folder = self._find_folder()
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def _keep(self) -> None:
        while True:
            self.write()
            sleep(EVERY)

    def _write(self) -> None:
        families = _families(self._registry)
        if not any(family["samples"] for family in families.values()):
            return
        text = json.dumps({"families": families})
        if text == self._written:
            return
        folder = self._folder()
        if self._alive is None:
            name = f"{socket.gethostname()}-{os.getpid()}-{token_hex(4)}"
            alive = (folder / f"{name}.lock").open("w")
            fcntl.flock(alive, fcntl.LOCK_EX)
            self._name, self._alive = name, alive
        _replace(folder / f"{self._name}.json", text)
        self._written = text

    def _bury_the_dead(self, folder: Path) -> None:
        archive = folder / f"{_ARCHIVE}.json"
        dead = [file for file in folder.glob("*.json") if file != archive and not _lives(file)]
        if not dead:
            return
        kept = _read(archive)
        # Those of whom the archive knows were being buried when the power went.
        new = [file for file in dead if file.stem not in kept["buried"]]
        families = _added([kept["families"], *(_read(file)["families"] for file in new)])
        _replace(archive, json.dumps({"families": families, "buried": [file.stem for file in dead]}))
        for file in dead:
            file.unlink()
            file.with_suffix(".lock").unlink(missing_ok=True)


def _lives(file: Path) -> bool:
    """Whether its process holds its lock."""
    with suppress(FileNotFoundError), file.with_suffix(".lock").open() as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return True
    return False


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _read(file: Path) -> dict[str, Any]:
    """A file that is not there, or not to be understood, has nothing in it."""
    empty: dict[str, Any] = {"families": {}, "buried": []}
    with suppress(OSError, ValueError, TypeError):
        return empty | json.loads(file.read_text())  # type: ignore[no-any-return]
    return empty


def _replace(file: Path, text: str) -> None:
    """As a whole: who reads meanwhile reads what was there before."""
    part = file.with_suffix(".part")
    part.write_text(text)
    part.replace(file)


def _families(registry: CollectorRegistry) -> Families:
    return {
        metric.name: {
            "type": metric.type,
            "help": metric.documentation,
            "samples": [[sample.name, sample.labels, sample.value] for sample in metric.samples],
        }
        for metric in registry.collect()
    }


def _added(all_families: Iterable[Families]) -> Families:
    """Numbers of the same name and labels are added up; buckets are, since each holds those below it."""
    total: Families = {}
    for families in all_families:
        for name, family in families.items():
            known = total.setdefault(name, family | {"samples": {}})
            for sample, labels, value in family["samples"]:
                key = sample, tuple(labels.items())
                known["samples"][key] = known["samples"].get(key, 0) + value
    for family in total.values():
        family["samples"] = [[name, dict(labels), value] for (name, labels), value in family["samples"].items()]
    return total


def _metrics(families: Families) -> list[Metric]:
    metrics = []
    for name, family in families.items():
        metric = Metric(name, family["help"], family["type"])
        for sample, labels, value in family["samples"]:
            metric.add_sample(sample, labels, value)
        metrics.append(metric)
    return metrics


snapshots: Final = Snapshots(REGISTRY, lambda: settings.VAR_DIR / "metrics")
