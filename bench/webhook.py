"""What a delivery costs the web process: python -m bench.webhook. Needs wrk. See bench/README.md."""

import argparse
import json
import re
import shutil
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from http.client import HTTPConnection
from threading import Thread
from typing import Any

from bench import ground, processes
from bench.ground import spread
from bench.processes import line_of, running, until

RATIO, WOKEN_MS, LONGEST_MS = 0.8, 50, 300
TOKEN = "T" * 43
URL = f"/mp/notifications/{TOKEN}?data.id=1&type=topic_merchant_order_wh"
_BODY = json.dumps({"type": "topic_merchant_order_wh", "data": {"id": "1"}})


@dataclass(slots=True)
class Measured:
    """One web process under load."""

    rates: list[float] = field(default_factory=list)
    costs: list[float] = field(default_factory=list)  # µs of processor for each request


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=4)
    parser.add_argument("--connections", type=int, default=16)
    arguments = parser.parse_args()
    if not shutil.which("wrk"):
        sys.exit("wrk is needed: apt-get install wrk")
    with processes.product("bench_webhook"):
        return _measure(arguments)


def _measure(arguments: argparse.Namespace) -> int:
    from stores.models import Account

    print(f"{ground.machine()}; load before {ground.load()}", flush=True)
    Account.objects.create(
        pk=1, site_code="MLA", user_id=1, access_token="bench", notification_token=TOKEN  # noqa: S106 - a stand-in
    )  # fmt: skip
    product, bare = _under_load(arguments)
    ratios = [ours / theirs for ours, theirs in zip(product.rates, bare.rates, strict=True)]
    cheap = [theirs / ours for ours, theirs in zip(product.costs, bare.costs, strict=True)]
    print("\n| | requests a second | CPU µs for each |\n|---|---|---|")
    print(f"| delivery | {spread(product.rates)} | {spread(product.costs)} |")
    print(f"| bare view, the row made by the ORM | {spread(bare.rates)} | {spread(bare.costs)} |")
    print(f"| ratio, round by round | {spread(ratios, 2)} | {spread(cheap, 2)} |", flush=True)
    woken = _woken()
    p99 = statistics.quantiles(woken, n=100)[98]
    print(f"\nworker told of a delivery, 40 a second: p50 {statistics.median(woken):.1f} ms, p99 {p99:.1f} ms")
    goals = {
        f"≥ {RATIO:.0%} of the bare view's requests a second ({statistics.median(ratios):.0%})":
            statistics.median(ratios) >= RATIO,
        f"a worker told within {WOKEN_MS} ms (p50; p99 {p99:.0f})": statistics.median(woken) <= WOKEN_MS,
    }  # fmt: skip
    print(f"longest of 100 with Redis there: {_one_by_one(processes.REDIS)[0]:.0f} ms")
    processes.forget_messages()
    for name, broker in (("refused", _refused), ("black-holed", _black_hole)):
        with broker() as url:
            longest, sent, kept = _one_by_one(url)
        print(f"Redis {name}: {sent} deliveries, {kept} rows, longest request {longest:.0f} ms", flush=True)
        goals[f"Redis {name}: no request over {LONGEST_MS} ms ({longest:.0f})"] = longest <= LONGEST_MS
        goals[f"Redis {name}: nothing lost"] = sent == kept
    goals["worked on when Redis is back"] = _back()
    print(f"load afterwards {ground.load()}")
    return ground.judge(goals)


def _under_load(arguments: argparse.Namespace) -> tuple[Measured, Measured]:
    """The two in turns. No worker runs: its work is not the web's."""
    bare_line = line_of("web").replace("config.wsgi", "bench.yardsticks.insert")
    measured = Measured(), Measured()
    bare_env = {"DJANGO_SETTINGS_MODULE": "bench.yardsticks.insert_settings"}
    with _web(line_of("web")) as product, _web(bare_line, bare_env) as bare:
        for number in range(arguments.rounds + 1):  # the first one warms up
            for into, (process, port) in zip(measured, (product, bare), strict=True):
                before = processes.cpu(process.pid, with_children=True)
                rate, requests = _wrk(port, arguments)
                if number:
                    cost = processes.cpu(process.pid, with_children=True) - before
                    into.rates.append(rate)
                    into.costs.append(cost / requests * 1e6)
    processes.forget_messages()
    return measured


@contextmanager
def _web(command: str, env: dict[str, str] | None = None) -> "Iterator[tuple[subprocess.Popen[bytes], int]]":
    from backoffice.stack import free_port

    port = free_port()
    with running(command, f"web-{port}", {"PORT": str(port)} | (env or {})) as process:
        until("the web process answers", lambda: _answers(port))
        yield process, port


def _answers(port: int) -> bool:
    try:
        for _worker in range(20):  # both of them have loaded the product
            _deliver(port)
    except OSError:
        return False
    return True


def _wrk(port: int, arguments: argparse.Namespace) -> tuple[float, int]:
    command = ["wrk", "-t1", f"-c{arguments.connections}", f"-d{arguments.seconds}", "-s", "bench/deliver.lua"]
    done = subprocess.run(  # noqa: S603 - our own command line
        [*command, f"http://localhost:{port}{URL}"], cwd=ground.ROOT, capture_output=True, text=True, check=True
    )
    if "Non-2xx" in done.stdout or "Socket errors" in done.stdout:
        sys.exit(f"not every delivery was taken:\n{done.stdout}")
    [rate], [requests] = (
        re.findall(r"Requests/sec:\s+([\d.]+)", done.stdout),
        re.findall(r"(\d+) requests", done.stdout),
    )
    return float(rate), int(requests)


def _woken() -> list[float]:
    """From the moment in the row to the moment a message that names it can be taken, in milliseconds."""
    from redis import Redis

    from notifications.models import Notification

    heard: dict[int, float] = {}

    def listen() -> None:
        import base64

        queue: Any = Redis.from_url(processes.REDIS)
        while message := queue.brpop("celery", timeout=3):
            at = time.time()
            [[ids], *_rest] = json.loads(base64.b64decode(json.loads(message[1])["body"]))
            heard.update(dict.fromkeys(ids, at))

    with _web(line_of("web")) as (_process, port):
        time.sleep(0.5)
        processes.forget_messages()
        last = Notification.objects.order_by("-pk").values_list("pk", flat=True)[0]
        listener = Thread(target=listen)
        listener.start()
        for _number in range(200):
            time.sleep(1 / 40)
            _deliver(port)
        listener.join()
    rows = Notification.objects.filter(pk__gt=last).values_list("pk", "received_at")
    if unheard := {pk for pk, _at in rows} - {*heard}:
        sys.exit(f"no worker was told of {len(unheard)} deliveries")
    return [(heard[pk] - at.timestamp()) * 1000 for pk, at in rows]


@contextmanager
def _refused() -> Iterator[str]:
    from backoffice.stack import free_port

    yield f"redis://127.0.0.1:{free_port()}/0"


@contextmanager
def _black_hole() -> Iterator[str]:
    """A socket that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"redis://127.0.0.1:{server.getsockname()[1]}/0"


def _one_by_one(redis_url: str) -> tuple[float, int, int]:
    """The longest request in milliseconds, how many were sent, how many rows there are of them."""
    from notifications.models import Notification

    with _web(line_of("web"), {"REDIS_URL": redis_url}) as (_process, port):
        before = Notification.objects.count()
        longest, sent = 0.0, 100
        for _number in range(sent):
            time.sleep(0.02)
            longest = max(longest, _deliver(port))
        return longest, sent, Notification.objects.count() - before


def _back() -> bool:
    """Whether worker and beat, once Redis is there, work on all that is due, by the sweep alone."""
    from django.utils import timezone

    from notifications.models import Notification

    left = [*Notification.objects.order_by("-pk").values_list("pk", flat=True)[:200]]
    Notification.objects.exclude(pk__in=left).update(next_attempt_at=None)  # the flood was not to be worked on
    mine = Notification.objects.filter(pk__in=left)
    mine.update(topic="something else")  # nobody plays Mercado Pago here
    begin: datetime = timezone.now()
    with running(line_of("worker"), "worker"), running(_beat(), "beat"):
        until("all are worked on", lambda: not mine.filter(processed_at=None).exists())
    print(f"with Redis back, {len(left)} were worked on in {(timezone.now() - begin).total_seconds():.0f} s")
    return True


def _beat() -> str:
    import os

    return line_of("beat").replace("${VAR_DIR:-var}", os.environ["VAR_DIR"])


def _deliver(port: int) -> float:
    """Milliseconds."""
    connection = HTTPConnection("localhost", port, timeout=10)
    begin = time.perf_counter()
    connection.request("POST", URL, _BODY, {"Content-Type": "application/json"})
    answer = connection.getresponse()
    answer.read()
    wall = (time.perf_counter() - begin) * 1000
    connection.close()
    if answer.status != 200:
        sys.exit(f"a delivery was answered {answer.status}")
    return wall


if __name__ == "__main__":
    sys.exit(main())
