import json
import os
import signal
import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from backoffice.stack import Stack, StackError, is_taken

BANNER = """
────────────────────────────────────────────────────────────────────────────────
 The phone      {simulator}            scan, watch, pay – and play the pump beside it
 Back-office    {web}/admin/     log in as {username} / {password}
 API docs       {web}/api/docs/
 Controller key {key}

 Play the pump of POS0001 by hand (first scan its code on the phone page):
   curl -X PUT {web}/api/v1/pos/POS0001/status -H 'Authorization: Api-Key {key}' -d '{{"status":"in_process"}}'
   curl -X POST {web}/api/v1/pos/POS0001/orders -H 'Authorization: Api-Key {key}' -H "Idempotency-Key: $(date +%s)" \
-d '{{"items":[{{"title":"Súper","quantity":"10.5","unit_price":"1200.00","unit_measure":"L"}}]}}'
   curl {web}/api/v1/pos/POS0001 -H 'Authorization: Api-Key {key}'

 Data and logs are in {var}. Ctrl-C stops everything.
────────────────────────────────────────────────────────────────────────────────
"""

PORTS = {"WEB_PORT": "8000", "SIMULATOR_PORT": "8001"}
ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Command(BaseCommand):
    help = "Everything on this machine: web, worker, beat and the simulator, with demo data. What `make run` runs."

    def handle(self, *args: Any, **options: Any) -> None:
        ports = {name: int(os.environ.get(name, default)) for name, default in PORTS.items()}
        for name, port in ports.items():
            if is_taken(port):
                raise CommandError(
                    f"Port {port} is taken. Stop what listens there, or choose another: {name}=… make run"
                )
        var = Path(settings.VAR_DIR)
        stack = Stack(web_port=ports["WEB_PORT"], simulator_port=ports["SIMULATOR_PORT"], var=var, env={}, show=True)
        for ending in ENDINGS:
            signal.signal(ending, _interrupt)
        try:
            self._run(stack)
        except KeyboardInterrupt:
            self.stdout.write("\nStopping …")
        except StackError as error:
            raise CommandError(str(error)) from error
        finally:
            for ending in ENDINGS:
                signal.signal(ending, signal.SIG_IGN)  # a second Ctrl-C must not leave half of it running
            stack.stop()

    def _run(self, stack: Stack) -> None:
        demo = json.loads(stack.up())
        self.stdout.write(BANNER.format(simulator=stack.simulator_url, web=stack.web_url, var=stack.var, **demo))
        while True:
            stack.check()
            time.sleep(0.5)


def _interrupt(*_: Any) -> None:
    raise KeyboardInterrupt
