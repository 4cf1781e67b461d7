"""Every request has a name, and the tasks it wakes carry it."""

import logging
from typing import Any

import pytest
from celery import shared_task
from celery.app.trace import trace_task
from structlog.contextvars import get_contextvars

from backoffice.tracing import REQUEST_ID, pass_on
from config.celery import app
from notifications.tasks import process_notifications
from stores.queues import SENT_AT
from stores.tracing import following
from tests.deliveries import delivered

seen: list[dict[str, Any]] = []


@shared_task
def look() -> None:
    seen.append(get_contextvars())


@pytest.mark.parametrize("given", ["proxy-id-000001", "Root=1-67891233-abcdef012345678912345678", "a" * 128])
def test_a_sane_request_id_of_a_proxy_is_kept(client, given: str) -> None:
    assert client.get("/healthz", headers={"X-Request-Id": given})["X-Request-Id"] == given


@pytest.mark.parametrize(
    "given", ["", "short", "a" * 129, "two\nlines and more", "ünïcödé-of-some-length", '"},{"event":']
)
def test_any_other_is_replaced(client, given: str) -> None:
    made = client.get("/healthz", headers={"X-Request-Id": given})["X-Request-Id"]
    assert made != given
    assert len(made) == 24
    assert made != client.get("/healthz")["X-Request-Id"]


def test_what_a_request_logs_carries_its_id_and_nothing_does_afterwards(client, pump, pos, caplog) -> None:
    names: list[dict[str, Any]] = []
    caplog.handler.addFilter(lambda _record: names.append(get_contextvars()) or True)  # type: ignore[func-returns-value]
    caplog.set_level(logging.INFO)
    sale = {"items": [{"title": "SUPER", "quantity": "1", "unit_price": "500.00"}]}
    headers = {"Idempotency-Key": "1", "X-Request-Id": "proxy-id-000001"}
    answer = pump.post(f"/api/v1/pos/{pos.external_id}/orders", sale, format="json", headers=headers)
    reference = answer.json()["external_reference"]
    whole = {"request_id": "proxy-id-000001", "order": reference, "pos": pos.external_id}
    assert [one for one in names if whole.items() <= one.items()], names
    assert get_contextvars() == {}


def test_a_task_carries_its_own_id_and_that_of_the_request_which_woke_it(db) -> None:
    seen.clear()
    headers: dict[str, Any] = {}
    with following(request_id="proxy-id-000001"):
        pass_on(headers)
    assert headers[SENT_AT] > 1_700_000_000
    trace_task(look, "task-1", (), {}, headers, app=app)  # as a worker does with a message
    assert seen == [{"task_id": "task-1", "task": look.name, "request_id": "proxy-id-000001"}]
    assert get_contextvars() == {}


def test_what_a_broker_is_given_says_when_and_by_whom(client) -> None:
    with app.connection_for_write() as broker:
        queue = broker.SimpleQueue("celery")
        queue.clear()
        with following(request_id="proxy-id-000001"):
            look.apply_async(connection=broker)  # type: ignore[call-arg]
        message = queue.get(timeout=1)
        message.ack()
    assert message.headers[REQUEST_ID] == "proxy-id-000001"
    assert float(message.headers[SENT_AT]) > 1_700_000_000


def test_the_thread_leads_from_the_delivery_to_the_closed_order(order, mercado_pago, payload, caplog) -> None:
    """What one order's lines say, in their sequence: nothing of it stands in the messages only."""
    lines: list[tuple[str, dict[str, Any]]] = []
    caplog.handler.addFilter(lambda record: lines.append((record.name, get_contextvars())) or True)  # type: ignore[func-returns-value]
    caplog.set_level(logging.INFO)
    account = order.pos.store.account
    payment = payload("payment_approved") | {"transaction_amount": 500}
    ours = {"id": 77, "external_reference": order.external_reference, "collector": {"id": account.user_id}}
    body = payload("merchant_order_closed") | ours | {"payments": [payment]}
    mercado_pago.get("https://api.mercadopago.com/merchant_orders/77", json=body)
    delivery = delivered(account, "topic=merchant_order&id=77")
    process_notifications([delivery.pk])
    assert [name for name, _names in lines] == ["stores.calls", "orders.settlement", "notifications.services"]
    assert {names["notification"] for _name, names in lines} == {delivery.pk}
    assert {names["account"] for _name, names in lines} == {str(account.user_id)}
    assert {names.get("order") for _name, names in lines[1:]} == {order.external_reference}
    assert get_contextvars() == {}
