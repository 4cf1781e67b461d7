from collections.abc import Callable

import pytest

from orders.models import Order
from orders.settlement import settle
from receipts import services
from receipts.devices import lines, status
from receipts.models import Printer, PrinterKey, Receipt
from stores.models import Store
from tests.factories import OrderFactory
from tests.orders.conftest import remote


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Half seconds where a printer in a station gets ten."""
    monkeypatch.setattr(lines, "END_WITHIN", 0.5)
    monkeypatch.setattr(lines, "TAKE_WITHIN", 0.5)
    monkeypatch.setattr(status, "ANSWER_WITHIN", 0.5)


@pytest.fixture
def close(payload) -> Callable[..., Order]:
    """Pay an order in full."""

    def close(order: Order, id: int = 1) -> Order:
        ours = {"external_reference": order.external_reference, "collector": {"id": order.account.user_id}, "id": id}
        money = payload("payment_approved") | {"id": id, "transaction_amount": float(order.total_amount)}
        settle(order.pk, remote(payload("merchant_order_closed") | ours | {"payments": [money]}), actor="test")
        return Order.objects.with_site().get(pk=order.pk)

    return close


@pytest.fixture
def receipt(order: Order, close) -> Receipt:
    issued = services.issue(close(order))
    services.draw(issued)
    issued.refresh_from_db()
    return issued


@pytest.fixture
def another_receipt(pos, close) -> Callable[[], Receipt]:
    ids = iter(range(2, 100))

    def make() -> Receipt:
        issued = services.issue(close(OrderFactory.create(pos=pos), next(ids)))
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
