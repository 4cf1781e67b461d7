"""The whole stack as real processes: what `make run` shows, `make demo` plays and the end-to-end tests kill."""

import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from threading import Thread

import requests
from django.conf import settings

ROOT = Path(settings.ROOT)
READY_WITHIN = 60.0  # seconds
STOPPED_WITHIN = 15.0
_FIRST_PORT, _PORTS = 20_000, 12_000


class StackError(Exception):
    """A process did not start, or ended by itself. Says which, and where its output is."""


class Stack:
    """Web, worker and beat as in the Procfile, and the simulator. Output goes to `logs/<name>.log`, or is shown."""

    def __init__(self, *, web_port: int, simulator_port: int, var: Path, env: Mapping[str, str], show: bool) -> None:
        self.web_url = f"http://localhost:{web_port}"
        self.simulator_url = f"http://localhost:{simulator_port}"
        self.var = var
        self.logs = var / "log"
        self.logs.mkdir(parents=True, exist_ok=True)
        self._show = show
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._commands = _procfile() | {
            "simulator": f"python manage.py simulator --port {simulator_port} --state {var / 'simulator.json'}"
        }
        self.env = os.environ | {
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "DEBUG": "on",
            "VAR_DIR": str(var),
            "PORT": str(web_port),
            "PUBLIC_URL": self.web_url,
            "MERCADO_PAGO_API_URL": self.simulator_url,
            "MERCADO_PAGO_AUTH_URL": self.simulator_url,
            "PYTHONUNBUFFERED": "1",
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            **env,
        }

    def manage(self, *arguments: str, env: Mapping[str, str] | None = None) -> str:
        """Run a command of ours to its end; what it printed."""
        command = [sys.executable, "manage.py", *arguments]
        done = subprocess.run(  # noqa: S603 - our own command line
            command, cwd=ROOT, env=self.env | dict(env or {}), capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise StackError(
                f"manage.py {' '.join(arguments)} ended with {done.returncode}:\n{done.stdout}{done.stderr}"
            )
        return done.stdout

    def up(self) -> str:
        """Everything, in order, ready to serve and with the demo in it; what `seed_demo --json` printed."""
        self.manage("migrate", "--no-input")
        self.start("simulator")
        self.wait_for(f"{self.simulator_url}/healthz", process="simulator")
        demo = self.manage("seed_demo", "--json", env={"DEBUG": "on"})  # whatever it is served with
        self.start("web", "worker", "beat")
        self.wait_for(f"{self.web_url}/readyz", process="web")
        return demo

    def last_words(self) -> str:
        """The end of every log."""
        logs = sorted(self.logs.glob("*.log"))
        return "\n".join(f"--- {log.stem}\n{log.read_text(errors='replace')[-2000:]}" for log in logs)

    def start(self, *names: str) -> None:
        for name in names:
            self._processes[name] = self._spawn(name)

    def wait_for(self, url: str, *, process: str) -> None:
        """Until that address answers 200, or the process is gone."""
        end = time.monotonic() + READY_WITHIN
        while time.monotonic() < end:
            self.check(process)
            try:
                if requests.get(url, timeout=2).ok:
                    return
            except requests.RequestException:
                pass
            time.sleep(0.05)
        raise StackError(f"{process} did not answer at {url} within {READY_WITHIN:.0f} s; see {self.logs}")

    def check(self, *names: str) -> None:
        """Raise when one of these processes is gone."""
        for name in names or tuple(self._processes):
            if (code := self._processes[name].poll()) is not None:
                raise StackError(f"{name} ended with {code}; see {self.logs / f'{name}.log'}")

    def pids(self) -> dict[str, int]:
        """Of the processes that run, by name."""
        return {name: process.pid for name, process in [*self._processes.items()] if process.poll() is None}

    def ended(self) -> list[str]:
        """Those that ended by themselves, or by a signal that is none of ours."""
        return [name for name, process in [*self._processes.items()] if process.poll() is not None]

    def add(self, name: str, command: str) -> None:
        """One more process that can be started, stopped and killed."""
        self._commands[name] = command

    def command_of(self, name: str) -> str:
        return self._commands[name]

    def kill(self, name: str) -> None:
        """SIGKILL, to a whole process group: nothing gets to tidy up."""
        process = self._processes.pop(name)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def stop(self, *names: str) -> None:
        """Ask them to end, all at once; kill what does not."""
        leaving = [self._processes.pop(name) for name in names or tuple(self._processes)]
        for process in leaving:
            _signal_group(process, signal.SIGTERM)
        end = time.monotonic() + STOPPED_WITHIN
        for process in leaving:
            try:
                process.wait(max(end - time.monotonic(), 0.1))
            except subprocess.TimeoutExpired:
                _signal_group(process, signal.SIGKILL)
                process.wait()

    def _spawn(self, name: str) -> "subprocess.Popen[bytes]":
        with (self.logs / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(  # noqa: S602 - lines of our own Procfile, which are written for a shell
                f"exec {self._commands[name]}",
                shell=True,
                cwd=ROOT,
                env=self.env | {"PGAPPNAME": name},  # so that PostgreSQL can tell whose its connections are
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE if self._show else log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        if self._show:
            Thread(target=_show, args=(name, process), daemon=True).start()
        return process


def free_port() -> int:
    """A port nobody listens on right now. Below those that connections get: one of them could hold it at a restart."""
    while True:
        port = _FIRST_PORT + secrets.randbelow(_PORTS)
        with socket.socket() as probe:
            try:
                probe.bind(("0.0.0.0", port))  # noqa: S104 - as the web process will
            except OSError:
                continue
            return port


def is_taken(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _procfile() -> dict[str, str]:
    lines = (ROOT / "Procfile").read_text().splitlines()
    return {name.strip(): command.strip() for name, _, command in (line.partition(":") for line in lines)}


def _show(name: str, process: "subprocess.Popen[bytes]") -> None:
    assert process.stdout is not None  # noqa: S101 - it is a pipe
    for line in process.stdout:
        sys.stdout.write(f"{name:<9} | {line.decode(errors='replace')}")
        sys.stdout.flush()


def _signal_group(process: "subprocess.Popen[bytes]", number: signal.Signals) -> None:
    if process.poll() is None:
        os.killpg(process.pid, number)
