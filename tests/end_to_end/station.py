"""The whole stack as real processes, on the database and the broker that this run is for."""

import contextlib
import itertools
import json
import secrets
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import redis
import requests
from django.conf import settings

from backoffice.stack import Stack, free_port
from tests.databases import new_database, new_redis
from tests.end_to_end.wire import Wire

_names = itertools.count(1)


@dataclass
class Station:
    """The running stack with a store on it, and the cables that can be pulled."""

    stack: Stack
    key: str
    to_mercado_pago: Wire
    to_redis: Wire | None
    redis_url: str = ""  # past that wire

    def phone(self, method: str, path: str, body: Any = None) -> Any:
        answer = requests.request(method, f"{self.stack.simulator_url}/simulator/{path}", json=body, timeout=10)
        assert answer.ok, answer.text
        return answer.json()

    def exchanges(self, kind: str) -> list[Any]:
        return [exchange for exchange in self.phone("GET", "exchanges")["exchanges"] if exchange["kind"] == kind]

    def records(self, model: str) -> dict[int, dict[str, Any]]:
        """All rows of a model by key, as the database holds them."""
        return {row["pk"]: row["fields"] for row in json.loads(self.stack.manage("dumpdata", model))}

    def rows(self, model: str) -> list[dict[str, Any]]:
        return list(self.records(model).values())

    @property
    def account(self) -> dict[str, Any]:
        """The one that it was made with."""
        return self.rows("stores.account")[0]

    def register_pos(self, store: str = "STORE001", key: str = "") -> "Pump":
        pos_id = f"PUMP{next(_names):04}"
        options = [f"--store={store}", f"--external-id={pos_id}", "--name=Pump", "--category=gas_station"]
        made = self.stack.manage("register_pos", "--json", *options)
        return Pump(self, pos_id, json.loads(made)["poll_url"], key or self.key)

    def stop_broker(self) -> None:
        """Nobody can put anything into the queue any more, and what was in it is lost."""
        if self.to_redis:
            self.to_redis.pull()
            redis.Redis.from_url(self.redis_url).flushdb()
        else:
            folder = self.stack.var / "broker" / "messages"
            folder.rename(folder.with_name("away"))
            folder.write_text("not a folder")

    def start_broker(self) -> None:
        if self.to_redis:
            self.to_redis.mend()
        else:
            folder = self.stack.var / "broker" / "messages"
            folder.unlink()
            folder.mkdir()


@dataclass
class Pump:
    """A point of sale of its own for each test: its controller, and the customers in front of it."""

    station: Station
    pos_id: str
    poll_url: str
    key: str
    scans: list[int] = field(default_factory=list)

    def call(self, method: str, path: str, body: Any = None, key: str = "") -> Any:
        headers = {"Authorization": f"Api-Key {self.key}", "Idempotency-Key": key or secrets.token_hex()}
        url = f"{self.station.stack.web_url}/api/v1/{path}"
        for is_last in (False, False, True):
            try:
                answer = requests.request(method, url, json=body, headers=headers, timeout=40)
                break
            except requests.ConnectionError:  # its process died meanwhile: once more with the same key, as controllers
                if is_last:
                    raise
                time.sleep(0.5)
        assert answer.ok, answer.text
        return answer.json() if "json" in answer.headers["Content-Type"] else answer.text

    def says(self, status: str, **more: Any) -> None:
        self.call("PUT", f"pos/{self.pos_id}/status", {"status": status} | more)

    def sells(self, amount: str = "500.00", key: str = "", **more: Any) -> Any:
        return self.call("POST", f"pos/{self.pos_id}/orders", {"items": [_item(amount)]} | more, key)

    def order(self, order: Any) -> Any:
        return self.call("GET", f"orders/{order['id']}")

    def scan(self) -> int:
        """A customer scans this point of sale's code."""
        scan_id: int = self.station.phone("POST", "scans", {"external_pos_id": self.pos_id})["id"]
        self.scans.append(scan_id)
        return scan_id

    def phone(self, scan_id: int) -> Any:
        return self.station.phone("GET", f"scans/{scan_id}")

    def until_phone(self, scan_id: int, within: float = 20, **values: Any) -> Any:
        """Wait until the phone shows these values, of a tuple any one; what it shows then."""

        def look() -> Any:
            shown = self.phone(scan_id)
            wanted = {name: value if isinstance(value, tuple) else (value,) for name, value in values.items()}
            return shown if all(shown[name] in some for name, some in wanted.items()) else None

        return wait_for(f"the phone shows {values}", look, within)

    def pay(self, scan_id: int, outcome: str = "approved", amount: str | None = None) -> Any:
        body = {"outcome": outcome} | ({"amount": amount} if amount else {})
        return self.station.phone("POST", f"scans/{scan_id}/pay", body)

    def until_closed(self, order: Any, within: float = 20) -> Any:
        """Wait until the order is closed and has its receipt."""

        now: Any = None

        def look() -> bool:
            nonlocal now
            now = self.order(order)
            return bool(now["status"] == "closed" and now["receipt"])

        try:
            wait_for("the order is closed and has its receipt", look, within)
        except AssertionError as error:
            error.add_note(f"{now}\n{self.station.rows('notifications.notification')[-10:]}")
            error.add_note(f"{self.station.rows('receipts.receipt')[-3:]}\nprocesses: {self.station.stack.pids()}")
            raise
        return now


def _item(amount: str) -> dict[str, str]:
    return {"title": "SUPER", "quantity": "1", "unit_price": amount}


def wait_for(what: str, question: Callable[[], Any], within: float = 20, *, every: float = 0.05) -> Any:
    """Ask until the answer is truthy. Seconds."""
    end = time.monotonic() + within
    while time.monotonic() < end:
        if answer := question():
            return answer
        time.sleep(every)
    raise AssertionError(f"waited {within:.0f} s in vain until {what}")


@contextlib.contextmanager
def open_station(
    var: Path, env: Mapping[str, str] | None = None, *, tls: ssl.SSLContext | None = None
) -> Iterator[Station]:
    """A running one, with databases of its own."""
    with _database() as database_url, _redis() as redis_url, _wire_to(redis_url) as to_redis:
        services = {
            "DATABASE_URL": database_url,
            "REDIS_URL": _through(to_redis, redis_url) if to_redis else "",
            "WEB_CONCURRENCY": "1",  # PostgreSQL takes 100 connections, and other stations run beside this one
        }
        with open_on(var, services | dict(env or {}), to_redis=to_redis, tls=tls) as station:
            station.redis_url = redis_url
            yield station


@contextlib.contextmanager
def open_on(
    var: Path, env: Mapping[str, str], *, to_redis: Wire | None = None, tls: ssl.SSLContext | None = None
) -> Iterator[Station]:
    """A running one, on the services that `env` names. With `tls`, Mercado Pago shows that certificate."""
    simulator_port = free_port()
    to_mercado_pago = Wire(("127.0.0.1", simulator_port), tls)
    url = f"{'https' if tls else 'http'}://127.0.0.1:{to_mercado_pago.port}"
    stack = Stack(
        web_port=free_port(),
        simulator_port=simulator_port,
        var=var,
        env={"MERCADO_PAGO_API_URL": url, **env},
        show=False,
    )
    try:
        yield Station(stack, json.loads(stack.up())["key"], to_mercado_pago, to_redis)
    finally:
        stack.stop()
        to_mercado_pago.close()


@contextlib.contextmanager
def _database() -> Iterator[str]:
    """The URL of a database for the stack alone; empty for SQLite in its folder."""
    database = settings.DATABASES["default"]
    if not database["ENGINE"].endswith("postgresql"):
        yield ""
        return
    with new_database() as url:
        yield url


@contextlib.contextmanager
def _redis() -> Iterator[str]:
    """The URL of a Redis database for the stack alone; empty for the embedded broker."""
    if not settings.REDIS_URL:
        yield ""
        return
    with new_redis() as url:
        yield url


@contextlib.contextmanager
def _wire_to(redis_url: str) -> Iterator[Wire | None]:
    if not redis_url:
        yield None
        return
    parts = urlsplit(redis_url)
    wire = Wire((parts.hostname or "127.0.0.1", parts.port or 6379))
    yield wire
    wire.close()


def _through(to_redis: Wire, redis_url: str) -> str:
    parts = urlsplit(redis_url)
    login, at, _ = parts.netloc.rpartition("@")
    return str(urlunsplit(parts._replace(netloc=f"{login}{at}127.0.0.1:{to_redis.port}")))
