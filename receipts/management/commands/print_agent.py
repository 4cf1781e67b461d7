import os
import re
import signal
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from receipts.agent import WAIT, Agent, Api, Journal, JournalError, KeyRefused
from receipts.devices import DeviceLine, FileLine, Line, NetworkLine


class Command(BaseCommand):
    help = "Print what the back-office has for one printer. Runs at the station: needs the API and the printer only."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--url", required=True, help="the back-office, e.g. https://pay.example.com")
        parser.add_argument(
            "--key-env", default="PRINT_AGENT_KEY", metavar="VAR", help="the variable that holds the printer's key"
        )
        printer = parser.add_mutually_exclusive_group(required=True)
        printer.add_argument("--device", metavar="PATH", help="a printer on a wire: /dev/usb/lp0")
        printer.add_argument("--tcp", metavar="HOST:PORT", help="a printer on the station's network: 192.168.0.9:9100")
        printer.add_argument("--file", metavar="PATH", help="a file that receipts are added to")
        parser.add_argument(
            "--wait", type=float, default=WAIT, help="seconds that a request may wait for a job; default 25, at most 30"
        )
        parser.add_argument("--journal", metavar="PATH", help="what it remembers its work in; default: in VAR_DIR")

    def handle(self, *args: Any, **options: Any) -> None:
        key = os.environ.get(options["key_env"], "")
        if not key:
            raise CommandError(f"{options['key_env']} is not set: put the printer's key into it.", returncode=2)
        if not re.match(r"https?://", options["url"]):
            raise CommandError(f"--url {options['url']}: write it like https://pay.example.com", returncode=2)
        if not 0 <= options["wait"] <= 30:
            raise CommandError("--wait: 0 to 30 seconds.", returncode=2)
        connect = _line(options)
        try:
            journal = Journal(_journal(options))
            agent = Agent(Api(options["url"], key), connect, journal, wait=options["wait"], pause=time.sleep)
            _stop_cleanly(agent)
            self.stdout.write("Waiting for something to print. Ctrl-C ends it.")
            self.stdout.flush()
            agent.run()
        except KeyboardInterrupt:
            pass
        except (KeyRefused, JournalError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write("Ended.")


def _line(options: dict[str, Any]) -> Callable[[], Line]:
    if path := options["device"]:
        return partial(DeviceLine, path)
    if path := options["file"]:
        return partial(FileLine, path)
    host, _, port = options["tcp"].rpartition(":")
    if not host or not port.isdecimal() or not 0 < int(port) < 65536:
        raise CommandError(f"--tcp {options['tcp']}: write it like 192.168.0.9:9100", returncode=2)
    return partial(NetworkLine, host.strip("[]"), int(port))


def _journal(options: dict[str, Any]) -> Path:
    if options["journal"]:
        return Path(options["journal"])
    name = re.sub(r"\W+", "-", options["device"] or options["tcp"] or options["file"]).strip("-")
    return Path(settings.VAR_DIR) / f"print-agent-{name[-60:]}.json"


def _stop_cleanly(agent: Agent) -> None:
    """A receipt that is being printed is printed to its end, and reported; anything else stops at once."""

    def stop(*_: Any) -> None:
        agent.is_stopping = True
        if not agent.is_busy:
            raise KeyboardInterrupt

    for ending in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ending, stop)
