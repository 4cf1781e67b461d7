"""All that this Mercado Pago knows, in its own JSON shapes. Kept in a file when one is named."""

import atexit
import os
import time
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from threading import Lock, RLock, Timer
from typing import Any

import simplejson

from simulator import settings
from simulator.sites import SITES

Json = dict[str, Any]
_KEPT = ("tables", "sellers", "controller", "applications", "codes", "refresh_tokens", "revoked")
_FIRST_IDS = {"stores": 1234567, "pos": 2711382, "merchant_orders": 23_600_000_000, "payments": 150_000_000_000,
              "refunds": 1_600_000_000}  # fmt: skip

# Found without going through the whole table. What these fields hold never changes, and these rows are never deleted.
_INDEXED = {
    "merchant_orders": ("external_reference",),
    "payments": ("merchant_order", "external_reference"),
    "refunds": ("payment_id",),
}


class World:
    """Tables by id. Take `lock` around whatever reads and writes more than one thing."""

    def __init__(self, file: str) -> None:
        self.lock = RLock()
        self._file = Path(file) if file else None
        self._saving: Timer | None = None
        self._writing = Lock()  # the timer's writing and the last one, at exit, may meet
        self._writing_took = 0.0
        self.forget()
        if self._file:
            self._load(self._file)
            atexit.register(self._write)

    def forget(self) -> None:
        """As if just started without a file."""
        self.tables: dict[str, dict[str, Json]] = {name: {} for name in _FIRST_IDS}
        self._next_ids = dict(_FIRST_IDS)
        self._index: dict[tuple[str, str, str], list[Json]] = {}
        self.sellers: dict[str, list[str]] = {}  # user id → the sites it may be of, by what is known so far
        self.controller: Json = {}
        self.applications: dict[str, Json] = {}  # by client id
        self.codes: dict[str, Json] = {}
        self.refresh_tokens: dict[str, Json] = {}
        self.revoked: list[str] = []  # users whose tokens are refused
        self.refused_hosts: list[str] = []
        self.notifies = True

    def add(self, table: str, row: Json) -> Json:
        """Give it an id and keep it."""
        row["id"] = self._next_ids[table]
        self._next_ids[table] += 1
        self.tables[table][str(row["id"])] = row
        self._remember(table, row)
        self.changed()
        return row

    def find(self, table: str, **values: Any) -> list[Json]:
        indexed = next((name for name in _INDEXED.get(table, ()) if name in values), None)
        rows = self.alike(table, indexed, values[indexed]) if indexed else self.tables[table].values()
        return [row for row in rows if all(row.get(k) == v for k, v in values.items())]

    def alike(self, table: str, indexed: str, value: Any) -> list[Json]:
        """The rows with that value in an indexed field, upper and lower case being the same."""
        return list(self._index.get((table, indexed, str(value).lower()), ()))

    def _remember(self, table: str, row: Json) -> None:
        for name in _INDEXED.get(table, ()):
            self._index.setdefault((table, name, str(row[name]).lower()), []).append(row)

    def narrow(self, user_id: int, sites: Iterable[str]) -> bool:
        """Learn that a seller is of one of these sites. False when that contradicts what is known."""
        left = [site for site in self.sellers.get(str(user_id), list(SITES)) if site in set(sites)]
        if left:
            self.sellers[str(user_id)] = left
            self.changed()
        return bool(left)

    def site_of(self, user_id: int) -> str:
        """The seller's site; Argentina while several are possible."""
        return self.sellers.get(str(user_id), ["MLA"])[0]

    def is_placed(self, user_id: int) -> bool:
        return len(self.sellers.get(str(user_id), ())) == 1

    def changed(self) -> None:
        """Write the file shortly; many changes, one writing. A large world is not always being written."""
        if self._file and self._saving is None:
            self._saving = Timer(max(0.1, 20 * self._writing_took), self._write)
            self._saving.daemon = True
            self._saving.start()

    def _write(self) -> None:
        assert self._file  # noqa: S101 - only scheduled with one
        with self._writing:
            started = time.monotonic()
            with self.lock:
                self._saving = None
                text = simplejson.dumps({name: getattr(self, name) for name in _KEPT}, use_decimal=True)
            fresh = self._file.with_suffix(".new")
            fresh.write_text(text)
            os.replace(fresh, self._file)
            self._writing_took = time.monotonic() - started

    def _load(self, file: Path) -> None:
        if file.exists():
            kept = simplejson.loads(file.read_text(), use_decimal=True)
            self.tables |= kept.pop("tables")
            for name, value in kept.items():
                setattr(self, name, value)
        for table, rows in self.tables.items():
            self._next_ids[table] = max((int(key) + 1 for key in rows), default=self._next_ids[table])
            for row in rows.values():
                self._remember(table, row)


def stamp() -> str:
    """Mercado Pago's usual date shape."""
    now = datetime.now(UTC).astimezone(timezone(-timedelta(hours=4)))
    return now.isoformat(timespec="milliseconds")


def total(rows: Iterable[Json], field: str) -> Decimal:
    return sum((Decimal(row[field]) for row in rows), Decimal(0))


world = World(settings.SIMULATOR_STATE)
