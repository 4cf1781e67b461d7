"""What is walked at every size: each walk is prepared, then done a few times in a row."""

from collections.abc import Callable
from datetime import timedelta
from itertools import count
from typing import Any, Final

import requests
from django.conf import settings
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from bench import instant
from notifications import services as deliveries
from notifications.tasks import process_notifications
from orders import tasks
from orders.models import Order
from pos.models import PointOfSale
from pos.services import create_key
from stores.models import Store

Act = Callable[[], None]
HOT: Final = ("poll", "create", "settle")
_SALE: Final = {"items": [{"title": "Nafta", "quantity": "10.333", "unit_price": "48.39", "unit_measure": "L"}]}
_STORE: Final = 2  # a usual one


class Walks:
    """In one database, of whatever size."""

    def __init__(self) -> None:
        self._store = Store.objects.get(pk=_STORE)
        self._points = list(PointOfSale.objects.filter(store=self._store).select_related("store__account")[:10])
        self._numbers = count(int(timezone.now().timestamp() * 1000))
        self._mercado_pago = requests.Session()
        self._pump = Client(headers={"host": "localhost", "authorization": f"Api-Key {self._key()}"})
        self._anybody = Client(headers={"host": "localhost"})
        self._manager = Client(headers={"host": "localhost"})
        self._manager.force_login(_somebody())
        self._is_settled = False

    def all(self) -> dict[str, tuple[int, Callable[[], Act]]]:
        """By name: how many are done at once, and the preparation."""
        several = len(self._points)
        return {
            "poll": (2 * several, self.poll),
            "create": (several, self.create),
            "settle": (several, self.settle),
            "reconcile sweep": (several, self.reconcile),
        } | {name: (1, lambda url=url: lambda: self._see(url)) for name, url in self._pages().items()}

    def poll(self) -> Act:
        """Half of them have nothing to pay, half have an order."""
        self._clear()
        self._sell(self._points[::2])
        urls = [reverse("poll", args=[pos.poll_token]) for pos in self._points] * 2
        return lambda: _all_of([self._anybody.get(url).status_code for url in urls], 200, 400)

    def create(self) -> Act:
        self._clear(status="in_process")
        urls = [reverse("pos-orders", args=[pos.external_id]) for pos in self._points]

        def act() -> None:
            for url in urls:
                key = {"Idempotency-Key": str(next(self._numbers))}
                made = self._pump.post(url, _SALE, content_type="application/json", headers=key)
                _all_of([made.status_code], 201)

        return act

    def settle(self) -> Act:
        """From the stored delivery to the closed order."""
        self._clear()
        ids: list[int] = []
        for order in self._sell(self._points):
            query = f"topic=merchant_order&id={self._pay(order)['id']}"
            ids.append(deliveries.receive(order.account.notification_token, headers={}, query=query, body=b"") or 0)
        self._is_settled = True

        def act() -> None:
            for pk in ids:
                process_notifications([pk])

        return act

    def reconcile(self) -> Act:
        """What is due is found, and asked for although no news came."""
        self._clear()
        Order.objects.exclude(next_check_at=None).update(next_check_at=None)
        ids = [order.pk for order in self._sell(self._points)]
        Order.objects.filter(pk__in=ids).update(next_check_at=timezone.now())

        def act() -> None:
            tasks.sweep()
            for pk in ids:
                tasks.check_order(pk)

        return act

    def _pages(self) -> dict[str, str]:
        order = Order.objects.filter(pos__store=_STORE, status="closed").order_by("pk")[0]
        day = f"{self._store.day_at(timezone.now()) - timedelta(days=1)}"
        orders = reverse("admin:orders_order_changelist")
        return {
            "board": reverse("admin:board_store", args=[_STORE]),
            "board, every second": reverse("admin:board_tiles", args=[_STORE]),
            "changelist": orders,
            "search: reference": f"{orders}?q={order.external_reference}",
            "search: nothing like it": f"{orders}?q=NOSUCHTHING",
            "close of day": reverse("admin:closing_day", args=[_STORE, day]),
        }

    def _see(self, url: str) -> None:
        _all_of([self._manager.get(url).status_code], 200)

    def _key(self) -> str:
        return create_key(name="bench", store=self._store)

    def _clear(self, status: str = "idle") -> None:
        now, ids = timezone.now(), [pos.pk for pos in self._points]
        open_orders = Order.objects.filter(pos__in=ids, status="open")
        if self._is_settled and open_orders.exists():
            raise SystemExit("not all orders were settled")
        self._is_settled = False
        open_orders.update(status="canceled", next_check_at=None)
        said = {"status": status, "status_at": now, "status_since": now}
        PointOfSale.objects.filter(pk__in=ids).update(last_polled_at=now, **said)

    def _sell(self, points: list[PointOfSale]) -> list[Order]:
        now = timezone.now()
        return [
            Order.objects.create(
                pos=pos, items=[], currency="ARS", total_amount=500, idempotency_key=str(next(self._numbers)),
                fingerprint="-", expires_at=now + timedelta(minutes=15), first_served_at=now,
            )
            for pos in points
        ]  # fmt: skip

    def _pay(self, order: Order) -> dict[str, Any]:
        """Have Mercado Pago know of it."""
        whole = instant.paid(next(self._numbers), order.external_reference, order.account.user_id)
        instant.tell(self._mercado_pago, settings.MERCADO_PAGO_API_URL, whole)
        return whole


def _all_of(statuses: list[int], *right: int) -> None:
    if wrong := set(statuses) - set(right):
        raise SystemExit(f"answered {wrong}, not {right}")


def _somebody() -> Any:
    return get_user_model().objects.get_or_create(username="bench", is_staff=True, is_superuser=True)[0]
