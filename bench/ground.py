"""What several measurements stand on: a database of their own, the settings, the web process, what the machine does."""

import os
import platform
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

ROOT = Path(__file__).parent.parent
SERVER = os.environ.get("DATABASE_URL") or "postgres://postgres@127.0.0.1:5432/postgres"


def environment(url: str, var: str, **more: str) -> dict[str, str]:
    """Our settings, the ones of a deployment, on this database; `more` of them by name."""
    return {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "DEBUG": "off",
        "SECRET_KEY": "bench",
        "LOG_LEVEL": "WARNING",
        "FIELD_ENCRYPTION_KEYS": "YmVuY2gtb25seS1iZW5jaC1vbmx5LWJlbmNoLW9ubHk=",
        "VAR_DIR": var,
        "RECEIPTS_STORAGE_URL": "",
        "REDIS_URL": "",
        "DATABASE_URL": url,
        **more,
    }


def set_up(url: str, var: str, **more: str) -> None:
    """The product in this process, and by its environment in all that it starts."""
    os.environ |= environment(url, var, **more)
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)


@contextmanager
def database(kept: str, *, default: str = "bench_admin") -> Iterator[tuple[str, bool]]:
    """A database of our own on the server, gone afterwards unless it has a name."""
    name = kept or f"{default}_{os.getpid()}"
    with psycopg.connect(SERVER, autocommit=True) as server:
        is_new = not server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone()
        if is_new:
            server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    try:
        yield urlunsplit(urlsplit(SERVER)._replace(path=f"/{name}")), is_new
    finally:
        if not kept:
            with psycopg.connect(SERVER, autocommit=True) as server:
                server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@contextmanager
def web(var: str, env: Mapping[str, str] | None = None) -> Iterator[tuple["subprocess.Popen[bytes]", int]]:
    """The web process of the Procfile."""
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", "config.wsgi:application", "--config", "python:config.gunicorn"]
    env = os.environ | {"PORT": str(port), "PUBLIC_URL": f"http://localhost:{port}"} | dict(env or {})
    with (Path(var) / "web.log").open("wb") as log, subprocess.Popen(  # noqa: S603 - our own command line
        command, cwd=ROOT, env=env, stdout=log, stderr=log
    ) as process:  # fmt: skip
        try:
            wait_for(port)
            yield process, port
        finally:
            process.terminate()


def wait_for(port: int) -> None:
    """Until it says 200."""
    for _attempt in range(6000):
        try:
            connection = HTTPConnection("localhost", port, timeout=20)
            connection.request("GET", "/healthz")
            if connection.getresponse().status == 200:
                return
        except OSError:
            pass
        time.sleep(0.01)
    sys.exit("the web process does not answer")


def cpu(pid: int) -> dict[str, float]:
    """Seconds of processor by thread: of the web's workers, and of PostgreSQL where it runs on this machine."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pid FROM pg_stat_activity WHERE datname = current_database()")
        backends = [str(row[0]) for row in cursor.fetchall()]
    workers = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    threads = [thread for one in (*workers, *backends) for thread in Path(f"/proc/{one}/task").glob("*/schedstat")]
    return {str(thread): int(thread.read_text().split()[0]) / 1e9 for thread in threads}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def machine() -> str:
    with psycopg.connect(SERVER) as server:
        version = server.info.server_version // 10000
        commit = server.execute("SHOW synchronous_commit").fetchone()
    command = f"python -m bench.{Path(sys.argv[0]).stem} {' '.join(sys.argv[1:])}"
    return (
        f"`{command.strip()}`: {os.cpu_count()} cores, {platform.system()} {platform.machine()}, Python "
        f"{platform.python_version()}, PostgreSQL {version} (synchronous_commit {commit[0] if commit else '?'})"
    )


def load() -> str:
    return f"{os.getloadavg()[0]:.1f}"


def percentile(values: list[float], percent: int) -> float:
    return statistics.quantiles(values, n=100, method="inclusive")[percent - 1] if len(values) > 1 else values[0]


def spread(values: list[float], digits: int = 0) -> str:
    """The median, with the least and the most."""
    return f"{statistics.median(values):.{digits}f} ({min(values):.{digits}f}–{max(values):.{digits}f})"


def judge(goals: Mapping[str, bool]) -> int:
    """Print what was reached; the exit code."""
    print("\n| goal | |\n|---|---|")
    for goal, is_reached in goals.items():
        print(f"| {goal} | {'reached' if is_reached else '**MISSED**'} |")
    return 0 if all(goals.values()) else 1
