"""All that this Mercado Pago knows, in its own JSON shapes. Kept in a file when one is named."""

import atexit
import os
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from threading import RLock, Timer
from typing import Any

import simplejson

from simulator import settings
from simulator.sites import SITES

Json = dict[str, Any]
_FIRST_IDS = {"stores": 1234567, "pos": 2711382, "merchant_orders": 23_600_000_000, "payments": 150_000_000_000,
              "refunds": 1_600_000_000}  # fmt: skip


class World:
    """Tables by id. Take `lock` around whatever reads and writes more than one thing."""

    def __init__(self, file: str) -> None:
        self.lock = RLock()
        self._file = Path(file) if file else None
        self._saving: Timer | None = None
        self.tables: dict[str, dict[str, Json]] = {name: {} for name in _FIRST_IDS}
        self.sellers: dict[str, list[str]] = {}  # user id → the sites it may be of, by what is known so far
        self.controller: Json = {}
        self.refused_hosts: list[str] = []
        self.notifies = True
        if self._file:
            self._load(self._file)
            atexit.register(self._write)

    def add(self, table: str, row: Json) -> Json:
        """Give it an id and keep it."""
        rows = self.tables[table]
        row["id"] = max((int(key) for key in rows), default=_FIRST_IDS[table] - 1) + 1
        rows[str(row["id"])] = row
        self.changed()
        return row

    def find(self, table: str, **values: Any) -> list[Json]:
        return [row for row in self.tables[table].values() if all(row.get(k) == v for k, v in values.items())]

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

    def changed(self) -> None:
        """Write the file shortly; many changes, one writing."""
        if self._file and self._saving is None:
            self._saving = Timer(0.1, self._write)
            self._saving.daemon = True
            self._saving.start()

    def _write(self) -> None:
        with self.lock:
            self._saving = None
            kept = {"tables": self.tables, "sellers": self.sellers, "controller": self.controller}
            text = simplejson.dumps(kept, use_decimal=True)
        assert self._file  # noqa: S101 - only scheduled with one
        fresh = self._file.with_suffix(".new")
        fresh.write_text(text)
        os.replace(fresh, self._file)

    def _load(self, file: Path) -> None:
        if file.exists():
            kept = simplejson.loads(file.read_text(), use_decimal=True)
            self.tables |= kept["tables"]
            self.sellers, self.controller = kept["sellers"], kept["controller"]


def stamp() -> str:
    """Mercado Pago's usual date shape."""
    now = datetime.now(UTC).astimezone(timezone(-timedelta(hours=4)))
    return now.isoformat(timespec="milliseconds")


def total(rows: Iterable[Json], field: str) -> Decimal:
    return sum((Decimal(row[field]) for row in rows), Decimal(0))


world = World(settings.SIMULATOR_STATE)
