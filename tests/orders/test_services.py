"""Expiry and the contingency search (protocol.md §5)."""

from datetime import timedelta
from unittest.mock import patch

import pytest
from django.utils import timezone

from orders import tasks
from orders.models import Order
from orders.services import FIRST_CHECK
from tests.factories import OrderFactory

SEARCH = "https://api.mercadopago.com/merchant_orders/search"


@pytest.fixture
def served(order: Order) -> Order:
    Order.objects.update(first_served_at=timezone.now(), expires_at=timezone.now() - timedelta(seconds=1))
    order.refresh_from_db()
    return order


def found(mercado_pago, *elements) -> None:
    body = {"elements": list(elements) or None, "next_offset": 0, "total": len(elements)}
    mercado_pago.get(SEARCH, json=body)


def test_an_order_that_nobody_saw_expires_without_asking(order: Order, mercado_pago) -> None:
    Order.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    tasks.expire_order(order.pk)
    order.refresh_from_db()
    assert order.status == "expired"
    assert [t.actor for t in order.transitions.all()] == ["expiry"]
    assert len(mercado_pago.calls) == 0


def test_a_served_order_expires_after_asking(served: Order, mercado_pago) -> None:
    found(mercado_pago)
    tasks.expire_order(served.pk)
    served.refresh_from_db()
    assert served.status == "expired"
    assert len(mercado_pago.calls) == 1


def test_money_found_at_expiry_closes_the_order(served: Order, mercado_pago, paid) -> None:
    found(mercado_pago, paid(served))
    tasks.expire_order(served.pk)
    served.refresh_from_db()
    assert (served.status, served.payment_status) == ("closed", "paid")


@pytest.mark.parametrize(("status", "attention"), [("approved", "partially_paid"), ("in_process", None)])
def test_a_part_or_a_payment_on_its_way_postpones_the_expiry(
    served: Order, mercado_pago, paid, payment, status: str, attention: str | None
) -> None:
    found(mercado_pago, paid(served, payment(1, 10, status), status="opened"))
    tasks.expire_order(served.pk)
    served.refresh_from_db()
    assert (served.status, served.attention) == ("open", attention)
    assert served.expires_at > timezone.now()


def test_when_mercado_pago_does_not_answer_nothing_expires(served: Order, mercado_pago) -> None:
    mercado_pago.get(SEARCH, status=500)
    tasks.expire_order(served.pk)
    served.refresh_from_db()
    assert served.status == "open"


def test_orders_whose_time_is_over_are_woken(order: Order) -> None:
    OrderFactory.create()
    Order.objects.filter(pk=order.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    with patch.object(tasks.expire_order, "apply_async") as wake:
        tasks.expire_due()
    assert [call.args[0] for call in wake.call_args_list] == [(order.pk,)]


def test_a_check_closes_what_nobody_told_us_of(served: Order, mercado_pago, paid) -> None:
    found(mercado_pago, paid(served))
    tasks.check_order(served.pk)
    served.refresh_from_db()
    assert served.status == "closed"
    assert served.next_check_at is None


def test_checks_come_less_often_the_longer_nothing_is_found(order: Order, mercado_pago) -> None:
    found(mercado_pago)
    pauses = []
    for _ in range(8):
        before = timezone.now()
        tasks.check_order(order.pk)
        order.refresh_from_db()
        assert order.next_check_at is not None
        pauses.append(round((order.next_check_at - before).total_seconds()))
    assert pauses[:3] == [5, 8, 11]
    assert pauses == sorted(pauses)
    assert pauses[-1] == 60


def test_a_check_that_fails_is_planned_again(order: Order, mercado_pago) -> None:
    mercado_pago.get(SEARCH, status=500)
    tasks.check_order(order.pk)
    order.refresh_from_db()
    assert order.status == "open"
    assert order.next_check_at is not None


def test_the_first_check_comes_thirty_seconds_after_the_first_serve() -> None:
    assert timedelta(seconds=30) == FIRST_CHECK


def test_an_order_that_is_due_is_woken_once_a_minute(order: Order) -> None:
    Order.objects.update(next_check_at=timezone.now())
    with patch.object(tasks.check_order, "delay") as wake:
        tasks.sweep()
        tasks.sweep()
    wake.assert_called_once_with(order.pk)
