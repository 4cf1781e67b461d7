"""One database of the growth measurement, and one process that walks in it: made, walked, and asked for its plans."""

import logging
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Final

from bench import ground


@dataclass(slots=True)
class Took:
    """Milliseconds of one of what was walked: by the clock, and of processor, PostgreSQL's with it."""

    wall: float
    cpu: float


@dataclass(slots=True)
class Plan:
    """How PostgreSQL answers one of the statements, and which big tables it reads as a whole to do so."""

    path: str
    sql: str
    lines: list[str]
    whole: list[str]


def serve(pipe: Connection, url: str, var: str, orders: int, mercado_pago: str) -> None:
    """Answer with what a walk took, again and again; `plans` ends it. Fills the database when it is told how much."""
    ground.set_up(url, var, MERCADO_PAGO_API_URL=mercado_pago)
    logging.getLogger("django.request").setLevel(logging.ERROR)  # "nothing to pay" is a 400
    from bench import admin_rows

    if orders:
        admin_rows.fill(orders)
    from bench.growth_walks import Walks

    walks = Walks().all()
    pipe.send(list(walks))
    while (name := pipe.recv()) != "plans":
        pipe.send(_walk(*walks[name]))
    pipe.send(list(_plans(walks)))


def _walk(times: int, prepare: Any) -> Took:
    act = prepare()
    cpu, begin = _cpu(), time.perf_counter()
    act()
    wall = time.perf_counter() - begin
    return Took(wall * 1000 / times, (_cpu() - cpu) * 1000 / times)


def _cpu() -> float:
    from django.db import connection

    connection.ensure_connection()
    backend = Path(f"/proc/{connection.connection.info.backend_pid}/schedstat")
    return time.process_time() + (int(backend.read_text().split()[0]) / 1e9 if backend.exists() else 0)


_LITERAL: Final = re.compile(r"'(?:[^']|'')*'(?:::\w+)*|\b\d[\d.]*\b")


def _plans(walks: Any) -> Iterator[Plan]:
    from django.db import connection, transaction
    from django.test.utils import CaptureQueriesContext

    from bench.growth_walks import HOT

    for path in HOT:
        act, seen = walks[path][1](), set()
        with transaction.atomic():
            with CaptureQueriesContext(connection) as told:
                act()
            transaction.set_rollback(True)  # every statement is explained as it was asked: before it changed anything
        for sql in (query["sql"] for query in told.captured_queries):
            shape = _LITERAL.sub("?", sql)
            if shape in seen or not sql.startswith(("SELECT", "INSERT", "UPDATE", "DELETE")):
                continue
            seen.add(shape)
            yield _explain(path, sql)


def _explain(path: str, sql: str) -> Plan:
    from django.db import IntegrityError, connection, transaction

    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL session_replication_role = replica")  # rows it refers to were rolled back
            cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS) {sql}")
            lines = [str(row[0]) for row in cursor.fetchall()]
            transaction.set_rollback(True)
    except IntegrityError as error:
        lines = [f"not explained: {error}"]
    found = re.findall(r"Seq Scan on (\w+)", "\n".join(lines))
    return Plan(path, sql, lines, sorted(set(found) & _growing()))


def _growing() -> set[str]:
    from bench import admin_rows

    return {model._meta.db_table for model, _source, _columns in admin_rows.tables()}
