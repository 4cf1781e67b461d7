"""`make soak`: an hour of many points of sale in bad weather; memory and connections stay flat, nothing differs."""

import argparse
import os
import statistics
import sys
import time
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

import django

from tests.faults.__main__ import machine

_EVERY = 5.0  # seconds between two looks
_WARM_UP = 1 / 3  # of the run: threads, connections, fonts and caches come with the first of everything
_MOST_GROWTH = 0.05  # of its memory, that a process may gain in the rest of the run; or:
_NOISE = 4.0  # MiB: what the allocator gives and takes
_SALES = 3.0  # a second, all points of sale together


@dataclass
class Series:
    """Looks at one figure; the time in minutes."""

    at: list[float] = field(default_factory=list)
    values: list[float] = field(default_factory=list)

    def warm(self) -> "Series":
        begin = self.at[-1] * _WARM_UP
        kept = [(at, value) for at, value in zip(self.at, self.values, strict=True) if at >= begin]
        return Series([at for at, _ in kept], [value for _, value in kept])

    @property
    def gained(self) -> float:
        """From the begin to the end, by the straight line through all of it."""
        return statistics.linear_regression(self.at, self.values).slope * (self.at[-1] - self.at[0])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--pos", type=int, default=200)
    options = parser.parse_args()
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    django.setup()
    from tests.end_to_end import chaos
    from tests.end_to_end.visits import WEIGHTS
    from tests.faults.ground import open_ground
    from tests.faults.sales import Sales

    print(f"{machine()}; {options.pos} points of sale, {options.minutes:g} minutes", flush=True)
    memory: dict[str, Series] = defaultdict(Series)
    connections: dict[str, Series] = defaultdict(Series)
    with open_ground(pumps=options.pos, with_tls=False) as ground:
        ground.station.phone("PUT", "chaos", chaos.WEATHER | {"seed": 1})
        begin = time.monotonic()
        with Sales(ground.pumps, WEIGHTS, pause=options.pos / _SALES) as sales:
            while (minutes := (time.monotonic() - begin) / 60) < options.minutes:
                for name, mib in _memory(ground.station.stack.pids()).items():
                    _add(memory[name], minutes, mib)
                for name, count in _connections(ground.postgresql.connections()).items():
                    _add(connections[name], minutes, count)
                time.sleep(_EVERY)
        weather = ground.station.phone("GET", "chaos/happened")
        ground.station.phone("PUT", "chaos", {})
        tally = chaos.Tally(visits=sales.made, weather=weather)
        chaos.wait_until_quiet(ground.station, tally, within=420)
        tally.seconds = time.monotonic() - begin
    print(tally)
    print(f"{'impatient':<12} {len(sales.gave_up):>6}   customers left: the machine is too slow for so many")
    missed = [*tally.differences, *_judge(memory, "MiB", _NOISE), *_judge(connections, "connections", 2)]
    if tally.closed_twice or tally.numbered_twice:
        missed.append("something was done twice")
    print("\n".join(f"MISSED: {one}" for one in missed) or "all is flat, and nothing differs")
    return 1 if missed else 0


def _judge(series: dict[str, Series], unit: str, noise: float) -> list[str]:
    """Prints each line; what grew."""
    grew = []
    print(f"\n{unit:<24} {'begin':>7} {'end':>7} {'most':>7} {'gained':>7} {'an hour':>8}")
    for name, seen in sorted(series.items()):
        warm = seen.warm()
        if len(warm.values) < 3:
            continue
        minutes = warm.at[-1] - warm.at[0]
        figures = f"{warm.values[0]:>7.1f} {warm.values[-1]:>7.1f} {max(seen.values):>7.1f} {warm.gained:>+7.1f}"
        print(f"{name:<24} {figures} {warm.gained / minutes * 60:>+8.1f}")
        if warm.gained > max(noise, _MOST_GROWTH * statistics.mean(warm.values)):
            grew.append(f"{name} gained {warm.gained:.1f} {unit} in {minutes:.0f} minutes")
    return grew


def _add(series: Series, at: float, value: float) -> None:
    series.at.append(at)
    series.values.append(value)


def _connections(by_name: dict[str, int]) -> dict[str, int]:
    return by_name | {"all": sum(by_name.values())}


def _memory(pids: dict[str, int]) -> dict[str, float]:
    """MiB that each process of the product holds, by what it is; those of one kind by their numbers."""
    found = {}
    for name, pid in pids.items():
        if name == "simulator":
            continue
        found[name] = _resident(pid)
        for number, child in enumerate(sorted(_children(pid)), start=1):
            found[f"{name} {number}" if name == "web" else f"{name}'s drawer"] = _resident(child)
    return found


def _children(pid: int) -> list[int]:
    """Of any thread of it."""
    return [int(one) for file in Path(f"/proc/{pid}/task").glob("*/children") for one in file.read_text().split()]


def _resident(pid: int) -> float:
    [line] = [line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmRSS")]
    return int(line.split()[1]) / 1024


if __name__ == "__main__":
    sys.exit(main())
