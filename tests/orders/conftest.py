from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
import responses

from gateway.remote import RemoteMerchantOrder
from orders.models import Order
from stores.models import Account, Application

Json = dict[str, Any]


@pytest.fixture
def paid(payload: Callable[[str], Json]) -> Callable[..., Json]:
    """Mercado Pago's closed merchant order for an order of ours, with the payments given (or one that covers it)."""

    def make(order: Order, *payments: Json, **changes: Any) -> Json:
        one = payload("payment_approved") | {"transaction_amount": float(order.total_amount)}
        ours = {"external_reference": order.external_reference, "collector": {"id": order.account.user_id}}
        whole = payload("merchant_order_closed") | ours | {"payments": list(payments) or [one]}
        return whole | changes

    return make


@pytest.fixture
def payment(payload: Callable[[str], Json]) -> Callable[..., Json]:
    def make(id: int, amount: float, status: str = "approved", **changes: Any) -> Json:
        return payload("payment_approved") | {"id": id, "transaction_amount": amount, "status": status} | changes

    return make


def remote(*bodies: Json) -> list[RemoteMerchantOrder]:
    return [RemoteMerchantOrder.parse(body) for body in bodies]


API = "https://api.mercadopago.com"
SEARCH = f"{API}/merchant_orders/search"
PAYMENTS = f"{API}/v1/payments/search"


def found(mercado_pago: responses.RequestsMock, *merchant_orders: Json, payments: list[Json] | None = None) -> None:
    """What searches find: these merchant orders, and their payments unless Mercado Pago contradicts itself."""
    if payments is None:
        payments = [of(m, payment) for m in merchant_orders for payment in m["payments"]]
    total = len(merchant_orders)
    mercado_pago.get(SEARCH, json={"elements": list(merchant_orders) or None, "next_offset": 0, "total": total})
    mercado_pago.get(PAYMENTS, json={"results": payments, "paging": {"total": len(payments)}})


def of(merchant_order: Json, payment: Json) -> Json:
    """A payment as /v1/payments tells it."""
    return payment | {
        "external_reference": merchant_order["external_reference"],
        "collector_id": merchant_order["collector"]["id"],
        "order": {"id": str(merchant_order["id"]), "type": "mercadopago"},
    }


@pytest.fixture
def connected(account: Account) -> Account:
    """The account, connected through an application of user 999, whose owner keeps 2.5 % of each order."""
    application = Application(name="Integrator", site_code="MLA", client_id="123", client_secret="x", owner_id=999)
    application.save()
    account.application, account.marketplace_fee_percentage = application, Decimal("2.5")
    account.save()
    return account
