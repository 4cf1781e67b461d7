"""What following a payment costs the worker: python -m bench.worker. See bench/README.md."""

import argparse
import statistics
import sys
import time
from collections.abc import Callable
from subprocess import Popen

from bench import ground, processes
from bench.ground import spread
from bench.processes import line_of, running, until

CPU_RATIO, RATE, MIB, P50_MS = 2.5, 80, 150, 25
Publish = Callable[[int], object]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--sales", type=int, default=300, help="of each round")
    parser.add_argument("--receipts", type=int, default=5000)
    arguments = parser.parse_args()
    with processes.product("bench_worker"):
        return _measure(arguments)


def _measure(arguments: argparse.Namespace) -> int:
    from bench import worker_rows

    print(f"{ground.machine()}; load before {ground.load()}", flush=True)
    at = worker_rows.station()
    ports = _free_ports()
    with (
        running(f"{sys.executable} -m bench.stub {ports[0]} 0", "stub"),
        running(f"{sys.executable} -m bench.stub {ports[1]} 150", "slow-stub"),
    ):
        instant, slow = ({"MERCADO_PAGO_API_URL": f"http://127.0.0.1:{port}"} for port in ports)
        with running(line_of("worker"), "worker", instant) as worker:
            ratio = _against_the_yardstick(arguments, at, worker, instant)
            quiet = _latency(worker_rows.deliveries(at, 400))
            busy = _while_receipts_wait(at, arguments.receipts)
        processes.forget_messages()
        with running(line_of("worker"), "slow-worker", slow) as worker:
            rate = statistics.median(_rate(worker_rows.deliveries(at, 600)) for _ in range(3))
            mib = processes.resident_mib(worker.pid)
    print("\n| enqueued to closed, 40 a second | p50 ms | p99 ms |\n|---|---|---|")
    for name, waits in (("nothing else to do", quiet), (f"{arguments.receipts} receipts waiting", busy)):
        print(f"| {name} | {statistics.median(waits):.1f} | {statistics.quantiles(waits, n=100)[98]:.1f} |")
    print(f"\nAPI at 150 ms: {rate:.0f} a second in {mib:.0f} MiB; load afterwards {ground.load()}")
    return ground.judge({
        f"CPU of a notification ≤ {CPU_RATIO} × the yardstick's ({ratio:.2f})": ratio <= CPU_RATIO,
        f"enqueued to closed p50 ≤ {P50_MS} ms at 40 a second": statistics.median(quiet) <= P50_MS,
        f"the same while {arguments.receipts} receipts wait": statistics.median(busy) <= P50_MS,
        f"≥ {RATE} a second with an API at 150 ms": rate >= RATE,
        f"one process under {MIB} MiB": mib < MIB,
    })  # fmt: skip


def _against_the_yardstick(
    arguments: argparse.Namespace, at: object, worker: "Popen[bytes]", env: dict[str, str]
) -> float:
    from bench.yardsticks.task import yardstick
    from notifications.tasks import process_notifications

    options = line_of("worker").replace("-A config", "-A bench.yardsticks.task").replace("celery,receipts", "yardstick")
    costs: dict[str, list[float]] = {"product": [], "yardstick": []}
    with running(f"{options} -n yardstick@%h", "yardstick", env) as bare:
        for number in range(arguments.rounds + 1):  # the first one warms up
            measured = {
                "product": _cost(worker, lambda pk: process_notifications.delay([pk]), at, arguments.sales),
                "yardstick": _cost(bare, yardstick.delay, at, arguments.sales),
            }
            for name, cost in measured.items():
                costs[name] += [cost] if number else []
    ratios = [ours / theirs for ours, theirs in zip(costs["product"], costs["yardstick"], strict=True)]
    print(f"\n| {arguments.rounds} × {arguments.sales} notifications | CPU µs of the worker for each |\n|---|---|")
    for name, values in costs.items():
        print(f"| {name} | {spread(values)} |")
    print(f"| ratio, round by round | {spread(ratios, 2)} |", flush=True)
    return statistics.median(ratios)


def _cost(worker: "Popen[bytes]", publish: Publish, at: object, how_many: int) -> float:
    """µs of processor for each."""
    from bench import worker_rows

    ids = worker_rows.deliveries(at, how_many)  # type: ignore[arg-type]
    before = processes.cpu(worker.pid)
    for pk in ids:
        publish(pk)
    until("all are worked on", lambda: _done(ids) == how_many)
    return (processes.cpu(worker.pid) - before) / how_many * 1e6


def _latency(ids: list[int], *, rate: int = 40) -> list[float]:
    """Milliseconds from enqueueing to what came of it being stored, after the order was closed."""
    from django.utils import timezone

    from notifications.models import Notification
    from notifications.tasks import process_notifications

    enqueued = {}
    begin = time.monotonic()
    for number, pk in enumerate(ids):
        time.sleep(max(0.0, begin + number / rate - time.monotonic()))
        enqueued[pk] = timezone.now()
        process_notifications.delay([pk])
    until("all are worked on", lambda: _done(ids) == len(ids))
    rows = Notification.objects.filter(pk__in=ids, order__status="closed").values_list("pk", "processed_at")
    assert len(rows) == len(ids)  # noqa: S101
    return [(at - enqueued[pk]).total_seconds() * 1000 for pk, at in rows if at]


def _while_receipts_wait(at: object, how_many: int) -> list[float]:
    from bench import worker_rows
    from receipts.models import Receipt
    from receipts.tasks import issue_receipt

    orders = worker_rows.closed(at, how_many)  # type: ignore[arg-type]
    ids = worker_rows.deliveries(at, 400)  # type: ignore[arg-type]
    drawn = Receipt.objects.filter(order__in=orders)
    for order_id in orders:
        issue_receipt.delay(order_id)
    until("the first receipts are drawn", lambda: drawn.count() > 10)
    before = drawn.count()
    waits = _latency(ids)
    after = drawn.count()
    print(f"\nmeanwhile {after - before} receipts were drawn, {how_many - after} still wait", flush=True)
    if after == how_many:
        sys.exit("no receipt waits any more: take more --receipts")
    return waits


def _rate(ids: list[int]) -> float:
    from django.db.models import Max

    from notifications.models import Notification
    from notifications.tasks import process_notifications

    for pk in ids[:50]:
        process_notifications.delay([pk])
    until("it is warm", lambda: _done(ids) == 50)
    begin = time.time()
    for pk in ids[50:]:
        process_notifications.delay([pk])
    until("all are worked on", lambda: _done(ids) == len(ids))
    last = Notification.objects.filter(pk__in=ids).aggregate(last=Max("processed_at"))["last"]
    return float((len(ids) - 50) / (last.timestamp() - begin))


def _done(ids: list[int]) -> int:
    from notifications.models import Notification

    return Notification.objects.filter(pk__gte=ids[0], pk__lte=ids[-1], processed_at__isnull=False).count()


def _free_ports() -> list[int]:
    from backoffice.stack import free_port

    return [free_port(), free_port()]


if __name__ == "__main__":
    sys.exit(main())
