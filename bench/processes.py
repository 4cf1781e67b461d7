"""What measurements share: a database of their own, the processes of the Procfile, and what these use."""

import os
import platform
import shlex
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

ROOT = Path(__file__).resolve().parent.parent
SERVER = os.environ.get("DATABASE_URL") or "postgres://postgres@127.0.0.1:5432/postgres"
REDIS = os.environ.get("REDIS_URL") or "redis://127.0.0.1:6379/0"


@contextmanager
def database(name: str) -> Iterator[str]:
    """A database of our own on the server, gone afterwards; its address."""
    quoted = sql.Identifier(f"{name}_{os.getpid()}")
    with psycopg.connect(SERVER, autocommit=True) as server:
        server.execute(sql.SQL("CREATE DATABASE {}").format(quoted))
    try:
        yield urlunsplit(urlsplit(SERVER)._replace(path=f"/{name}_{os.getpid()}"))
    finally:
        with psycopg.connect(SERVER, autocommit=True) as server:
            server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(quoted))


def set_up(url: str, var: str, **settings: str) -> None:
    """The product in this process, and by its environment in all that it starts."""
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "DEBUG": "off",
        "SECRET_KEY": "bench",
        "LOG_LEVEL": "WARNING",
        "FIELD_ENCRYPTION_KEYS": "ZGV2ZWxvcG1lbnQtb25seS1ub3QtYS1zZWNyZXQtISE=",
        "PUBLIC_URL": "http://localhost:8000",
        "VAR_DIR": var,
        "RECEIPTS_STORAGE_URL": "",
        "REDIS_URL": REDIS,
        "DATABASE_URL": url,
        "PYTHONPATH": str(ROOT),
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        **settings,
    }
    import django
    from django.core.management import call_command
    from redis import Redis

    if Redis.from_url(REDIS).dbsize():
        sys.exit(f"{REDIS} is not empty: name another one in REDIS_URL")
    django.setup()
    call_command("migrate", verbosity=0)


def forget_messages() -> None:
    """The Redis database was empty when we came."""
    from redis import Redis

    Redis.from_url(REDIS).flushdb()


def line_of(process: str) -> str:
    """Its command in the Procfile."""
    lines = (ROOT / "Procfile").read_text().splitlines()
    [command] = [line.partition(":")[2].strip() for line in lines if line.startswith(f"{process}:")]
    return command


@contextmanager
def running(command: str, log: str, env: Mapping[str, str] | None = None) -> "Iterator[subprocess.Popen[bytes]]":
    """A process; its output is a file in VAR_DIR."""
    with (Path(os.environ["VAR_DIR"]) / f"{log}.log").open("ab") as file, subprocess.Popen(  # noqa: S603 - our own
        shlex.split(command), cwd=ROOT, env=os.environ | dict(env or {}), stdout=file, stderr=file
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


def spread(values: list[float], digits: int = 0) -> str:
    """The median, with the least and the most."""
    return f"{statistics.median(values):.{digits}f} ({min(values):.{digits}f}–{max(values):.{digits}f})"


def machine(name: str) -> str:
    with psycopg.connect(SERVER) as server:
        version = server.info.server_version // 10000
        commit = server.execute("SHOW synchronous_commit").fetchone()
    return (
        f"`python -m {name} {' '.join(sys.argv[1:])}`: {os.cpu_count()} cores, {platform.system()} "
        f"{platform.machine()}, Python {platform.python_version()}, PostgreSQL {version} (synchronous_commit "
        f"{commit[0] if commit else '?'}), load {os.getloadavg()[0]:.1f}"
    )


def judge(goals: Mapping[str, bool]) -> int:
    """Print what was reached; the exit code."""
    print("\n| goal | |\n|---|---|")
    for goal, is_reached in goals.items():
        print(f"| {goal} | {'reached' if is_reached else '**MISSED**'} |")
    return 0 if all(goals.values()) else 1


def load() -> str:
    return f"{os.getloadavg()[0]:.1f}"
