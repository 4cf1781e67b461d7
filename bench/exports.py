"""What an export costs: python -m bench.exports [rows]. See bench/README.md."""

import os
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

_VAR = tempfile.TemporaryDirectory(prefix="bench-exports-")
os.environ |= {
    "DJANGO_SETTINGS_MODULE": "config.settings",
    "DEBUG": "off",
    "SECRET_KEY": "bench",
    "LOG_LEVEL": "WARNING",
    "FIELD_ENCRYPTION_KEYS": "YmVuY2gtb25seS1iZW5jaC1vbmx5LWJlbmNoLW9ubHk=",
    "VAR_DIR": _VAR.name,
    "RECEIPTS_STORAGE_URL": "",
    "REDIS_URL": "",
}
os.environ.setdefault("DATABASE_URL", "")
import django  # noqa: E402

django.setup()

from django.contrib.auth import get_user_model  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.utils import timezone  # noqa: E402

from orders.models import Order  # noqa: E402
from pos.models import PointOfSale  # noqa: E402
from stores.models import Account, Store  # noqa: E402

GROWTH_MIB, ROWS, A_FEW = 10, 1_000_000, 10_000


def main() -> int:
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else ROWS
    call_command("migrate", verbosity=0)
    _fill(rows)
    client = Client(headers={"host": "localhost"})
    users = get_user_model().objects
    client.force_login(users.filter(username="bench").first() or users.create_superuser("bench"))
    few = _stream(client, f"?id__lte={A_FEW}")
    begin = time.monotonic()
    size, first, count, most = _stream(client, "")
    seconds, growth = time.monotonic() - begin, most - few[-1]
    print(
        f"{connection.vendor}: {count:,} rows, {size / 2**20:.0f} MiB in {seconds:.0f} s, the first after {first:.1f} s"
    )
    enough = growth <= GROWTH_MIB and count == rows
    print(
        f"{'✓' if enough else '✗'} {most:.0f} MiB, {growth:.1f} MiB more than {A_FEW:,} rows took (≤ {GROWTH_MIB} MiB)"
    )
    return 0 if enough else 1


def _stream(client: Client, query: str) -> tuple[int, float, int, float]:
    """Bytes, seconds until the first row, rows, the most memory at any of its pieces in MiB."""
    begin, size, lines, first, most = time.monotonic(), 0, 0, 0.0, 0.0
    for piece in _pieces(client, query):
        size, lines = size + len(piece), lines + piece.count(b"\r\n")
        first = first or (time.monotonic() - begin if lines > 1 else 0.0)
        most = max(most, _resident_mib())
    return size, first, lines - 1, most


def _pieces(client: Client, query: str) -> Iterator[bytes]:
    answer = client.get(f"/admin/export/orders.csv{query}")
    if answer.status_code != 200:
        sys.exit(f"the export answers {answer.status_code}")
    yield from answer.streaming_content  # type: ignore[attr-defined]
    answer.close()


def _resident_mib() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def _fill(rows: int) -> None:
    """Orders of one point of sale, made by the database itself."""
    if Order.objects.exists():
        return
    account = Account.objects.create(site_code="MLA", user_id=1, access_token="x")  # noqa: S106
    store = Store.objects.create(
        account=account, external_id="STORE1", branch_number=1, name="Bench", street="x", number="1", city="x",
        state="x", latitude=-34, longitude=-58, time_zone="America/Argentina/Buenos_Aires",
    )  # fmt: skip
    pos = PointOfSale.objects.create(store=store, external_id="POS1", name="Pump", category="gas_station")
    now = timezone.now()
    row: dict[str, Any] = {
        "pos_id": pos.pk, "reference": "", "title": "=SUM(1)", "description": "", "items": "[]", "currency": "ARS",
        "total_amount": 500, "taxes": "[]", "marketplace_fee": 0, "loyalty_status": "", "status": "canceled",
        "payment_status": "unpaid", "paid_amount": 0, "refunded_amount": 0, "fingerprint": "", "created_at": now,
        "expires_at": now, "checks": 0,
    }  # fmt: skip
    columns = ", ".join(("external_reference", "idempotency_key", *row))
    numbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %s) SELECT "
    text = "CAST(i AS char(24))" if connection.vendor == "postgresql" else "CAST(i AS text)"
    casts = ", ".join(_cast(name) for name in row)
    with connection.cursor() as cursor:
        sql = f"INSERT INTO orders_order ({columns}) {numbers} {text}, {text}, {casts} FROM n"
        cursor.execute(sql, [rows, *row.values()])
        cursor.execute("ANALYZE")
    print(f"{rows:,} orders in {Path(_VAR.name) if connection.vendor == 'sqlite' else 'PostgreSQL'}")


def _cast(name: str) -> str:
    is_json = name in ("items", "taxes") and connection.vendor == "postgresql"
    return "CAST(%s AS jsonb)" if is_json else "%s"


if __name__ == "__main__":
    sys.exit(main())
