"""Everything in one process, with every wire in the test's hand: us, Mercado Pago, the phones, the broker, the clock.

Mercado Pago is the simulator itself, reached through `requests` as in earnest. What is sent is caught at the socket and
answered by the other side's views. Nothing runs by itself: news, tasks and sweeps wait until somebody takes them.
"""

import contextlib
import re
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from unittest.mock import patch

import requests
import responses
import simplejson
import time_machine
from celery import Task
from django.conf import settings
from django.db import connection, transaction
from django.test import Client, RequestFactory
from django.urls import resolve
from django.utils import timezone
from rest_framework.test import APIClient

from config.celery import app
from gateway.breaker import Process
from gateway.errors import GatewayError
from notifications import services as notification_services
from notifications.models import NotificationQuerySet
from orders.models import Order
from pos import services as pos_services
from simulator import chaos, deliveries, phone
from simulator.world import Json, stamp
from simulator.world import world as mercado_pago
from stores import accounts, breaker
from stores import services as store_services
from stores.doorbell import Doorbell
from stores.models import Account, Store
from tests.conftest import controller

USER_ID = 446566691
TOKEN = f"APP_USR-1-112326-secret-{USER_ID}"
BEGINS = datetime.fromisoformat("2026-11-20T09:00:00-03:00")
app.loader.import_default_modules()
BEATS = sorted(name for name in app.conf.beat_schedule if "purge" not in name)
WHERE = {"street": "Caseros", "number": "3039", "city": "Belgrano", "state": "Capital Federal",
         "latitude": "-34.6352", "longitude": "-58.4057"}  # fmt: skip


class Killed(BaseException):
    """The worker is dead. Nothing of ours catches it, as nothing catches SIGKILL."""


@dataclass
class Message:
    """What lies in the broker."""

    task: str
    args: tuple[Any, ...]
    expires_at: datetime | None


@dataclass
class Weather:
    """How the next calls of Mercado Pago's API go. `dies_at` counts the calls of a task down to the worker's death."""

    failures: int = 0
    kind: str = "500"
    is_late: bool = False
    dies_at: int | None = None
    dies_late: bool = False


@dataclass
class World:
    """One store with two pumps, on an account of its own."""

    surplus: str
    late: str
    dialect: str
    broker: list[Message] = field(default_factory=list)
    news: list[Callable[[], None]] = field(default_factory=list)
    weather: Weather = field(default_factory=Weather)
    phones: list[int] = field(default_factory=list)
    # What somebody else does while the next answer of Mercado Pago's is on its way: the answer is old when it arrives.
    meanwhile: Callable[[], None] | None = None

    def __enter__(self) -> "World":
        self._stack = ExitStack()
        enter = self._stack.enter_context
        mercado_pago.forget()
        phone._scans.clear()
        chaos.change({})
        self.clock = enter(time_machine.travel(BEGINS, tick=False))
        # Examples begin at the same moment: what was heard of Mercado Pago in the last one lies in the future.
        enter(patch.object(breaker, "_PROCESS", Process(clock=time.time, patience=0)))
        enter(patch.object(deliveries, "schedule", lambda _seconds, work: self.news.append(work)))
        enter(patch.object(phone, "start_asking", lambda _scan: None))
        enter(patch.object(Task, "apply_async", lambda task, *args, **options: self._enqueue(task, *args, **options)))
        enter(patch.object(Doorbell, "ring", lambda bell, number: bell._wake([number])))  # no thread: no chance
        enter(self._wires())
        enter(_nothing_is_kept())
        self.browser = Client()
        self._depth = len(connection.savepoint_ids)
        self._open_station()
        return self

    def __exit__(self, *error: Any) -> None:
        self._stack.__exit__(*error)

    def _open_station(self) -> None:
        self.account = accounts.save(site="MLA", user_id=USER_ID, access_token=TOKEN)
        Account.objects.update(dialect=self.dialect)
        self.account.refresh_from_db()
        self.store = store_services.register_store(self.account, external_id="STORE001", name="Estación", **WHERE)
        Store.objects.update(surplus_refunds=self.surplus, late_refunds=self.late)
        self.store.refresh_from_db()
        for number in (1, 2):
            pos_services.register_pos(self.store, external_id=f"POS{number}", name=f"Pump {number}", category="other")
        self.pump: APIClient = controller(pos_services.create_key(name="pump", store=self.store))
        self.commit()

    # --- wires ---------------------------------------------------------------------------------------------------
    @contextmanager
    def _wires(self) -> Iterator[None]:
        with responses.RequestsMock(assert_all_requests_are_fired=False) as sockets:
            for method in ("GET", "POST", "PUT"):
                sockets.add_callback(
                    method, re.compile(re.escape(settings.MERCADO_PAGO_API_URL)), self._to_mercado_pago
                )
                sockets.add_callback(method, re.compile(re.escape(settings.PUBLIC_URL)), self._to_us)
            yield

    def _to_mercado_pago(self, request: requests.PreparedRequest) -> Any:
        assert len(connection.savepoint_ids) == self._depth, "HTTP inside a transaction"
        self.clock.shift(timedelta(milliseconds=3))
        weather = self.weather
        if weather.dies_at == 0:
            if weather.dies_late:
                self._ask_simulator(request)
            raise Killed
        if weather.dies_at is not None:
            weather.dies_at -= 1
        if weather.failures and request.method != "PUT":
            weather.failures -= 1
            if weather.is_late:
                self._ask_simulator(request)
            return _fault(weather.kind)
        answer = self._ask_simulator(request)
        if meanwhile := self.meanwhile:
            self.meanwhile = None
            self.clock.shift(timedelta(milliseconds=3))
            dies_at, weather.dies_at = weather.dies_at, None  # it is not the one who acts meanwhile that dies
            meanwhile()
            weather.dies_at = dies_at
        return answer

    def _ask_simulator(self, request: requests.PreparedRequest) -> tuple[int, dict[str, str], bytes]:
        headers = {name: value for name, value in request.headers.items() if name.lower() != "content-length"}
        path, body = request.path_url, request.body or b""
        asked = RequestFactory().generic(request.method or "", path, body, "application/json", headers=headers)
        view, args, kwargs = resolve(path.partition("?")[0], urlconf="simulator.urls")
        answer = view(asked, *args, **kwargs)
        return answer.status_code, {"Content-Type": answer["Content-Type"]}, answer.content

    def _to_us(self, request: requests.PreparedRequest) -> tuple[int, dict[str, str], bytes]:
        answer = self.browser.generic(
            request.method or "", request.path_url, request.body or b"", "application/json", headers=request.headers
        )
        self.commit()
        return answer.status_code, dict(answer.items()), answer.content

    def _enqueue(self, task: Any, args: Any = (), *_: Any, expires: float | None = None, **__: Any) -> None:
        until = None if expires is None else timezone.now() + timedelta(seconds=expires)
        self.broker.append(Message(task.name, tuple(args), until))

    # --- steps ---------------------------------------------------------------------------------------------------
    def commit(self) -> None:
        """What `on_commit` waits for: the outermost transaction here is the test's own and never commits."""
        while connection.run_on_commit:
            waiting, connection.run_on_commit = connection.run_on_commit, []
            for _savepoints, work, _robust in waiting:  # type: ignore[misc]  # the stubs know two of three
                work()

    def call(self, method: str, path: str, body: Any = None, *, key: str = "") -> Any:
        """The pump calls us."""
        headers = {"Idempotency-Key": key} if key else {}
        answer = self.pump.generic(
            method, f"/api/v1/{path}", simplejson.dumps(body), "application/json", headers=headers
        )
        self.commit()
        assert answer.status_code < 500 or answer.status_code == 503, answer.content
        return answer

    def simulate(self, method: str, path: str, body: Any = None) -> Json:
        """The customer, or Mercado Pago's staff."""
        asked = RequestFactory().generic(method, f"/simulator/{path}", simplejson.dumps(body), "application/json")
        view, args, kwargs = resolve(f"/simulator/{path}", urlconf="simulator.urls")
        answer = view(asked, *args, **kwargs)
        told: Json = simplejson.loads(answer.content, use_decimal=True)
        return told | {"http": answer.status_code}

    def work(self, message: Message) -> None:
        """A worker takes a message. Dead workers' messages come back, since they were not acknowledged."""
        if message.expires_at and message.expires_at < timezone.now():
            self.weather.dies_at = None
            return
        try:
            app.tasks[message.task].run(*message.args)
        except Killed:
            connection.run_on_commit = []  # at the worst moment: committed, and nobody was woken
            self.broker.append(message)
        self.weather.dies_at = None
        self.commit()

    def beat(self, name: str) -> None:
        self.work(Message(name, (), None))

    def ask(self, question: Callable[[], Any]) -> None:
        """Somebody asks Mercado Pago and takes a failure calmly."""
        with contextlib.suppress(GatewayError):
            question()
        self.commit()

    def replay(self, rows: NotificationQuerySet) -> None:
        notification_services.replay(rows)

    def refund_there(self, payment_id: int, amount: str | None, *, key: str) -> None:
        """By the seller, in Mercado Pago's own pages."""
        url = f"{settings.MERCADO_PAGO_API_URL}/v1/payments/{payment_id}/refunds"
        body = simplejson.dumps({"amount": Decimal(amount)} if amount else {})
        headers = {"Authorization": f"Bearer {TOKEN}", "X-Idempotency-Key": key}
        self._ask_simulator(requests.Request("POST", url, data=body, headers=headers).prepare())

    def become_quiet(self) -> None:
        """Mercado Pago is well again, no more news comes, and the worker has all the time it needs."""
        chaos.change({})
        self.news.clear()
        self.weather, self.meanwhile = Weather(), None
        for _ in range(5):  # in the first one, only one call tries where there were no answers
            self.wait(seconds=4000)
            for name in BEATS:
                self.beat(name)
            while self.broker:
                self.work(self.broker.pop(0))

    def wait(self, **time: float) -> None:
        self.clock.shift(timedelta(**time))

    def scan(self, pump: str) -> int:
        scan_id = int(self.simulate("POST", "scans", {"external_pos_id": pump})["id"])
        self.phones.append(scan_id)
        return scan_id

    def call_it(self, merchant_order: Json, status: str) -> None:
        """Mercado Pago reports another status, and tells us so."""
        merchant_order["status"], merchant_order["last_updated"] = status, stamp()
        deliveries.announce("merchant_order", merchant_order["id"], merchant_order["notification_url"])

    # --- looks ---------------------------------------------------------------------------------------------------
    def orders(self) -> list[Order]:
        return list(Order.objects.with_site().order_by("pk"))

    def phones_that_may_pay(self) -> list[int]:
        shown = (phone._scans[number] for number in self.phones)
        return [one.id for one in shown if one.merchant_order_id and one.state in ("ready", "rejected")]

    def merchant_orders_there(self) -> list[Json]:
        return list(mercado_pago.tables["merchant_orders"].values())

    def payments_there(self, reference: str | None = None) -> list[Json]:
        rows = mercado_pago.tables["payments"].values()
        return [row for row in rows if reference in (None, row["external_reference"])]


def _fault(kind: str) -> Any:
    if kind == "cut":
        return requests.exceptions.ChunkedEncodingError("cut in mid-body")
    if kind == "silent":
        return requests.exceptions.ReadTimeout("no answer")
    headers = {"Retry-After": "20"} if kind == "429" else {}
    return int(kind), headers, b'{"message":"no","error":"no","status":0,"cause":[]}'


@contextmanager
def _nothing_is_kept() -> Iterator[None]:
    """One transaction around the whole example, which is rolled back."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
