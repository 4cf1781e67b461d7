import json
import signal
import tempfile
from pathlib import Path
from typing import Any

import requests
from django.core.management.base import BaseCommand, CommandError

from backoffice.play import play
from backoffice.stack import Stack, StackError, free_port


class Command(BaseCommand):
    help = "Start everything on free ports with throw-away data and play the nine steps. What `make demo` runs."

    def handle(self, *args: Any, **options: Any) -> None:
        signal.signal(signal.SIGTERM, lambda *_: self._leave())
        with tempfile.TemporaryDirectory(prefix="qr-unattended-demo-") as var:
            stack = Stack(
                web_port=free_port(),
                simulator_port=free_port(),
                var=Path(var),
                env={"DATABASE_URL": "", "REDIS_URL": ""},  # the embedded ones, whatever is set here
                show=False,
            )
            try:
                play(stack, json.loads(stack.up())["key"], self._say)
            except (StackError, requests.RequestException) as error:
                raise CommandError(f"The demo failed: {error}\n{stack.last_words()}") from error
            finally:
                stack.stop()
        self.stdout.write("All nine steps were played: the order closed, and the worker drew its receipt.")

    def _say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()

    def _leave(self) -> None:
        raise KeyboardInterrupt
