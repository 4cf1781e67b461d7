"""The ways that are gone a thousand times a day at every pump. Each is prepared, then gone once."""

import io
from collections.abc import Callable, Iterator
from decimal import Decimal
from itertools import count
from typing import Any, Final

import responses
from django.test import RequestFactory
from django.utils import timezone

from config.wsgi import application
from notifications.tasks import process_notifications
from orders.models import Order
from pos.models import PointOfSale
from pos.services import create_key
from tests.deliveries import delivered
from tests.factories import OrderFactory, PosFactory
from tests.hot_paths.counting import Act

_SALE: Final = b'{"items": [{"title": "Nafta", "quantity": "10.333", "unit_price": "48.39", "unit_measure": "L"}]}'
_API: Final = "https://api.mercadopago.com"


class Walks:
    """What they need is made once; every walk begins in the same situation."""

    def __init__(self, mercado_pago: responses.RequestsMock, payload: Callable[[str], dict[str, Any]]) -> None:
        self._mercado_pago, self._payload = mercado_pago, payload
        self._pos: PointOfSale = PosFactory.create()
        self._key = create_key(name="pump", store=self._pos.store)
        self._numbers: Iterator[int] = count(1)

    def poll_nothing_to_pay(self) -> Act:
        self._clear()
        return self._request("GET", f"/mp/orders/{self._pos.poll_token}", 400)

    def poll_an_order_anew(self) -> Act:
        """What this order's answer says is not known yet."""
        self._clear()
        OrderFactory.create(pos=self._pos, first_served_at=timezone.now())
        return self._request("GET", f"/mp/orders/{self._pos.poll_token}", 200)

    def poll_an_order(self) -> Act:
        """As phones do until it is paid."""
        ask = self.poll_an_order_anew()
        ask()
        return ask

    def create_an_order(self) -> Act:
        """By a pump that said it was running: what it said ends with it."""
        self._clear(status="in_process")
        headers = {"Authorization": f"Api-Key {self._key}", "Idempotency-Key": f"sale-{next(self._numbers)}"}
        return self._request("POST", f"/api/v1/pos/{self._pos.external_id}/orders", 201, _SALE, headers)

    def take_a_delivery(self) -> Act:
        url = f"/mp/notifications/{self._pos.account.notification_token}?topic=merchant_order&id={next(self._numbers)}"
        return self._request("POST", url, 200, b"{}")

    def settle_a_payment(self) -> Act:
        """From the stored delivery to the closed order: everything but the time that Mercado Pago takes."""
        assert not Order.objects.open().exists(), "the one before was not settled"
        self._clear()
        number, now = next(self._numbers), timezone.now()
        order: Order = OrderFactory.create(pos=self._pos, first_served_at=now, total_amount=Decimal("500.00"))
        payment = self._payload("payment_approved") | {"id": 7_000_000 + number, "transaction_amount": 500}
        collector = {"id": self._pos.account.user_id}
        ours = {"id": number, "external_reference": order.external_reference, "collector": collector}
        body = self._payload("merchant_order_closed") | ours | {"payments": [payment]}
        self._mercado_pago.reset()
        self._mercado_pago.get(f"{_API}/merchant_orders/{number}", json=body)
        delivery = delivered(self._pos.account, f"topic=merchant_order&id={number}")

        def settle() -> None:
            process_notifications([delivery.pk])

        return settle

    def _clear(self, status: str = "idle") -> None:
        now = timezone.now()
        Order.objects.filter(pos=self._pos, status="open").update(status="canceled")
        said = {"status": status, "status_at": now, "status_since": now, "status_reports": 5}
        PointOfSale.objects.filter(pk=self._pos.pk).update(last_polled_at=now, **said)

    def _request(
        self, method: str, url: str, status: int, body: bytes = b"", headers: dict[str, str] | None = None
    ) -> Act:
        """Through the door that gunicorn knocks at."""
        request = RequestFactory().generic(method, url, body, "application/json", headers=headers)
        environ = {**request.environ, "wsgi.input": io.BytesIO(body)}
        heard: list[str] = []

        def start(status_line: str, *_headers: Any) -> Any:
            heard.append(status_line)

        def ask() -> None:
            answer = application(environ, start)
            b"".join(answer)
            if close := getattr(answer, "close", None):
                close()
            assert heard[0].startswith(str(status)), heard

        return ask
