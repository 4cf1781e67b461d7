"""Receipts are drawn in a process of their own: drawing takes a processor whole, and a status must not wait for it.

A worker that is to take from both queues starts that process, looks after it, and ends it. It ends by itself when the
worker is gone: then its standard input closes.
"""

import logging
import os
import signal
import subprocess
import sys
from threading import Event, Thread
from typing import Any

from celery import signals

logger = logging.getLogger(__name__)

DRAWN, PRINTED, FOR_STATUS = "receipts", "printing", "celery"
_IS_DRAWER = "DRAWS_FOR_A_WORKER"
_COMMAND = (
    "-m celery -A config worker -Q receipts,printing -n drawer@%h --pool threads --concurrency 8 --loglevel INFO "
    "--without-gossip --without-mingle"
)
_PAUSE = 1.0  # seconds before one that ended is started again
_NICE = 5  # what a status needs goes first


class Drawer:
    """The process that draws, for as long as its worker runs."""

    def __init__(self) -> None:
        self._is_over = Event()
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, **_: Any) -> None:
        Thread(target=self._look_after, name="drawer", daemon=True).start()

    def stop(self, **_: Any) -> None:
        self._is_over.set()
        if (process := self._process) and process.stdin:
            process.stdin.close()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()

    def _look_after(self) -> None:
        while not self._is_over.is_set():
            self._process = subprocess.Popen(  # noqa: S603 - our own command line
                [sys.executable, *_COMMAND.split()], stdin=subprocess.PIPE, env=os.environ | {_IS_DRAWER: "1"}
            )
            code = self._process.wait()
            if not self._is_over.wait(_PAUSE):
                logger.error("the process that draws ended with %s: it is started again", code)


def arrange(instance: Any, **_: Any) -> None:
    """Once a worker knows its queues."""
    queues = instance.app.amqp.queues
    if os.environ.pop(_IS_DRAWER, ""):
        os.nice(_NICE)
        Thread(target=_end_with_the_worker, daemon=True).start()
    elif {DRAWN, FOR_STATUS} <= {*queues.consume_from}:
        queues.deselect([DRAWN, PRINTED])
        drawer = Drawer()
        signals.worker_ready.connect(drawer.start, weak=False)
        signals.worker_shutdown.connect(drawer.stop, weak=False)
    elif DRAWN in queues.consume_from:
        queues.select_add(PRINTED)  # whoever draws prints, by the same process


def _end_with_the_worker() -> None:
    sys.stdin.buffer.read()
    os.kill(os.getpid(), signal.SIGTERM)
