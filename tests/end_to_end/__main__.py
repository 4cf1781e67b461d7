"""`make chaos`: prints the tally; exit 0 only when nothing differs at the end."""

import argparse
import os
import sys
import tempfile
from pathlib import Path

import django


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orders", type=int, default=1000)
    parser.add_argument("--pumps", type=int, default=16)
    parser.add_argument("--kills", type=int, default=3)
    options = parser.parse_args()
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    django.setup()
    from tests.end_to_end.chaos import play
    from tests.end_to_end.station import open_station

    with tempfile.TemporaryDirectory(prefix="qr-unattended-chaos-") as var, open_station(Path(var)) as station:
        try:
            tally = play(
                station, **vars(options), quiet_within=420, catch_up=False, say=lambda text: print(text, flush=True)
            )
        except BaseException:
            print(station.stack.last_words())
            raise
    print(tally)
    return 1 if tally.differences or tally.closed_twice or tally.numbered_twice else 0


if __name__ == "__main__":
    sys.exit(main())
