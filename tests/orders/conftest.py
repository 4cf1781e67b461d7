from collections.abc import Callable
from typing import Any

import pytest

from gateway.remote import RemoteMerchantOrder
from orders.models import Order

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
