"""What a thousand times as many orders cost: python -m bench.growth. See bench/README.md."""

import argparse
import multiprocessing
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench import ground, instant
from bench.growth_child import Plan, Took, serve

MOST_GROWTH, MOST_MS = 1.3, 300
HOT, BACKGROUND = ("poll", "create", "settle"), ("reconcile sweep",)  # all others are pages


@dataclass(slots=True)
class Place:
    """A database of one size, and the process that walks in it."""

    orders: int
    pipe: Any
    took: dict[str, list[Took]] = field(default_factory=dict)

    def walk(self, name: str, *, is_counted: bool) -> None:
        self.pipe.send(name)
        took: Took = self.pipe.recv()
        if is_counted:
            self.took.setdefault(name, []).append(took)

    def wall(self, name: str) -> list[float]:
        return [took.wall for took in self.took[name]]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", default="1000,100000,1000000", help="numbers of orders, the smallest first")
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--database-prefix", default="", help="keep the databases, and use what they hold next time")
    parser.add_argument("--report", type=Path, help="write all of it, the plans too, into this file")
    arguments = parser.parse_args()
    sizes = [int(float(size)) for size in arguments.sizes.split(",")]
    with ExitStack() as stack:
        mercado_pago = stack.enter_context(instant.serving())
        places = []
        for size in sizes:  # one after the other: a million rows are made faster alone
            places.append(stack.enter_context(_place(size, arguments.database_prefix, mercado_pago)))
        names: list[str] = [place.pipe.recv() for place in places][-1]
        begin = ground.load()
        for number in range(arguments.rounds + 1):
            for name in names:
                for place in places:  # one size right after the other: what the machine does besides hits all alike
                    place.walk(name, is_counted=number > 0)
        conditions = f"{ground.machine()}; load before {begin}, afterwards {ground.load()}"
        places[-1].pipe.send("plans")
        plans: list[Plan] = places[-1].pipe.recv()
    lines, is_reached = _table(places, names, plans)
    print("\n".join([conditions, "", *lines]))
    if arguments.report:
        arguments.report.write_text("\n".join([*_preface(conditions, arguments.rounds), *lines, *_shown(plans)]) + "\n")
    return 0 if is_reached else 1


@contextmanager
def _place(orders: int, prefix: str, mercado_pago: str) -> Iterator[Place]:
    kept = f"{prefix}_{orders}" if prefix else ""
    with ground.database(kept, default=f"bench_growth_{orders}") as (url, is_new), tempfile.TemporaryDirectory() as var:
        ours, theirs = multiprocessing.Pipe()
        context = multiprocessing.get_context("spawn")
        child = context.Process(target=serve, args=(theirs, url, var, orders if is_new else 0, mercado_pago))
        begin = time.monotonic()
        child.start()
        while not ours.poll(0.5):
            if not child.is_alive():
                sys.exit(f"the process of {orders:,} orders has ended")
        print(f"{orders:,} orders ready after {time.monotonic() - begin:.0f} s", flush=True)
        try:
            yield Place(orders, ours)
        finally:
            child.terminate()
            child.join()


def _table(places: Sequence[Place], names: Sequence[str], plans: Sequence[Plan]) -> tuple[list[str], bool]:
    """A line for each walk; whether all is as it should be."""
    head = [f"{place.orders:,} orders" for place in places]
    lines = [
        "| | " + " | ".join(head) + " | growth (least–most) | of CPU | goal | |",
        "|---|" + "---|" * (len(places) + 4),
    ]
    is_reached = True
    for name in names:
        ratios = _ratios(places[0].wall(name), places[-1].wall(name))
        of_cpu = statistics.median(_ratios(*([took.cpu for took in p.took[name]] for p in (places[0], places[-1]))))
        growth, p95 = statistics.median(ratios), ground.percentile(places[-1].wall(name), 95)
        if name in HOT:
            good, goal = growth <= MOST_GROWTH, f"≤ {MOST_GROWTH}×"
        elif name in BACKGROUND:
            good, goal = True, ""
        else:
            good, goal = p95 <= MOST_MS, f"p95 {p95:.0f} ≤ {MOST_MS} ms"
        cells = [_cell(place.took[name]) for place in places]
        spread = f"{growth:.2f}× ({ground.percentile(ratios, 10):.2f}–{ground.percentile(ratios, 90):.2f})"
        judged = ("reached" if good else "**MISSED**") if goal else ""
        lines.append(f"| {name} | {' | '.join(cells)} | {spread} | {of_cpu:.2f}× | {goal} | {judged} |")
        is_reached &= good
    whole = sorted({f"{plan.path}: {table}" for plan in plans for table in plan.whole})
    found = f"**MISSED**: read as a whole: {', '.join(whole)}" if whole else "reached: none"
    lines += ["", f"Big tables that a hot path reads as a whole, in {len(plans)} statements: {found}."]
    return lines, is_reached and not whole


def _cell(took: Sequence[Took]) -> str:
    wall, cpu = [one.wall for one in took], statistics.median(one.cpu for one in took)
    return f"{statistics.median(wall):.1f} ({min(wall):.1f}–{max(wall):.1f}), CPU {cpu:.1f}"


def _ratios(small: Sequence[float], big: Sequence[float]) -> list[float]:
    """Round by round, so that a minute in which the machine was slow is slow on both sides."""
    return [b / s for s, b in zip(small, big, strict=True)]


def _preface(conditions: str, rounds: int) -> list[str]:
    return [
        "# Growth", "",
        "Written by `make bench-growth`: the same code in databases of several sizes, at the same time.", "",
        conditions, "",
        f"Milliseconds of one, median of {rounds} rounds (least–most); CPU with that of PostgreSQL. Growth is the",
        "median over the rounds from the smallest to the largest, in parentheses the 10th and 90th percentile.", "",
    ]  # fmt: skip


def _shown(plans: Sequence[Plan]) -> Iterator[str]:
    yield "\n## Plans\n\nEvery statement of the hot paths at the largest size."
    for plan in plans:
        lines = [f"\n### {plan.path}", "", "```sql", plan.sql, "", *(f"-- {line}" for line in plan.lines), "```"]
        yield "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
