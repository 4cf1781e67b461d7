"""A machine to deploy to: a folder in the place of /, processes as a service manager would start them, and TLS."""

import contextlib
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import requests
from cryptography.fernet import Fernet

from backoffice.stack import free_port
from tests.databases import new_database, new_redis
from tests.deploy.recipes import ROOT, Process

HOME, STATE = "/opt/qr-unattended", "/var/lib/qr-unattended"
BACKUPS = "/var/backups/qr-unattended"
_WITHIN = 60.0  # seconds


@dataclass
class Machine:
    """`root` stands for /. `settings` is /etc/qr-unattended.env or production.env, and all that processes are told."""

    root: Path
    settings: dict[str, str]
    until_the_end: contextlib.ExitStack
    running: dict[str, "subprocess.Popen[bytes]"] = field(default_factory=dict)

    @property
    def home(self) -> Path:
        return self.here(HOME)

    @property
    def public_url(self) -> str:
        return self.settings["PUBLIC_URL"]

    def another_database(self) -> str:
        """The URL of an empty one."""
        return self.until_the_end.enter_context(new_database())

    def here(self, path: str) -> Path:
        return self.root / path.lstrip("/")

    def place(self, text: str) -> str:
        """Paths of the machine as paths of this one."""
        for path in (HOME, STATE, BACKUPS):
            text = text.replace(path, str(self.here(path)))
        return text

    def env(self, more: Mapping[str, str] | None = None) -> dict[str, str]:
        """Nothing of who runs this, but where programs are."""
        path = f"{self.home}/.venv/bin:{os.environ['PATH']}"
        said = {**self.settings, **(more or {})}
        return {name: self.place(value) for name, value in said.items()} | {"PATH": path, "HOME": str(self.root)}

    def run(self, *command: str, env: Mapping[str, str] | None = None) -> str:
        """To its end; what it printed."""
        words = [self.place(word) for word in command]
        done = subprocess.run(words, cwd=self.home, env=self.env(env), capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{command} ended with {done.returncode}:\n{done.stdout}{done.stderr}"
        return done.stdout

    def sh(self, script: str, *, env: Mapping[str, str] | None = None, cwd: Path | None = None) -> str:
        """Lines for a shell, which ends at the first that fails; what they printed."""
        words = ["bash", "-euo", "pipefail", "-c", self.place(script)]
        where = cwd or self.home
        done = subprocess.run(words, cwd=where, env=self.env(env), capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{script}\nended with {done.returncode}:\n{done.stdout}{done.stderr}"
        return done.stdout

    def start(self, name: str, process: Process, *, listens: socket.socket | None = None) -> None:
        """What a unit or a container runs, in the folder of the release and with its log beside it.

        `listens` is handed on as systemd hands on what a socket unit listens at.
        """
        words = [self.place(word) for word in process.command]
        fds = [listens.fileno()] if listens else []
        for fd in fds:
            words = ["bash", "-c", f'exec 3<&{fd}; LISTEN_FDS=1 LISTEN_PID=$$ exec "$@"', name, *words]
        with (self.root / f"{name}.log").open("ab") as log:
            self.running[name] = subprocess.Popen(
                words, cwd=self.home.resolve(), env=self.env(process.env), stdin=subprocess.DEVNULL, stdout=log,
                stderr=log, start_new_session=True, pass_fds=fds,
            )  # fmt: skip

    @contextlib.contextmanager
    def told_when_ready(self, name: str) -> Iterator[dict[str, str]]:
        """What the environment of a Type=notify process has; ends when it says that it is ready."""
        address = f"/tmp/{secrets.token_hex(8)}"  # noqa: S108 - its own folder may be too long for a socket
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ear:
            ear.bind(address)
            try:
                yield {"NOTIFY_SOCKET": address}
                ear.settimeout(_WITHIN)
                while b"READY=1" not in ear.recv(4096):
                    pass
            except TimeoutError:
                raise AssertionError(f"{name} never said that it is ready\n{self.last_words()}") from None
            finally:
                Path(address).unlink()

    def stop(self, *names: str, within: float = 30) -> None:
        """As service managers do: SIGTERM to the main process. Each ends by itself, in time, and ends well."""
        leaving = {name: self.running.pop(name) for name in names or tuple(self.running)}
        for process in leaving.values():
            process.send_signal(signal.SIGTERM)
        try:
            codes = {name: process.wait(within) for name, process in leaving.items()}
        finally:
            for process in leaving.values():
                _kill(process)
        assert set(codes.values()) <= {0, -signal.SIGTERM}, codes

    def until_ready(self, port: int) -> None:
        """Asked behind the proxy's back, and by the public name."""
        host = self.public_url.partition("://")[2]
        headers = {"Host": host, "X-Forwarded-Proto": "https"}

        url = f"http://127.0.0.1:{port}/readyz"
        until(f"port {port} is ready", lambda: answers(url, headers=headers), self.last_words)

    def last_words(self) -> str:
        return "\n".join(f"--- {log.stem}\n{log.read_text()[-3000:]}" for log in sorted(self.root.glob("*.log")))


def answers(url: str, authority: Path | None = None, headers: Mapping[str, str] | None = None) -> bool:
    """Is it 200?"""
    try:
        return requests.get(url, headers=headers, verify=str(authority) if authority else True, timeout=5).ok
    except (requests.RequestException, OSError):
        return False


def until(what: str, question: Callable[[], bool], last_words: Callable[[], str] = str) -> None:
    end = time.monotonic() + _WITHIN
    while not question():
        assert time.monotonic() < end, f"waited {_WITHIN:.0f} s in vain until {what}\n{last_words()}"
        time.sleep(0.1)


@contextlib.contextmanager
def new_machine(root: Path) -> Iterator[Machine]:
    """An empty one, with databases of its own on the PostgreSQL and the Redis of this run."""
    https, simulator = free_port(), free_port()
    with contextlib.ExitStack() as until_the_end:
        machine = Machine(
            root,
            {
                "PUBLIC_URL": f"https://localhost:{https}",
                "SECRET_KEY": secrets.token_urlsafe(50),
                "FIELD_ENCRYPTION_KEYS": Fernet.generate_key().decode(),
                "DATABASE_URL": until_the_end.enter_context(new_database()),
                "REDIS_URL": until_the_end.enter_context(new_redis()),
                "VAR_DIR": STATE,
                "METRICS_TOKEN": secrets.token_urlsafe(32),
                "MERCADO_PAGO_API_URL": f"http://127.0.0.1:{simulator}",
                "MERCADO_PAGO_AUTH_URL": f"http://127.0.0.1:{simulator}",
            },
            until_the_end,
        )
        machine.here(STATE).mkdir(parents=True)
        machine.home.parent.mkdir(parents=True)
        try:
            yield machine
        finally:
            for process in machine.running.values():
                _kill(process)


class Caddy:
    """TLS in front of the web, with the Caddyfile of this project and a certificate of its own making."""

    def __init__(self, machine: Machine, *, upstreams: str) -> None:
        self.authority = self.authority_of(machine)
        env = machine.env({"SITE": machine.public_url, "UPSTREAMS": upstreams, "XDG_DATA_HOME": str(_data_of(machine))})
        # Without its socket for changes, which all instances of a machine would share.
        config = machine.root / "Caddyfile"
        options = "{\n\tadmin off\n\tskip_install_trust\n\tauto_https disable_redirects\n\tlocal_certs\n}\n"
        config.write_text(options + (ROOT / "ops" / "Caddyfile").read_text())
        with (machine.root / "caddy.log").open("ab") as log:
            machine.running["caddy"] = subprocess.Popen(
                [str(Path(sys.prefix) / "bin" / "caddy"), "run", "--config", str(config)],
                env=env,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        until("the proxy answers", lambda: answers(f"{machine.public_url}/healthz", self.authority), machine.last_words)

    @staticmethod
    def authority_of(machine: Machine) -> Path:
        """Whose signature clients must trust here; elsewhere it is one that everybody trusts."""
        return _data_of(machine) / "caddy" / "pki" / "authorities" / "local" / "root.crt"


def _data_of(machine: Machine) -> Path:
    return machine.root / "caddy"


def _kill(process: "subprocess.Popen[bytes]") -> None:
    """With all that it started."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
