"""`make faults`: every fault of the table, one after the other, while customers come; exit 0: all goals are met."""

import argparse
import os
import platform
import re
import sys

import django


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="faults whose name this regular expression finds")
    parser.add_argument("--pumps", type=int, default=6)
    options = parser.parse_args()
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    django.setup()
    from tests.faults.ground import open_ground
    from tests.faults.playing import HEAD, papers, play
    from tests.faults.table import FAULTS

    chosen = [fault for fault in FAULTS if re.search(options.only, fault.name, re.IGNORECASE)]
    if not chosen:
        print(f"{options.only}: no fault has such a name")
        return 2
    with open_ground(pumps=options.pumps, receipts_on="256m") as ground:
        disk = "a disk of 256 MiB" if ground.receipts_are_mounted else "no disk of their own: none could be mounted"
        print(f"{machine()}; {len(chosen)} faults, {options.pumps} pumps; receipts on {disk}\n{HEAD}", flush=True)
        all_played = []
        for fault in chosen:
            all_played.append(play(ground, fault))
            print(all_played[-1], flush=True)
        on_paper = papers(ground)
    print(on_paper)
    missed = sum(len(played.missed) for played in all_played) + len(on_paper.missed)
    print(f"{len(chosen)} faults, {sum(played.orders for played in all_played)} orders, {missed} goals missed")
    return 1 if missed else 0


def machine() -> str:
    return f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}, Python {platform.python_version()}"


if __name__ == "__main__":
    sys.exit(main())
