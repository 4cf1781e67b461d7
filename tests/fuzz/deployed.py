"""The web process as a deployment runs it, on this test's own rows: gunicorn, DEBUG off, its log in a file."""

import os
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import connection

_START = (
    "import config.web; config.web.READ_WITHIN = {read_within}; from gunicorn.app.wsgiapp import run; "
    "import sys; sys.argv = ['gunicorn', 'config.wsgi:application', '--config', 'python:config.gunicorn']; run()"
)
_READY_WITHIN = 60.0  # seconds


@dataclass(frozen=True)
class Deployed:
    """A running one."""

    port: int
    log: Path

    def send(self, data: bytes, *, within: float = 10.0) -> bytes:
        """What comes back for these bytes, until it closes. Says that no more will come."""
        with socket.create_connection(("127.0.0.1", self.port), within) as line:
            try:
                line.sendall(data)
                line.shutdown(socket.SHUT_WR)
                return b"".join(iter(lambda: line.recv(65536), b""))
            except (ConnectionResetError, BrokenPipeError):
                return b""

    def get(self, path: str) -> bytes:
        return self.send(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())


@contextmanager
def deployed(folder: Path, *, read_within: float = 20.0) -> Iterator[Deployed]:
    """Needs committed rows: a transactional test."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    env = os.environ | {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "DATABASE_URL": _database(folder),
        "REDIS_URL": "",
        "VAR_DIR": str(folder),
        "ALLOWED_HOSTS": "localhost",
        "WEB_CONCURRENCY": "1",
        "PORT": str(port),
        "MERCADO_PAGO_API_URL": "http://127.0.0.1:9",  # nobody answers there
        "API_CALLS_PER_SECOND": "0",
        "MERCADO_PAGO_CALLS_PER_SECOND": "0",
        "MERCADO_PAGO_NOTIFICATIONS_PER_SECOND": "0",
    }
    log = folder / "web.log"
    command = [sys.executable, "-c", _START.format(read_within=read_within)]
    with log.open("wb") as out:
        process = subprocess.Popen(command, cwd=settings.ROOT, env=env, stdout=out, stderr=out)
    try:
        web = Deployed(port, log)
        _wait_for(web, process)
        yield web
    finally:
        process.terminate()
        process.wait(20)


def _database(folder: Path) -> str:
    """The URL of what this test wrote."""
    login = connection.settings_dict
    if connection.vendor == "postgresql":
        who = login["USER"] + (f":{login['PASSWORD']}" if login["PASSWORD"] else "")
        return f"postgres://{who}@{login['HOST']}:{login['PORT'] or 5432}/{login['NAME']}"
    with sqlite3.connect(folder / "db.sqlite3") as copy:
        connection.ensure_connection()
        connection.connection.backup(copy)
    copy.close()
    return f"sqlite:///{folder}/db.sqlite3"


def _wait_for(web: Deployed, process: "subprocess.Popen[bytes]") -> None:
    end = time.monotonic() + _READY_WITHIN
    while time.monotonic() < end:
        assert process.poll() is None, web.log.read_text()
        try:
            if web.get("/healthz").startswith(b"HTTP/1.1 200"):
                return
        except OSError:
            time.sleep(0.1)
    raise AssertionError(web.log.read_text())
