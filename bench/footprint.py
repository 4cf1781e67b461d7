"""How soon the web answers, and what its workers and Celery's hold of memory: python -m bench.footprint."""

import argparse
import itertools
import os
import resource
import shlex
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread

import requests

from bench import ground, instant

MOST_SECONDS, MOST_WEB_MB, MOST_CELERY_MB = 1.5, 120, 150
SELLERS = 4
_SALE = {"items": [{"title": "Nafta", "quantity": "10", "unit_price": "50.00", "unit_measure": "L"}]}
_REDIS = os.environ.get("REDIS_URL", "")


@dataclass(frozen=True, slots=True)
class Pump:
    """A point of sale and what its controller and Mercado Pago need to know of it."""

    external_id: str
    poll: str
    key: str
    notify: str
    user_id: int


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=60, help="of load, before memory is looked at")
    parser.add_argument("--starts", type=int, default=7)
    parser.add_argument("--sales", type=float, default=4, help="a second, each with ten polls")
    arguments = parser.parse_args()
    with (
        ground.database("", default="bench_footprint") as (url, _is_new),
        tempfile.TemporaryDirectory() as var,
        instant.serving() as mercado_pago,
    ):
        ground.set_up(url, var, MERCADO_PAGO_API_URL=mercado_pago, REDIS_URL=_REDIS)
        pumps = _pumps()
        print(f"{ground.machine()}; load before {ground.load()}", flush=True)
        is_fast = _starts(var, arguments.starts)
        with ground.web(var) as (web, port), _celery(var) as celery:
            made = _load(pumps, port, mercado_pago, arguments.minutes, arguments.sales)
            is_small = _memory(web.pid, celery.pid)
    kind = f"{'Redis' if _REDIS else 'embedded broker'}, {made} sales, {made * 10} polls, {made} deliveries"
    short = "" if arguments.minutes >= 60 else " (a SHORT run: the goal speaks of an hour)"
    print(f"after {arguments.minutes:g} minutes{short}: {kind}; load afterwards {ground.load()}")
    return 0 if is_fast and is_small else 1


def _starts(var: str, times: int) -> bool:
    """From the start of gunicorn to its first answer."""
    took, cpu = [], []
    for _start in range(times):
        begin, before = time.perf_counter(), _cpu_of_children()
        with ground.web(var):
            took.append(time.perf_counter() - begin)
        cpu.append(_cpu_of_children() - before)
    median, of_cpu = statistics.median(took), statistics.median(cpu)
    print(f"first answer after {median:.2f} s (median of {times}; {min(took):.2f}–{max(took):.2f})")
    print(
        f"start and end take {of_cpu:.2f} s of processor ({min(cpu):.2f}–{max(cpu):.2f}): more telling where it is busy"
    )
    return _judge(median <= MOST_SECONDS, f"start ≤ {MOST_SECONDS} s")


def _cpu_of_children() -> float:
    """Of those that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _memory(web: int, celery: int) -> bool:
    """The drawer is a child of the worker, and a Celery worker as well."""
    of_web = [_resident_mb(pid) for pid in _children(web)]
    of_celery = [_resident_mb(pid) for pid in (celery, *_children(celery))]
    print(
        f"resident: web workers {of_web} MB, their master {_resident_mb(web)} MB, Celery and its drawer {of_celery} MB"
    )
    good = _judge(max(of_web) <= MOST_WEB_MB, f"web worker ≤ {MOST_WEB_MB} MB")
    return _judge(max(of_celery) <= MOST_CELERY_MB, f"Celery worker ≤ {MOST_CELERY_MB} MB") and good


def _children(pid: int) -> list[int]:
    """Of any thread of it."""
    return [int(one) for file in Path(f"/proc/{pid}/task").glob("*/children") for one in file.read_text().split()]


@contextmanager
def _celery(var: str) -> Iterator["subprocess.Popen[bytes]"]:
    """The worker of the Procfile."""
    lines = (ground.ROOT / "Procfile").read_text().splitlines()
    command = next(line.partition(":")[2] for line in lines if line.startswith("worker:"))
    with (Path(var) / "celery.log").open("wb") as log, subprocess.Popen(  # noqa: S603 - our own command line
        [sys.executable, "-m", *shlex.split(command)], cwd=ground.ROOT, stdout=log, stderr=log
    ) as process:  # fmt: skip
        try:
            yield process
        finally:
            process.terminate()


def _load(pumps: list[Pump], port: int, mercado_pago: str, minutes: float, sales: float) -> int:
    """Sell at all pumps until the time is over: report, poll, pay, deliver. How many were sold."""
    is_over, numbers = Event(), itertools.count(1)

    def sell_at(mine: list[Pump]) -> None:
        session = requests.Session()
        for pump in itertools.cycle(mine):
            begin = time.monotonic()
            _sell(session, pump, f"http://localhost:{port}", mercado_pago, next(numbers))
            if is_over.wait(max(0.0, SELLERS / sales - (time.monotonic() - begin))):
                return

    sellers = [Thread(target=sell_at, args=(pumps[n::SELLERS],)) for n in range(SELLERS)]
    for seller in sellers:
        seller.start()
    is_over.wait(minutes * 60)
    is_over.set()
    for seller in sellers:
        seller.join()
    return next(numbers) - 1


def _sell(session: requests.Session, pump: Pump, web: str, mercado_pago: str, number: int) -> None:
    url = f"{web}/api/v1/pos/{pump.external_id}"
    headers = {"Authorization": f"Api-Key {pump.key}", "Idempotency-Key": f"{number}"}
    session.put(f"{url}/status", json={"status": "in_process"}, headers=headers, timeout=20)
    session.get(f"{web}{pump.poll}", timeout=20)
    made = session.post(f"{url}/orders", json=_SALE | {"replace": True}, headers=headers, timeout=20)
    if made.status_code == 409:
        return  # the last one is paid, and the worker has not come to it yet
    made.raise_for_status()
    for _poll in range(9):
        session.get(f"{web}{pump.poll}", timeout=20)
    instant.tell(session, mercado_pago, instant.paid(number, made.json()["external_reference"], pump.user_id))
    session.post(f"{web}{pump.notify}?topic=merchant_order&id={number}", timeout=20).raise_for_status()


def _pumps() -> list[Pump]:
    from django.urls import reverse

    from bench import admin_rows
    from pos.models import PointOfSale
    from pos.services import create_key
    from stores.models import Store

    admin_rows.places()
    store = Store.objects.get(pk=2)
    key, account = create_key(name="bench", store=store), store.account
    return [
        Pump(
            external_id=pos.external_id, poll=reverse("poll", args=[pos.poll_token]), key=key,
            notify=reverse("notification", args=[account.notification_token]), user_id=account.user_id,
        )
        for pos in PointOfSale.objects.filter(store=store)
    ]  # fmt: skip


def _resident_mb(pid: int) -> int:
    [line] = [line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmRSS")]
    return int(line.split()[1]) // 1000


def _judge(good: bool, goal: str) -> bool:
    print(f"{'reached' if good else 'MISSED'}: {goal}", flush=True)
    return good


if __name__ == "__main__":
    sys.exit(main())
