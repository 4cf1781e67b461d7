"""What the back-office's pages cost with a million orders: python -m bench.admin. See bench/README.md."""

import argparse
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass, field
from http.client import HTTPConnection

from bench import ground

MOST_MS = 300


@dataclass(slots=True)
class Measured:
    """One page as one person asks for it."""

    user: str
    name: str
    url: str
    queries: int = 0
    wall: list[float] = field(default_factory=list)  # milliseconds
    cpu: list[float] = field(default_factory=list)  # of web and database together

    @property
    def p95(self) -> float:
        return ground.percentile(self.wall, 95)

    def line(self) -> str:
        numbers = (statistics.median(self.wall), self.p95, max(self.wall), ground.percentile(self.cpu, 95))
        judged = "reached" if self.p95 <= MOST_MS else "MISSED"
        texts = "".join(f"{number:8.0f}" for number in numbers)
        return f"{self.user:<9}{self.name:<44}{texts}{self.queries:9}  {judged}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orders", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--database", default="", help="keep it under this name, and use what it holds next time")
    parser.add_argument("--only", default="", help="pages with this in their name")
    arguments = parser.parse_args()
    with (
        ground.database(arguments.database) as (url, is_new),
        tempfile.TemporaryDirectory(prefix="bench-admin-") as var,
    ):
        ground.set_up(url, var)
        from bench import admin_pages, admin_rows

        if is_new:
            begin = time.monotonic()
            admin_rows.fill(arguments.orders)
            print(f"{arguments.orders:,} orders made in {time.monotonic() - begin:.0f} s", flush=True)
        pages = [Measured(*page) for page in admin_pages.pages() if arguments.only in page[1]]
        cookies = admin_pages.cookies()
        for page in pages:
            page.queries = admin_pages.queries(page.user, page.url)
        print(f"{ground.machine()}; load before {ground.load()}", flush=True)
        with ground.web(var) as (process, port):
            for number in range(arguments.rounds + 1):
                for page in pages:  # one after the other, round by round: what the machine does besides hits all alike
                    _ask(page, cookies[page.user], port, process.pid, is_counted=number > 0)
        return _judge(pages, arguments.rounds)


def _ask(page: Measured, cookie: str, port: int, pid: int, *, is_counted: bool) -> None:
    connection = HTTPConnection("localhost", port, timeout=120)
    cpu, begin = ground.cpu(pid), time.perf_counter()
    connection.request("GET", page.url, headers={"Cookie": cookie, "Host": "localhost"})
    answer = connection.getresponse()
    answer.read()
    wall = time.perf_counter() - begin
    if answer.status != 200:
        sys.exit(f"{page.url} answers {answer.status} to the {page.user}")
    if is_counted:
        page.wall.append(wall * 1000)
        page.cpu.append(sum(now - cpu.get(thread, 0) for thread, now in ground.cpu(pid).items()) * 1000)
    connection.close()


def _judge(pages: list[Measured], rounds: int) -> int:
    print(f"\n{'as':<9}{'page':<44}{'p50':>8}{'p95':>8}{'max':>8}{'CPU p95':>8}{'queries':>9}")
    for page in pages:
        print(page.line())
    missed = [page for page in pages if page.p95 > MOST_MS]
    print(f"\nmilliseconds, {rounds} interleaved rounds, one request at a time; load afterwards {ground.load()}")
    print(f"{'MISSED' if missed else 'reached'}: p95 ≤ {MOST_MS} ms, {len(pages) - len(missed)} of {len(pages)} pages")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
