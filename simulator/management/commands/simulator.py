import os
import sys
from pathlib import Path
from typing import Any

import simplejson
from django.core.management.base import BaseCommand, CommandError, CommandParser

from simulator import chaos


class Command(BaseCommand):
    help = "Mercado Pago's stand-in, with the customer's phone as a page at /."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=int, default=8001)
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--poll-interval", type=float, default=1.0, help="seconds between polls of a waiting phone")
        parser.add_argument("--state", default="", metavar="FILE", help="keep stores, POS, orders and payments there")
        parser.add_argument(
            "--chaos", default="", metavar="FILE", help="start with these knobs: JSON, as PUT /simulator/chaos takes it"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        os.environ["DJANGO_SETTINGS_MODULE"] = "simulator.settings"
        os.environ["SIMULATOR_URL"] = f"http://localhost:{options['port']}"
        os.environ["SIMULATOR_STATE"] = options["state"]
        os.environ["SIMULATOR_CHAOS"] = _checked(options["chaos"]) if options["chaos"] else ""
        os.environ["SIMULATOR_POLL_INTERVAL"] = str(options["poll_interval"])
        gunicorn = [sys.executable, "-m", "gunicorn", "simulator.wsgi:application"]
        # One process: its memory is the world. SIGTERM must not wait for phones that poll.
        options_ = [
            "--workers=1",
            "--worker-class=gthread",
            "--threads=32",
            "--graceful-timeout=1",
            "--log-level=warning",
        ]
        os.execv(sys.executable, [*gunicorn, *options_, f"--bind={options['host']}:{options['port']}"])  # noqa: S606


def _checked(file: str) -> str:
    """The text of a file of knobs."""
    try:
        text = Path(file).read_text()
        chaos.read(simplejson.loads(text, use_decimal=True))
    except (OSError, ValueError, RecursionError) as error:  # chaos.Wrong is a ValueError
        raise CommandError(f"--chaos {file}: {error}") from error
    return text
