"""A chain with as many orders as asked for, made by PostgreSQL itself: what pages show of them is lifelike."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Model
from django.utils import timezone

from notifications.models import Notification
from orders.models import MerchantOrder, MoneyEntry, Order, Payment, PollSpell, Refund, RefundRequest, Transition
from pos.models import PointOfSale, StatusSpell
from receipts.models import Document, Receipt
from stores.models import Account, ApiCall, Store

STORES, OF_THE_BIG, OF_THE_USUAL = 100, 200, 12  # the first store is big; the last one has only just begun
DAYS = 90  # the orders are spread over

# The n-th order is of the n-th point of sale, round and round; the newest of some are open, one in 5,000 needs a look.
_ORDERS = f"""
CREATE UNLOGGED TABLE made AS SELECT *,
    CASE status WHEN 'closed' THEN created_at + interval '70 seconds' END AS closed_at,
    CASE WHEN status <> 'closed' AND attention IS NULL THEN 0 WHEN attention = 'overpaid' THEN 2 * total
         ELSE total END AS paid
FROM (
    SELECT n AS id, CASE n %% (%(orders)s / 3) WHEN 0 THEN %(points)s ELSE 1 + n %% (%(points)s - 1) END AS pos_id,
        translate(upper(substr(md5(n::text), 1, 24)), '01', 'XY') AS reference,
        now() - (%(orders)s - n) * (interval '{DAYS} days' / %(orders)s) AS created_at,
        500 + n %% 19501 + (n %% 100) / 100.0 AS total,
        CASE WHEN n %% 5000 = 0 THEN 'overpaid' WHEN n %% 5000 = 2501 THEN 'paid_after_cancel' END AS attention,
        CASE WHEN n > %(orders)s - 60 THEN 'open' WHEN n %% 5000 = 2501 OR n %% 16 = 3 THEN 'canceled'
             WHEN n %% 5000 <> 0 AND n %% 20 = 7 THEN 'expired' ELSE 'closed' END AS status
    FROM generate_series(1, %(orders)s) AS n
) AS one
"""  # noqa: S608
# How each index that is no primary key is dropped and made again; a unique one may belong to a constraint.
_INDEXES = """
SELECT CASE WHEN c.oid IS NULL THEN format('DROP INDEX %%I', i.relname)
            ELSE format('ALTER TABLE %%I DROP CONSTRAINT %%I', t.relname, c.conname) END,
       CASE WHEN c.oid IS NULL THEN pg_get_indexdef(x.indexrelid)
            ELSE format('ALTER TABLE %%I ADD CONSTRAINT %%I %%s', t.relname, c.conname, pg_get_constraintdef(c.oid)) END
FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class t ON t.oid = x.indrelid
LEFT JOIN pg_constraint c ON c.conindid = x.indexrelid AND c.contype IN ('u', 'x')
WHERE t.relname = ANY(%s) AND NOT x.indisprimary
ORDER BY i.relname
"""
_ITEMS = """'[{"title": "Nafta Súper", "quantity": "10.333", "unit_measure": "L", "unit_price": "1248.39",
"total_amount": "12899.61", "description": "", "sku_number": "", "category": ""}]'::jsonb"""


def fill(orders: int) -> None:
    """The tables must be empty."""
    points = places()
    with transaction.atomic(), connection.cursor() as cursor:
        # The keys are right by construction; checking fifteen million of them takes longer than all the rest.
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(_ORDERS, {"orders": orders, "points": points})
        with _indexes_afterwards(cursor, {model._meta.db_table for model, _, _ in tables()}):
            for model, source, columns in tables():
                _insert(cursor, model, source, columns)
        cursor.execute("DROP TABLE made")
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


@contextmanager
def _indexes_afterwards(cursor: Any, tables: set[str]) -> Iterator[None]:
    """Made of all rows at once: row by row, random keys cost more than all the rest from a few million rows on."""
    cursor.execute(_INDEXES, [[*tables]])
    for drop, _make in (found := cursor.fetchall()):
        cursor.execute(drop)
    yield
    cursor.execute("SET LOCAL maintenance_work_mem = '512MB'")
    for _drop, make in found:
        cursor.execute(make)


def places() -> int:
    """Stores and points of sale; the last point of sale is that of a store which has sold next to nothing."""
    now = timezone.now()
    account = Account.objects.create(site_code="MLA", user_id=1, access_token="bench")  # noqa: S106
    stores = Store.objects.bulk_create(
        Store(account=account, external_id=f"STORE{n:03}", branch_number=n, name=f"Estación {n}", street="Caseros",
              number=str(n), city="Belgrano", state="Capital Federal", latitude=-34, longitude=-58, remote_id=n,
              registration="registered", time_zone="America/Argentina/Buenos_Aires")
        for n in range(1, STORES + 1)
    )  # fmt: skip
    Store.objects.update(created_at=now - timedelta(days=DAYS))
    sizes = [OF_THE_BIG, *[OF_THE_USUAL] * (STORES - 2), 1]
    PointOfSale.objects.bulk_create(
        PointOfSale(account=account, store=store, external_id=f"S{store.branch_number}P{n}", name=f"Surtidor {n}",
                    category="gas_station", registration="registered", remote_id=1000 * store.pk + n, status="idle",
                    status_at=now, status_since=now)
        for store, size in zip(stores, sizes, strict=True)
        for n in range(1, size + 1)
    )  # fmt: skip
    return sum(sizes)


def tables() -> list[tuple[type[Model], str, dict[str, str]]]:
    """Model, where its rows come from, column by column; what is not named is the model's default."""
    closed_or_late = "made JOIN pos_pointofsale p ON p.id = pos_id WHERE paid > 0"
    store = {"account_id": "p.account_id"}
    return [
        (Order, "made", {
            "id": "id", "pos_id": "pos_id", "external_reference": "reference", "reference": "'T-' || id",
            "items": _ITEMS, "currency": "'ARS'", "total_amount": "total", "status": "status",
            "payment_status": "CASE WHEN paid = 0 THEN 'unpaid' WHEN paid > total THEN 'overpaid' ELSE 'paid' END",
            "paid_amount": "paid", "attention": "attention", "idempotency_key": "id", "fingerprint": "''",
            "created_at": "created_at", "expires_at": "created_at + interval '10 minutes'", "closed_at": "closed_at",
            "first_served_at": "created_at + interval '20 seconds'",
        }),
        (Transition, "made", {
            "order_id": "id", "to_status": "'open'", "reason": "'reported by the controller'",
            "actor": "'controller'", "at": "created_at",
        }),
        (Transition, "made WHERE status <> 'open'", {
            "order_id": "id", "from_status": "'open'", "to_status": "status", "reason": "'paid'",
            "actor": "'notification'", "at": "created_at + interval '70 seconds'",
        }),
        (MerchantOrder, "made JOIN pos_pointofsale p ON p.id = pos_id", store | {
            "id": "made.id", "order_id": "made.id", "remote_id": "9000000000 + made.id",
            "status": "CASE WHEN paid > 0 THEN 'closed' ELSE 'opened' END", "total_amount": "total",
            "created_at": "made.created_at", "updated_at": "made.created_at", "seen_at": "made.created_at",
        }),
        (Payment, closed_or_late, store | {
            "id": "made.id", "merchant_order_id": "made.id", "pos_id": "made.pos_id",
            "remote_id": "70000000000 + made.id",
            "status": "'approved'", "status_detail": "'accredited'", "amount": "paid",
            "approved_at": "made.created_at + interval '60 seconds'", "updated_at": "made.created_at",
        }),
        (MoneyEntry, "made WHERE paid > 0", {
            "order_id": "id", "at": "created_at", "event": "'payment'", "amount": "paid", "after": "'approved'",
            "remote_id": "70000000000 + id", "actor": "'notification'",
        }),
        (Notification, "made JOIN pos_pointofsale p ON p.id = pos_id, generate_series(1, 2)", store | {
            "received_at": "made.created_at + interval '61 seconds'", "headers": "'{}'", "query": "'id=1'",
            "body": "'{}'", "verdict": "'absent'", "topic": "'merchant_order'", "resource_id": "9000000000 + made.id",
            "outcome": "CASE WHEN made.id %% 5000 = 1 THEN 'unmatched' ELSE 'processed' END",
            "order_id": "CASE WHEN made.id %% 5000 = 1 THEN NULL ELSE made.id END",
        }),
        (Receipt, "made JOIN pos_pointofsale p ON p.id = pos_id WHERE made.status = 'closed'", {
            "id": "made.id", "kind": "'receipt'", "order_id": "made.id", "store_id": "p.store_id",
            "sequence": "made.id", "number": "'0001-' || lpad(made.id::text, 8, '0')",
            "content": """'{"lines": []}'""", "issued_at": "closed_at", "drawn_at": "closed_at",
        }),
        (Document, "made WHERE status = 'closed'", {
            "receipt_id": "id", "format": "'pdf'", "name": "id || '.pdf'", "sha256": "repeat('0', 64)", "size": "20000",
            "drawn_at": "closed_at",
        }),
        (RefundRequest, "made WHERE id %% 200 = 0 AND paid > 0", {
            "id": "id", "order_id": "id", "amount": "total", "actor": "'ana'", "idempotency_key": "id",
            "status": "'approved'", "reason": "'Wrong pump'", "created_at": "created_at",
        }),
        (Refund, "made WHERE id %% 200 = 0 AND paid > 0", {
            "request_id": "id", "payment_id": "id", "amount": "total", "key": "gen_random_uuid()",
            "status": "'approved'", "remote_id": "id", "made_at": "created_at", "asked_at": "created_at",
        }),
        (PollSpell, f"made WHERE created_at > now() - interval '{DAYS // 3} days'", {
            "pos_id": "pos_id", "order_id": "id", "heard": "'order'", "since": "created_at + interval '20 seconds'",
            "last_at": "created_at + interval '60 seconds'", "polls": "40", "is_going_on": "false",
        }),
        (StatusSpell, f"made WHERE created_at > now() - interval '{DAYS // 3} days'", {
            "pos_id": "pos_id", "status": "'in_process'", "since": "created_at - interval '90 seconds'",
            "last_at": "created_at", "reports": "30",
        }),
        (ApiCall, f"""made JOIN pos_pointofsale p ON p.id = pos_id
                      WHERE made.created_at > now() - interval '{DAYS // 3} days'""", store | {
            "about": "'order ' || made.id", "at": "made.created_at + interval '62 seconds'", "method": "'GET'",
            "path": "'/merchant_orders/' || made.id", "status": "200", "milliseconds": "150",
        }),
    ]  # fmt: skip


def _insert(cursor: Any, model: type[Model], source: str, columns: dict[str, str]) -> None:
    fields = [field for field in model._meta.concrete_fields if field.column not in columns]
    rest = {f.column: f.get_db_prep_save(f.get_default(), connection) for f in fields if f.has_default() or not f.null}
    rest = {name: value for name, value in rest.items() if name != "id"}
    names = ", ".join(f'"{name}"' for name in (*columns, *rest))
    values = ", ".join((*columns.values(), *["%s"] * len(rest)))
    cursor.execute(f"INSERT INTO {model._meta.db_table} ({names}) SELECT {values} FROM {source}", [*rest.values()])  # noqa: S608
    if "id" in columns:
        table = model._meta.db_table
        cursor.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table}")  # noqa: S608
