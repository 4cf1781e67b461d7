"""Is this container well? `probe.py web`, `worker` or `beat`: exit 0 or 1. Needs only Python and our settings."""

import os
import subprocess
import sys
import time
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

SILENT = 600  # seconds; beat writes its schedule down every three minutes


def web() -> bool:
    """Asked by the name that it answers to: any other host is refused."""
    host = os.environ.get("ALLOWED_HOSTS", "").split(",")[0].strip() or urlsplit(os.environ["PUBLIC_URL"]).hostname
    connection = HTTPConnection("127.0.0.1", int(os.environ.get("PORT", "8000")), timeout=3)
    connection.request("GET", "/healthz", headers={"Host": host or "localhost"})
    return connection.getresponse().status == 200


def worker() -> bool:
    """Asked through Redis, as all that wants something of it."""
    name = f"celery@{os.uname().nodename}"
    command = [sys.executable, "-m", "celery", "-A", "config", "inspect", "ping", "--timeout", "5", "-d", name]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0  # noqa: S603 - our own command line


def beat() -> bool:
    written = [file.stat().st_mtime for file in Path(os.environ["VAR_DIR"]).glob("beat-schedule*")]
    return max(written, default=0) > time.time() - SILENT


if __name__ == "__main__":
    try:
        sys.exit(not {"web": web, "worker": worker, "beat": beat}[sys.argv[1]]())
    except OSError as error:
        sys.exit(str(error))
