from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from orders.models import Order, Payment, Refund, RefundRequest
from orders.settlement import settle
from orders.states import RefundStatus, RequestStatus
from receipts import services
from receipts.models import Receipt
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
