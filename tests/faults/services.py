"""A PostgreSQL and a Redis of our own, to be stopped, silenced and emptied without hurting anybody else's."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import redis

from backoffice.stack import free_port

MOST_CONNECTIONS = 140  # the web's two times 28 threads, the worker's 24 and 8, and room
_ADMIN, _PRODUCT, _OTHER = "postgres", "product", "somebody_else"
_SETTINGS = {
    "listen_addresses": "'127.0.0.1'",
    "max_connections": f"{MOST_CONNECTIONS}",
    "superuser_reserved_connections": "5",
    "shared_buffers": "64MB",
    "log_min_messages": "warning",
}


class Missing(Exception):
    """A program that is needed is not on this machine."""


class PostgreSQL:
    """The product logs in as an ordinary user; `admin` is for whoever looks on."""

    def __init__(self, folder: Path) -> None:
        self._bin = _postgresql_bin()
        self._port = free_port()
        self._data = folder / "postgresql"
        self._data.mkdir()
        if os.geteuid() == 0:  # it refuses to run as root
            shutil.chown(self._data, _ADMIN)
            for parent in (folder, *folder.parents):
                if parent.owner() == "root" and not parent.stat().st_mode & 0o001:
                    parent.chmod(parent.stat().st_mode | 0o011)
        self._run("initdb", "-D", str(self._data), "-U", _ADMIN, "-A", "trust", "-E", "UTF8", "--no-sync")
        settings = _SETTINGS | {"port": f"{self._port}", "unix_socket_directories": f"'{self._data}'"}
        with (self._data / "postgresql.conf").open("a") as file:
            file.writelines(f"{name} = {value}\n" for name, value in settings.items())
        self.start()
        with self.admin("postgres") as server:
            server.execute(f"CREATE ROLE {_PRODUCT} LOGIN")
            server.execute(f"CREATE ROLE {_OTHER} LOGIN")
            server.execute(f"CREATE DATABASE {_PRODUCT} OWNER {_PRODUCT}")

    @property
    def url(self) -> str:
        """The product's."""
        return f"postgres://{_PRODUCT}@127.0.0.1:{self._port}/{_PRODUCT}"

    @property
    def admin_url(self) -> str:
        """The same database as who may do everything, also when no connection is left."""
        return f"postgres://{_ADMIN}@127.0.0.1:{self._port}/{_PRODUCT}"

    def admin(self, database: str = _PRODUCT) -> "psycopg.Connection[tuple[object, ...]]":
        options = "-c default_transaction_read_only=off"
        return psycopg.connect(
            host="127.0.0.1", port=self._port, user=_ADMIN, dbname=database, options=options, autocommit=True
        )

    def start(self) -> None:
        self._run("pg_ctl", "-D", str(self._data), "-l", str(self._data / "log"), "-w", "start")

    def stop(self, mode: str = "fast") -> None:
        """`immediate` is a crash: it recovers from its log when it starts."""
        self._run("pg_ctl", "-D", str(self._data), "-m", mode, "-w", "stop")

    @contextlib.contextmanager
    def without_connections(self) -> Iterator[None]:
        """Somebody else takes all there are; the product's are ended."""
        url = f"postgres://{_OTHER}@127.0.0.1:{self._port}/{_PRODUCT}"
        with contextlib.ExitStack() as taken, self.admin() as server:
            for _again in range(5):  # the product tries, too
                server.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = %s", [_PRODUCT])
                with contextlib.suppress(psycopg.OperationalError):
                    while True:
                        taken.enter_context(psycopg.connect(url))
            yield

    def connections(self) -> dict[str, int]:
        """How many the product has, by the name of the process."""
        asked = "SELECT application_name, count(*) FROM pg_stat_activity WHERE usename = %s GROUP BY 1"
        with self.admin() as server:
            return {str(name): int(str(count)) for name, count in server.execute(asked, [_PRODUCT])}

    def set(self, name: str, value: str) -> None:
        """For the whole server, and in force at once."""
        with self.admin() as server:
            server.execute(f"ALTER SYSTEM SET {name} = {value}")
            server.execute("SELECT pg_reload_conf()")

    def _run(self, program: str, *arguments: str) -> None:
        as_admin = ["runuser", "-u", _ADMIN, "--"] if os.geteuid() == 0 else []
        command = [*as_admin, str(self._bin / program), *arguments]
        subprocess.run(command, cwd=self._data, check=True, stdout=subprocess.DEVNULL)


class Redis:
    """In memory only, as a broker is."""

    def __init__(self, folder: Path) -> None:
        if not (program := shutil.which("redis-server")):
            raise Missing("redis-server is not here: apt-get install redis-server")
        self._port = free_port()
        self._command = [program, "--bind", "127.0.0.1", "--port", f"{self._port}", "--save", "", "--dir", f"{folder}"]
        self._log = folder / "redis.log"
        self.start()

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self._port}/0"

    def start(self) -> None:
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(self._command, stdout=log, stderr=log)
        with redis.Redis.from_url(self.url) as client:
            for _attempt in range(200):
                with contextlib.suppress(redis.ConnectionError):
                    client.ping()
                    return
                time.sleep(0.05)
        raise Missing(f"redis-server does not answer, see {self._log}")

    def stop(self) -> None:
        self._process.send_signal(signal.SIGCONT)
        self._process.kill()
        self._process.wait()

    def hold(self) -> None:
        """It takes connections and says nothing: the kernel answers for a process that stands still."""
        self._process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        self._process.send_signal(signal.SIGCONT)

    def empty(self) -> None:
        with redis.Redis.from_url(self.url) as client:
            client.flushall()


@contextlib.contextmanager
def services(folder: Path) -> Iterator[tuple[PostgreSQL, Redis]]:
    """Both, running; or a word on what is missing."""
    try:
        to_redis = Redis(folder)
        with contextlib.ExitStack() as stack:
            stack.callback(to_redis.stop)
            postgresql = PostgreSQL(folder)
            stack.callback(postgresql.stop, "immediate")
            yield postgresql, to_redis
    except Missing as missing:
        sys.exit(f"{missing}")


def _postgresql_bin() -> Path:
    on_path = [Path(found).parent] if (found := shutil.which("pg_ctl")) else []
    for place in [*on_path, *sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)]:
        if (place / "initdb").exists() and (place / "pg_ctl").exists():
            if os.geteuid() == 0 and not shutil.which("runuser"):
                raise Missing("runuser is not here, and PostgreSQL does not run as root: apt-get install util-linux")
            return place
    raise Missing("PostgreSQL's initdb and pg_ctl are not here: apt-get install postgresql")
