"""A reason that a person has set aside stays away for the same facts, and for no others."""

from datetime import timedelta

import pytest
from django.utils import timezone

from gateway.errors import NotUnderstood
from orders import services
from orders.attention import set_aside
from orders.errors import Refused
from orders.models import Order
from orders.settlement import settle
from pos.models import Hook, HookDelivery
from stores.services import connect
from tests.orders.conftest import SEARCH, remote


@pytest.fixture
def part_paid(order, paid, payment) -> Order:
    """200.00 of 500.00, and its time is over."""
    Order.objects.filter(pk=order.pk).update(expires_at=timezone.now() - timedelta(seconds=1), first_served_at=None)
    return settle(order.pk, remote(paid(order, payment(1, 200), status="opened")), actor="test")


def leave(order: Order) -> Order:
    return set_aside(order, actor="ana", reason="the customer comes back")


def test_setting_aside_is_a_row_of_the_orders_history(part_paid) -> None:
    order = leave(part_paid)
    assert (order.attention, order.status) == (None, "open")
    trace = order.transitions.get()
    assert (trace.from_status, trace.to_status, trace.actor) == ("open", "open", "ana")
    assert trace.reason == "set aside (partially_paid): the customer comes back"


def test_an_expiry_and_another_look_do_not_bring_back_what_was_set_aside(part_paid, paid, payment) -> None:
    order = leave(part_paid)
    services.expire(order, client=connect(order.account))
    settle(order.pk, remote(paid(order, payment(1, 200), status="opened")), actor="test")
    order.refresh_from_db()
    assert (order.attention, order.refund_requests.get().status) == (None, "proposed")


def test_another_part_brings_it_back(part_paid, paid, payment) -> None:
    order = leave(part_paid)
    news = paid(order, payment(1, 200), payment(2, 100), status="opened", last_updated="2026-12-01T00:00:00Z")
    assert settle(order.pk, remote(news), actor="test").attention == "partially_paid"


def test_an_answer_that_is_not_understood_is_set_aside_until_there_is_money(order, mercado_pago, paid, payment) -> None:
    mercado_pago.get(SEARCH, json={"elements": "nonsense"})
    client = connect(order.account)
    with pytest.raises(NotUnderstood):
        services.refresh(order, client=client, actor="test")
    order.refresh_from_db()
    assert order.attention == "not_understood"
    leave(order)
    with pytest.raises(NotUnderstood):
        services.refresh(order, client=client, actor="test")
    order.refresh_from_db()
    assert order.attention is None
    settle(order.pk, remote(paid(order, payment(1, 200), status="opened")), actor="test")
    with pytest.raises(NotUnderstood):
        services.refresh(order, client=client, actor="test")
    order.refresh_from_db()
    assert order.attention == "not_understood"


def test_controllers_are_told_that_nobody_waits_any_more(part_paid) -> None:
    Hook.objects.create(pos=part_paid.pos, url="https://pump.example/")
    leave(part_paid)
    told = HookDelivery.objects.get()
    assert told.event == "order.updated"
    assert '"attention":null' in told.body


def test_an_order_that_waits_for_nobody_cannot_be_set_aside(order) -> None:
    with pytest.raises(Refused):
        leave(order)
    assert not order.transitions.exists()


def test_a_state_is_still_entered_once(part_paid) -> None:
    """Rows that only tell do not take the place of those that change."""
    order = leave(part_paid)
    order.attention = "partially_paid"
    order.save()
    leave(order)
    assert order.transitions.count() == 2
