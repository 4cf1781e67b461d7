"""The simulator as a real process."""

import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import requests

ROOT = Path(__file__).resolve().parents[2]


class Simulator:
    """A running one. `state` is where it keeps what it knows."""

    def __init__(self, state: Path, *more: str) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        self._command = [sys.executable, "manage.py", "simulator", f"--port={port}", "--poll-interval=0.05",
                         f"--state={state}", *more]  # fmt: skip

    def start(self) -> None:
        self._process = subprocess.Popen(self._command, cwd=ROOT)
        wait_for(self._is_up)

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(10)

    def _is_up(self) -> bool:
        try:
            return requests.get(f"{self.url}/healthz", timeout=1).ok
        except requests.RequestException:
            return False


def wait_for(question: Callable[[], Any], within: float = 20.0) -> Any:
    """Ask until the answer is truthy."""
    end = time.monotonic() + within
    while time.monotonic() < end:
        if answer := question():
            return answer
        time.sleep(0.02)
    raise AssertionError(f"waited {within:.0f} s in vain")
