"""What the back-office's pages cost with a million orders: python -m bench.admin. See bench/README.md."""

import argparse
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

MOST_MS = 300
_SERVER = os.environ.get("DATABASE_URL") or "postgres://postgres@127.0.0.1:5432/postgres"


@dataclass(slots=True)
class Measured:
    """One page as one person asks for it."""

    user: str
    name: str
    url: str
    queries: int = 0
    wall: list[float] = field(default_factory=list)  # milliseconds
    cpu: list[float] = field(default_factory=list)  # of web and database together

    @property
    def p95(self) -> float:
        return _percentile(self.wall, 95)

    def line(self) -> str:
        numbers = (statistics.median(self.wall), self.p95, max(self.wall), _percentile(self.cpu, 95))
        judged = "reached" if self.p95 <= MOST_MS else "MISSED"
        texts = "".join(f"{number:8.0f}" for number in numbers)
        return f"{self.user:<9}{self.name:<44}{texts}{self.queries:9}  {judged}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orders", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--database", default="", help="keep it under this name, and use what it holds next time")
    parser.add_argument("--only", default="", help="pages with this in their name")
    arguments = parser.parse_args()
    with _database(arguments.database) as (url, is_new), tempfile.TemporaryDirectory(prefix="bench-admin-") as var:
        _set_up(url, var)
        from bench import admin_pages, admin_rows

        if is_new:
            begin = time.monotonic()
            admin_rows.fill(arguments.orders)
            print(f"{arguments.orders:,} orders made in {time.monotonic() - begin:.0f} s", flush=True)
        pages = [Measured(*page) for page in admin_pages.pages() if arguments.only in page[1]]
        cookies = admin_pages.cookies()
        for page in pages:
            page.queries = admin_pages.queries(page.user, page.url)
        print(f"{_machine()}; load before {_load()}", flush=True)
        with _web(url, var) as (process, port):
            for number in range(arguments.rounds + 1):
                for page in pages:  # one after the other, round by round: what the machine does besides hits all alike
                    _ask(page, cookies[page.user], port, process.pid, is_counted=number > 0)
        return _judge(pages, arguments.rounds)


def _set_up(url: str, var: str) -> None:
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "DEBUG": "off",
        "SECRET_KEY": "bench",
        "LOG_LEVEL": "WARNING",
        "FIELD_ENCRYPTION_KEYS": "ZGV2ZWxvcG1lbnQtb25seS1ub3QtYS1zZWNyZXQtISE=",
        "VAR_DIR": var,
        "RECEIPTS_STORAGE_URL": "",
        "REDIS_URL": "",
        "DATABASE_URL": url,
    }
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)


@contextmanager
def _database(kept: str) -> Iterator[tuple[str, bool]]:
    """A database of our own on the server, gone afterwards unless it has a name."""
    name = kept or f"bench_admin_{os.getpid()}"
    with psycopg.connect(_SERVER, autocommit=True) as server:
        is_new = not server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone()
        if is_new:
            server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    try:
        yield urlunsplit(urlsplit(_SERVER)._replace(path=f"/{name}")), is_new
    finally:
        if not kept:
            with psycopg.connect(_SERVER, autocommit=True) as server:
                server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@contextmanager
def _web(url: str, var: str) -> Iterator[tuple["subprocess.Popen[bytes]", int]]:
    """The web process of the Procfile."""
    from backoffice.stack import ROOT, free_port

    port = free_port()
    command = [sys.executable, "-m", "gunicorn", "config.wsgi:application", "--config", "python:config.gunicorn"]
    env = os.environ | {"PORT": str(port), "PUBLIC_URL": f"http://localhost:{port}"}
    with (Path(var) / "web.log").open("wb") as log, subprocess.Popen(  # noqa: S603 - our own command line
        command, cwd=ROOT, env=env, stdout=log, stderr=log
    ) as process:  # fmt: skip
        try:
            _wait_for(port)
            yield process, port
        finally:
            process.terminate()


def _wait_for(port: int) -> None:
    for _attempt in range(300):
        try:
            HTTPConnection("localhost", port, timeout=5).request("GET", "/healthz")
        except OSError:
            time.sleep(0.1)
        else:
            return
    sys.exit("the web process does not answer")


def _ask(page: Measured, cookie: str, port: int, pid: int, *, is_counted: bool) -> None:
    connection = HTTPConnection("localhost", port, timeout=120)
    cpu, begin = _cpu(pid), time.perf_counter()
    connection.request("GET", page.url, headers={"Cookie": cookie, "Host": "localhost"})
    answer = connection.getresponse()
    answer.read()
    wall = time.perf_counter() - begin
    if answer.status != 200:
        sys.exit(f"{page.url} answers {answer.status} to the {page.user}")
    if is_counted:
        page.wall.append(wall * 1000)
        page.cpu.append(sum(now - cpu.get(thread, 0) for thread, now in _cpu(pid).items()) * 1000)
    connection.close()


def _cpu(pid: int) -> dict[str, float]:
    """Seconds of processor by thread: of the web's workers, and of PostgreSQL where it runs on this machine."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pid FROM pg_stat_activity WHERE datname = current_database()")
        backends = [str(row[0]) for row in cursor.fetchall()]
    workers = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    threads = [thread for one in (*workers, *backends) for thread in Path(f"/proc/{one}/task").glob("*/schedstat")]
    return {str(thread): int(thread.read_text().split()[0]) / 1e9 for thread in threads}


def _judge(pages: list[Measured], rounds: int) -> int:
    print(f"\n{'as':<9}{'page':<44}{'p50':>8}{'p95':>8}{'max':>8}{'CPU p95':>8}{'queries':>9}")
    for page in pages:
        print(page.line())
    missed = [page for page in pages if page.p95 > MOST_MS]
    print(f"\nmilliseconds, {rounds} interleaved rounds, one request at a time; load afterwards {_load()}")
    print(f"{'MISSED' if missed else 'reached'}: p95 ≤ {MOST_MS} ms, {len(pages) - len(missed)} of {len(pages)} pages")
    return 1 if missed else 0


def _machine() -> str:
    with psycopg.connect(_SERVER) as server:
        version = server.info.server_version // 10000
    return (
        f"python -m bench.admin {' '.join(sys.argv[1:])}: {os.cpu_count()} cores, {platform.system()} "
        f"{platform.machine()}, Python {platform.python_version()}, PostgreSQL {version}"
    )


def _load() -> str:
    return f"{os.getloadavg()[0]:.1f}"


def _percentile(values: list[float], percent: int) -> float:
    return statistics.quantiles(values, n=100, method="inclusive")[percent - 1] if len(values) > 1 else values[0]


if __name__ == "__main__":
    sys.exit(main())
