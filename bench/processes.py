"""The processes of the Procfile, as measurements run them, and what they use."""

import os
import shlex
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from bench import ground

REDIS = os.environ.get("REDIS_URL") or "redis://127.0.0.1:6379/0"


@contextmanager
def product(name: str) -> Iterator[None]:
    """In this process and in all that it starts: with a database of its own, and a Redis that must be empty."""
    with ground.database("", default=name) as (url, _is_new), TemporaryDirectory(prefix=f"{name}-") as var:
        _set_up(url, var)
        try:
            yield
        finally:
            forget_messages()


def _set_up(url: str, var: str) -> None:
    from redis import Redis

    if Redis.from_url(REDIS).dbsize():
        sys.exit(f"{REDIS} is not empty: name another one in REDIS_URL")
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    ground.set_up(
        url, var, PUBLIC_URL="http://localhost:8000", REDIS_URL=REDIS, PYTHONPATH=str(ground.ROOT), PATH=path,
        MERCADO_PAGO_NOTIFICATIONS_PER_SECOND="1000000",  # counted, and never too many for one account
    )  # fmt: skip


def forget_messages() -> None:
    """The Redis database was empty when we came."""
    from redis import Redis

    Redis.from_url(REDIS).flushdb()


def line_of(process: str) -> str:
    """Its command in the Procfile."""
    lines = (ground.ROOT / "Procfile").read_text().splitlines()
    [command] = [line.partition(":")[2].strip() for line in lines if line.startswith(f"{process}:")]
    return command


@contextmanager
def running(command: str, log: str, env: Mapping[str, str] | None = None) -> "Iterator[subprocess.Popen[bytes]]":
    """A process; its output is a file in VAR_DIR."""
    with (Path(os.environ["VAR_DIR"]) / f"{log}.log").open("ab") as file, subprocess.Popen(  # noqa: S603 - our own
        shlex.split(command), cwd=ground.ROOT, env=os.environ | dict(env or {}), stdout=file, stderr=file
    ) as process:  # fmt: skip
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()


def until(what: str, happens: Callable[[], bool], *, seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while not happens():
        if time.monotonic() > end:
            sys.exit(f"{what}: not within {seconds:.0f} s; see {os.environ['VAR_DIR']}")
        time.sleep(0.02)


def cpu(pid: int, *, with_children: bool = False) -> float:
    """Seconds of processor that a process has used."""
    pids = [pid]
    if with_children:
        pids += [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    stats = [stat for one in pids for stat in Path(f"/proc/{one}/task").glob("*/schedstat")]
    return sum(int(stat.read_text().split()[0]) for stat in stats) / 1e9


def resident_mib(pid: int) -> float:
    """The most memory it had."""
    [line] = [line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmHWM")]
    return int(line.split()[1]) / 1024
