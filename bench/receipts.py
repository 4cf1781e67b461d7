"""What receipts cost: python -m bench.receipts [pdf] [memory] [latency]. See bench/README.md."""

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

_VAR = tempfile.TemporaryDirectory(prefix="bench-receipts-")
_SERVERS = {name: os.environ.get(name, "") for name in ("DATABASE_URL", "REDIS_URL")}  # for the stack alone
# Without DEBUG, as a worker runs: with it, Django remembers every query.
os.environ |= {
    "DJANGO_SETTINGS_MODULE": "config.settings",
    "DEBUG": "off",
    "SECRET_KEY": "bench",
    "LOG_LEVEL": "WARNING",
}
os.environ |= {"FIELD_ENCRYPTION_KEYS": "YmVuY2gtb25seS1iZW5jaC1vbmx5LWJlbmNoLW9ubHk=", "VAR_DIR": _VAR.name}
os.environ |= {"DATABASE_URL": "", "REDIS_URL": "", "RECEIPTS_STORAGE_URL": ""}
import django  # noqa: E402

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.utils import timezone  # noqa: E402

from backoffice.play import Player  # noqa: E402
from backoffice.stack import Stack, free_port  # noqa: E402
from gateway.sites import SITES  # noqa: E402
from orders.models import MerchantOrder, Order, Payment  # noqa: E402
from orders.states import Status  # noqa: E402
from pos.models import PointOfSale  # noqa: E402
from receipts import tasks  # noqa: E402
from receipts.layout import Content, Heading, freeze  # noqa: E402
from receipts.models import Format  # noqa: E402
from receipts.variants import Variant  # noqa: E402
from receipts.writers import write  # noqa: E402
from stores.models import Account, Logo, Store  # noqa: E402

PDFS_A_SECOND, GROWTH_MIB, P50_MS, P99_MS = 40, 5, 150, 500
ITEMS = [
    {"title": "Nafta Súper", "quantity": "10.333", "unit_measure": "L", "unit_price": "1248.39",
     "total_amount": "12899.61"},
    {"title": "Café con leche", "quantity": "2", "unit_measure": "unit", "unit_price": "3200.00",
     "total_amount": "6400.00"},
]  # fmt: skip


def main() -> int:
    measures: dict[str, Callable[[], bool]] = {"pdf": pdf, "memory": memory, "latency": latency}
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("which", nargs="*", choices=[*measures, []], help="all when none is named")
    which = parser.parse_args().which or list(measures)
    return 0 if sum(not measures[name]() for name in which) == 0 else 1


def pdf() -> bool:
    """A receipt of two items with a code of its own, over and over in one thread."""
    contents = [_content(number) for number in range(400)]
    write(contents[0], Format.PDF, Variant(), {})
    for format in Format:
        begin = time.process_time()
        for content in contents:
            write(content, format, Variant(), {})
        rate = len(contents) / (time.process_time() - begin)
        _say(f"{format.label}: {rate:.0f} a second on one core ({1000 / rate:.2f} ms)")
        if format == Format.PDF:
            enough = rate >= PDFS_A_SECOND
    return _judge("PDF", enough, f"≥ {PDFS_A_SECOND} a second")


def memory() -> bool:
    """Issue and draw 10,000 receipts through the worker's task, in as many threads as it has."""
    call_command("migrate", verbosity=0)
    order_ids = _sales(10_000)
    begin, marks = time.monotonic(), []
    with ThreadPoolExecutor(8) as threads:
        for start in range(0, len(order_ids), 1000):
            list(threads.map(_draw, order_ids[start : start + 1000]))
            marks.append(_resident_mib())
            _say(f"after {start + 1000:>6} receipts: {marks[-1]:.0f} MiB")
        list(threads.map(lambda _: connection.close(), range(64)))
    _say(f"{len(order_ids) / (time.monotonic() - begin):.0f} receipts a second in all four formats, kept as files")
    return _judge("growth from 1,000 to 10,000", marks[-1] - marks[0] <= GROWTH_MIB, f"≤ {GROWTH_MIB} MiB")


def latency() -> bool:
    """From the moment the deciding notification is stored to the moment all formats are drawn."""
    env = _SERVERS | {"SIMULATOR_POLL_INTERVAL": "0.1"}
    var = Path(_VAR.name) / "stack"
    stack = Stack(web_port=free_port(), simulator_port=free_port(), var=var, env=env, show=False)
    try:
        demo = json.loads(stack.up())
        player = Player(stack, demo["key"], lambda _: None)
        order_ids = [_sell(player, number) for number in range(110)]
        milliseconds = _waits(stack, set(order_ids[10:]))  # the first ones warm the processes up
    finally:
        stack.stop()
    p50, p99 = (statistics.quantiles(milliseconds, n=100)[n] for n in (49, 98))
    kind = f"{'PostgreSQL' if env['DATABASE_URL'] else 'SQLite'}, {'Redis' if env['REDIS_URL'] else 'embedded broker'}"
    _say(f"notification → closed → receipt, {len(milliseconds)} sales, {kind}: p50 {p50:.0f} ms, p99 {p99:.0f} ms")
    return _judge("latency", p50 <= P50_MS and p99 <= P99_MS, f"p50 ≤ {P50_MS} ms, p99 ≤ {P99_MS} ms")


def _sell(player: Player, number: int) -> int:
    sale = {"items": [{"title": "Súper", "quantity": "10.5", "unit_price": "1200.00", "unit_measure": "L"}]}
    order_id: int = player.pump("POST", "pos/POS0001/orders", sale, key=f"bench-{number}")["id"]
    scan_id = player.phone("POST", "scans", {"external_pos_id": "POS0001"})["id"]
    player.until("ready", lambda: player.phone("GET", f"scans/{scan_id}")["state"] == "ready")
    player.phone("POST", f"scans/{scan_id}/pay", {"outcome": "approved"})
    player.until("a receipt", lambda: player.pump("GET", f"orders/{order_id}")["receipt"])
    time.sleep(0.3)  # the worker is idle again
    return order_id


def _waits(stack: Stack, order_ids: set[int]) -> list[float]:
    def rows(model: str) -> Iterable[dict[str, Any]]:
        return [row["fields"] | {"pk": row["pk"]} for row in json.loads(stack.manage("dumpdata", model))]

    closed = {row["pk"]: _moment(row["closed_at"]) for row in rows("orders.order") if row["pk"] in order_ids}
    drawn = {row["order"]: _moment(row["drawn_at"]) for row in rows("receipts.receipt")}
    received: dict[int, datetime] = {}
    for row in rows("notifications.notification"):
        at = _moment(row["received_at"])
        if row["order"] in closed and at <= closed[row["order"]]:
            received[row["order"]] = max(at, received.get(row["order"], at))
    return [(drawn[pk] - received[pk]).total_seconds() * 1000 for pk in closed]


def _content(number: int) -> Content:
    account = Account(site_code="MLA", user_id=1)
    store = Store(account=account, name="Estación Caseros", street="Caseros", number="3039", city="Belgrano",
                  state="Capital Federal", time_zone=account.site.time_zone)  # fmt: skip
    order = Order(pos=PointOfSale(store=store, name="Surtidor 4"), items=ITEMS, total_amount=Decimal("19299.61"))
    payments = [Payment(remote_id=98765432101 + number, amount=order.total_amount)]
    url = f"https://pay.example.com/r/{number}.AbCdEfGhIjKlMnOpQrStUvWxYz0123456789AbCdEfG"
    return freeze(order, payments, Heading(number=f"0001-{number:08}", issued_at=timezone.now(), url=url))


def _sales(count: int) -> list[int]:
    """Closed and paid orders of one store with a logo."""
    account = Account.objects.create(site_code="MLA", user_id=1, access_token="bench")  # noqa: S106
    store = Store.objects.create(
        account=account, external_id="S1", branch_number=1, name="Estación Caseros", street="Caseros", number="3039",
        city="Belgrano", state="Capital Federal", latitude=-34, longitude=-58, time_zone=SITES["MLA"].time_zone,
        logo=Logo.objects.create(sha256="0" * 64, png=_png(), width=384, height=120),
    )  # fmt: skip
    pos = PointOfSale.objects.create(store=store, external_id="P1", name="Surtidor 4", category="gas_station")
    now, total = timezone.now(), Decimal("19299.61")
    orders = Order.objects.bulk_create(
        Order(pos=pos, items=ITEMS, currency="ARS", total_amount=total, idempotency_key=str(n), fingerprint="-",
              expires_at=now, status=Status.CLOSED, closed_at=now, paid_amount=total)
        for n in range(count)
    )  # fmt: skip
    merchant_orders = MerchantOrder.objects.bulk_create(
        MerchantOrder(account=account, order=order, remote_id=n + 1, status="closed", total_amount=total, seen_at=now)
        for n, order in enumerate(orders)
    )
    Payment.objects.bulk_create(
        Payment(
            account=account, merchant_order=merchant_order, pos=pos, remote_id=n + 1, status="approved", amount=total
        )
        for n, merchant_order in enumerate(merchant_orders)
    )
    return [order.pk for order in orders]


def _png() -> bytes:
    from io import BytesIO

    from PIL import Image

    buffer = BytesIO()
    Image.linear_gradient("L").resize((384, 120)).save(buffer, "PNG")
    return buffer.getvalue()


def _draw(order_id: int) -> None:
    tasks.issue_receipt(order_id)


def _resident_mib() -> float:
    [line] = [line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmRSS")]
    return int(line.split()[1]) / 1024


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _judge(what: str, good: bool, goal: str) -> bool:
    _say(f"{'reached' if good else 'MISSED'}: {what} {goal}\n")
    return good


def _say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main())
