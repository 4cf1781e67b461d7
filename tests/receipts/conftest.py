from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from orders.models import Order, Payment, Refund, RefundRequest
from orders.settlement import settle
from orders.states import RefundStatus, RequestStatus
from receipts import services
from receipts.devices import lines, status
from receipts.models import Printer, PrinterKey, Receipt
from stores.models import Store
from tests.factories import OrderFactory
from tests.orders.conftest import remote


@pytest.fixture
def closed(order, payload) -> Order:
    return close(order, payload)


@pytest.fixture
def receipt(closed) -> Receipt:
    """Issued and drawn."""
    made = services.issue(closed)
    services.draw(made)
    return Receipt.objects.with_store().get(pk=made.pk)


def close(order: Order, payload, id: int = 1) -> Order:
    """Paid in full by one payment."""
    ours = {"external_reference": order.external_reference, "collector": {"id": order.account.user_id}, "id": id}
    money = payload("payment_approved") | {"id": id, "transaction_amount": float(order.total_amount)}
    money["currency_id"] = order.currency
    settle(order.pk, remote(payload("merchant_order_closed") | ours | {"payments": [money]}), actor="test")
    return Order.objects.with_site().get(pk=order.pk)


def give_back(order: Order, amount: int, remote_id: int = 71) -> RefundRequest:
    """A refund request that Mercado Pago has carried out."""
    request = RefundRequest.objects.create(order=order, amount=amount, actor="ana", status=RequestStatus.APPROVED)
    Refund.objects.create(
        request=request, payment=Payment.objects.get(merchant_order__order=order), amount=amount, remote_id=remote_id,
        status=RefundStatus.APPROVED, answered_at=timezone.now(),
    )  # fmt: skip
    return request


def text_of(receipt: Receipt, **variant: Any) -> str:
    return services.document(receipt, "txt", **variant)[2].decode()


def at_once(run, arguments) -> list[Any]:
    """In eight threads, each with a connection of its own; raises what a thread raised."""

    def closing(argument: Any) -> Any:
        try:
            return run(argument)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as threads:
        return list(threads.map(closing, arguments))


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Half seconds where a printer in a station gets ten."""
    monkeypatch.setattr(lines, "END_WITHIN", 0.5)
    monkeypatch.setattr(lines, "TAKE_WITHIN", 0.5)
    monkeypatch.setattr(status, "ANSWER_WITHIN", 0.5)


@pytest.fixture
def sell(payload) -> Callable[..., Order]:
    """Pay an order in full."""
    return lambda order, id=1: close(order, payload, id)


@pytest.fixture
def another_receipt(pos, payload) -> Callable[[], Receipt]:
    ids = iter(range(2, 100))

    def make() -> Receipt:
        issued = services.issue(close(OrderFactory.create(pos=pos), payload, next(ids)))
        services.draw(issued)
        return issued

    return make


@pytest.fixture
def make_printer(store: Store) -> Callable[..., Printer]:
    """One of `store`, at an address where nobody listens unless told otherwise."""

    def make(**fields) -> Printer:
        return Printer.objects.create(**{"store": store, "name": "Counter", "host": "127.0.0.1", "port": 1} | fields)

    return make


@pytest.fixture
def station(make_printer: Callable[..., Printer]) -> Printer:
    return make_printer(kind="agent", host="")


@pytest.fixture
def key(station: Printer) -> str:
    return str(PrinterKey.objects.create_key(name="agent", printer=station)[1])
