"""Real servers, loaded by wrk: answers a second, how late the last ones are, and what the processor does for each."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import requests

from bench.ground import ROOT

GUNICORN = [sys.executable, "-m", "gunicorn", "--config", "python:config.gunicorn"]
UVICORN = [sys.executable, "-m", "uvicorn", "--workers", "2", "--no-access-log", "--log-level", "warning"]
GRANIAN = [
    *(sys.executable, "-m", "granian", "--interface", "wsgi"),
    *("--workers", "2", "--blocking-threads", "28", "--log-level", "warning"),
]
Backends = Callable[[], Iterable[int]]


@dataclass(slots=True)
class Load:
    """What wrk saw in one round. Latencies in milliseconds, processor in microseconds an answer."""

    rate: float
    p50: float
    p99: float
    cpu: float
    database_cpu: float
    refused: int  # answers other than 2xx and 3xx


@dataclass(slots=True)
class Server:
    """One of those that are compared."""

    name: str
    command: list[str]
    port: int
    env: Mapping[str, str] = field(default_factory=dict)
    cwd: Path = ROOT
    pid: int = 0  # while it runs; its process group's too
    rounds: list[Load] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def running(server: Server, logs: Path) -> Iterator[Server]:
    """Until the block ends: its processes, in a group of their own. Output goes to `logs`."""
    log = logs / f"{server.name.replace(' ', '-').replace('/', '-')}.log"
    with log.open("wb") as out, subprocess.Popen(  # noqa: S603 - our own command lines
        server.command, cwd=server.cwd, env=os.environ | dict(server.env), stdout=out, stderr=out,
        start_new_session=True,
    ) as process:  # fmt: skip
        server.pid = process.pid
        try:
            _wait(server, process, log)
            yield server
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)


def load(server: Server, *, seconds: int, connections: int, backends: Backends, script: Path | None = None) -> Load:
    """Have wrk ask for as long as that, from one thread. `backends` tells the pids of PostgreSQL's processes."""
    before = _cpu(server.pid)
    database = _cpu_of(backends())
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency", "--timeout", "30s"]
    command += ["-s", str(script)] if script else []
    done = subprocess.run(  # noqa: S603 - our own command line
        [*command, server.url], capture_output=True, text=True, check=True
    )
    answers = int(_number(done.stdout, r"(\d+) requests in"))
    refused = re.search(r"Non-2xx or 3xx responses: (\d+)", done.stdout)
    return Load(
        rate=_number(done.stdout, r"Requests/sec:\s+([\d.]+)"),
        p50=_duration(done.stdout, "50%"),
        p99=_duration(done.stdout, "99%"),
        cpu=(_cpu(server.pid) - before) / answers * 1e6,
        database_cpu=(_cpu_of(backends()) - database) / answers * 1e6,
        refused=int(refused[1]) if refused else 0,
    )


def _wait(server: Server, process: "subprocess.Popen[bytes]", log: Path) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end and process.poll() is None:
        try:
            requests.get(server.url, timeout=2)
        except requests.RequestException:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError(f"{server.name} does not answer:\n{log.read_text(errors='replace')[-2000:]}")


def _cpu(group: int) -> float:
    """Seconds of processor that a process group has used, as far as its processes live."""
    stats = (_stat(path) for path in Path("/proc").glob("[0-9]*"))
    return sum(_seconds(fields) for fields in stats if fields and int(fields[2]) == group)


def _cpu_of(pids: Iterable[int]) -> float:
    return sum(_seconds(fields) for pid in pids if (fields := _stat(Path(f"/proc/{pid}"))))


def _stat(process: Path) -> list[str]:
    """/proc/PID/stat from the state on (proc(5)): 2 is the process group, 11 and 12 the times. Empty: it is gone."""
    try:
        return process.joinpath("stat").read_text().rpartition(") ")[2].split()
    except OSError:
        return []


def _seconds(fields: list[str]) -> float:
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _number(text: str, pattern: str) -> float:
    found = re.search(pattern, text)
    if not found:
        raise RuntimeError(f"wrk said something else: {text}")
    return float(found[1])


def _duration(text: str, percentile: str) -> float:
    found = re.search(rf"{percentile}\s+([\d.]+)(us|ms|s|m)\b", text)
    if not found:
        raise RuntimeError(f"wrk said something else: {text}")
    return float(found[1]) * {"us": 0.001, "ms": 1, "s": 1000, "m": 60_000}[found[2]]
