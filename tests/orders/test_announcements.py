"""What controllers are told of their orders, and that they are told what the API says."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from gateway.errors import NotUnderstood
from orders import polling, services
from orders.models import Order, RefundRequest
from orders.settlement import settle
from pos.models import Hook, HookDelivery
from receipts.services import draw, issue
from stores.services import connect
from tests.orders.conftest import API, SEARCH, found, remote

ITEM = {"title": "SUPER", "quantity": "10.5", "unit_price": "47.62", "unit_measure": "L"}


@pytest.fixture(autouse=True)
def hook(store) -> Hook:
    return Hook.objects.create(store=store, url="https://pump.example/")


def told() -> list[str]:
    return [delivery.event for delivery in HookDelivery.objects.order_by("pk")]


def last() -> Any:
    return json.loads(HookDelivery.objects.latest("pk").body)


def sell(pump, pos, key="k", **fields):
    url = f"/api/v1/pos/{pos.external_id}/orders"
    return pump.post(url, {"items": [ITEM]} | fields, format="json", headers={"Idempotency-Key": key})


def test_a_sale_is_told_once_and_as_the_api_says_it(pump, pos) -> None:
    made = sell(pump, pos)
    sell(pump, pos)
    assert told() == ["order.created"]
    assert last()["order"] == made.json() == pump.get(f"/api/v1/orders/{made.json()['id']}").json()


def test_an_order_that_is_paid_is_told_as_closed_and_with_its_money(pump, order, paid) -> None:
    settle(order.pk, remote(paid(order)), actor="test")
    assert told() == ["order.closed"]
    assert last()["order"]["paid_amount"] == "500.00"
    settle(order.pk, remote(paid(order)), actor="test")  # the same news again
    assert told() == ["order.closed"]


def test_a_receipt_is_told_with_its_links_and_a_reprint_is_not(order, paid) -> None:
    settle(order.pk, remote(paid(order)), actor="test")
    for _ in range(2):
        draw(issue(Order.objects.with_site().get(pk=order.pk)))
    assert told() == ["order.closed", "order.updated"]
    assert last()["order"]["receipt"]["links"]["txt"].endswith("?format=txt")


def test_a_part_that_was_paid_is_told(order, paid, payment) -> None:
    settle(order.pk, remote(paid(order, payment(1, 100), status="opened")), actor="test")
    assert told() == ["order.updated"]
    assert last()["order"]["payment_status"] == "partially_paid"


def test_a_rejected_payment_is_no_news(order, paid, payment) -> None:
    settle(order.pk, remote(paid(order, payment(1, 500, "rejected"), status="opened")), actor="test")
    assert told() == []


def test_a_cancel_is_told_once(pump, order) -> None:
    for _ in range(2):
        pump.post(f"/api/v1/orders/{order.pk}/cancel")
    assert told() == ["order.canceled"]
    assert last()["order"]["status"] == "canceled"


def test_a_sale_that_replaces_another_tells_both_in_their_order(pump, pos, order) -> None:
    sell(pump, pos, replace=True)
    assert told() == ["order.canceled", "order.created"]


def test_an_order_that_a_person_cancels_by_hand_is_told(order, mercado_pago) -> None:
    found(mercado_pago)
    services.release(order, client=connect(order.account), actor="ana", reason="blocked")
    assert told() == ["order.canceled"]


def test_an_order_that_expires_is_told(order) -> None:
    Order.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    services.expire(order, client=connect(order.account))
    assert told() == ["order.expired"]


def test_an_order_that_cannot_expire_for_a_part_of_its_money_is_told_once(order, paid, payment) -> None:
    settle(order.pk, remote(paid(order, payment(1, 100), status="opened")), actor="test")
    for _ in range(2):
        Order.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
        services.expire(order, client=connect(order.account))
    assert told() == ["order.updated", "order.updated"]
    assert last()["order"]["attention"] == "partially_paid"


def test_an_answer_that_is_not_understood_is_told_once(order, mercado_pago) -> None:
    mercado_pago.get(SEARCH, json={"elements": [{"id": "x"}], "total": 1})
    for _ in range(2):
        with pytest.raises(NotUnderstood):
            services.refresh(order, client=connect(order.account), actor="test")
    assert told() == ["order.updated"]
    assert last()["order"]["attention"] == "not_understood"


def test_money_that_comes_too_late_closes_and_says_why_to_look(order, paid, pump) -> None:
    pump.post(f"/api/v1/orders/{order.pk}/cancel")
    settle(order.pk, remote(paid(order)), actor="test")
    assert told() == ["order.canceled", "order.closed"]
    assert last()["order"]["attention"] == "paid_after_cancel"


def test_a_refund_is_told_when_it_is_asked_for_and_when_it_is_made(order, paid, mercado_pago, pump) -> None:
    body = paid(order)
    body["payments"][0]["date_approved"] = timezone.now().isoformat()
    settle(order.pk, remote(body), actor="test")
    [payment] = body["payments"]
    mercado_pago.post(f"{API}/v1/payments/{payment['id']}/refunds", json={"id": 7, "amount": 100, "status": "approved"})
    found(mercado_pago, body)
    answer = pump.post(
        f"/api/v1/orders/{order.pk}/refunds", {"amount": "100.00"}, format="json", headers={"Idempotency-Key": "r"}
    )
    assert answer.status_code == 201, answer.content
    events = told()
    assert (events[0], events[1], events[-1]) == ("order.closed", "refund.updated", "refund.updated")
    assert set(events[2:-1]) <= {"order.updated"}
    assert last()["refund"] == answer.json()
    assert (last()["refund"]["status"], last()["order"]["id"]) == ("approved", order.pk)


def test_a_refund_that_the_policy_makes_is_told(order, paid, payment, store) -> None:
    type(store).objects.update(surplus_refunds="auto")
    now = timezone.now().isoformat()
    twice = (payment(1, 500, date_approved=now), payment(2, 500, date_approved=now))
    settle(order.pk, remote(paid(order, *twice)), actor="test")
    assert told() == ["refund.updated", "order.closed"]
    assert RefundRequest.objects.get().status == "pending"


def test_what_is_rolled_back_was_never_told(order, paid) -> None:
    with transaction.atomic():
        settle(order.pk, remote(paid(order)), actor="test")
        transaction.set_rollback(True)
    assert told() == []


def test_a_dry_run_tells_nothing(order, paid, mercado_pago) -> None:
    mercado_pago.get(f"{API}/merchant_orders/1", json=paid(order))
    assert services.preview(order.account, 1, client=connect(order.account))
    assert told() == []


def test_a_customer_who_looks_is_not_told_of(order) -> None:
    assert polling.answer_poll(order.pos.poll_token).status == 200
    assert told() == []
