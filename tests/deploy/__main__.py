"""`make exercise`: both roads of docs/deploy.md, from an empty machine to a printed receipt; exit 0 only with both."""

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

import django


def main() -> int:
    argparse.ArgumentParser(description=__doc__).parse_args()
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    django.setup()
    from django.conf import settings

    from tests.deploy import recipes
    from tests.deploy.machine import new_machine
    from tests.deploy.roads import Compose, Road, Systemd, play_the_page

    if not (settings.REDIS_URL and settings.DATABASES["default"]["ENGINE"].endswith("postgresql")):
        print("make exercise needs DATABASE_URL=postgres://… and REDIS_URL=redis://…", file=sys.stderr)
        return 2

    def play(road: Road, what: str) -> None:
        machine, began = road.machine, time.monotonic()
        try:
            road.up()
            printed = play_the_page(road)
            for name in ("web", "worker", "beat"):
                machine.run(*recipes.health_check(name), env=machine.settings | {"PORT": str(road.ports[0])})
            machine.stop(within=60)
        except BaseException:
            print(machine.last_words())
            raise
        print(printed)
        print(f"=== {what}: {time.monotonic() - began:.0f} s\n", flush=True)

    for kind, what in ((Compose, "compose and its image"), (Systemd, "the units")):
        with tempfile.TemporaryDirectory(prefix="qr-deploy-") as root, new_machine(Path(root)) as machine:
            road = kind(machine)
            if isinstance(road, Compose):
                road.build()
                print("=== the image's steps were run", flush=True)
            else:
                road.lay_out("1.0")
            play(road, what)
    return 0


if __name__ == "__main__":
    sys.exit(main())
