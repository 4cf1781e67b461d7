"""Expiry and the contingency search (protocol.md §5)."""

from datetime import timedelta
from unittest.mock import patch

import pytest
from django.utils import timezone

from gateway.errors import NotUnderstood
from orders import services, tasks
from orders.errors import Refused
from orders.models import Order
from orders.services import FIRST_CHECK
from orders.settlement import settle
from stores.services import connect
from tests.factories import OrderFactory
from tests.orders.conftest import API, PAYMENTS, SEARCH, found, of, remote


@pytest.fixture
def served(order: Order) -> Order:
    Order.objects.update(first_served_at=timezone.now(), expires_at=timezone.now() - timedelta(seconds=1))
    order.refresh_from_db()
    return order


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
    assert [call.request.url.partition("?")[0] for call in mercado_pago.calls] == [SEARCH, PAYMENTS]


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


# --- by hand ---------------------------------------------------------------------------------------------------------
def release(order: Order) -> Order:
    return services.release(order, client=connect(order.account), actor="ana", reason="pump 1 is blocked")


@pytest.mark.parametrize("status", ["in_process", "approved"])
def test_a_person_may_free_a_pump_whose_order_cannot_end_by_itself(
    served: Order, mercado_pago, paid, payment, status
) -> None:
    found(mercado_pago, paid(served, payment(1, 10, status), status="opened"))
    after = release(served)
    assert after.status == "canceled"
    made = after.transitions.get(to_status="canceled")
    assert (made.actor, made.reason) == ("ana", "pump 1 is blocked")
    assert after.attention == ("paid_after_cancel" if status == "approved" else None)


def test_what_arrives_after_that_is_late_money(served: Order, mercado_pago, paid, payment) -> None:
    opened = paid(served, payment(1, 500, "pending"), status="opened")
    found(mercado_pago, opened)
    release(served)
    settle(served.pk, remote(paid(served, payment(1, 500), last_updated="2026-12-01T00:00:00Z")), actor="test")
    served.refresh_from_db()
    assert (served.status, served.attention) == ("closed", "paid_after_cancel")


def test_also_when_mercado_pagos_answer_makes_no_sense(served: Order, mercado_pago, paid, payment) -> None:
    found(mercado_pago, paid(served, payment(1, -1)), payments=[])
    assert release(served).status == "canceled"


def test_an_order_that_turns_out_paid_is_not_released(served: Order, mercado_pago, paid) -> None:
    found(mercado_pago, paid(served))
    with pytest.raises(Refused):
        release(served)
    served.refresh_from_db()
    assert served.status == "closed"


# --- the second look -------------------------------------------------------------------------------------------------
def test_a_merchant_order_that_stays_opened_closes_when_the_payments_confirm_it(
    served: Order, mercado_pago, paid, payment
) -> None:
    found(mercado_pago, paid(served, payment(1, 500), status="opened"))
    tasks.check_order(served.pk)
    served.refresh_from_db()
    assert (served.status, served.attention) == ("closed", None)


@pytest.mark.parametrize(
    "change", [{"collector_id": 1}, {"currency_id": "BRL"}, {"external_reference": "OTHER"}, {"status": "on_the_moon"}]
)
def test_what_the_payments_do_not_confirm_stays_open_and_is_shown(
    served: Order, mercado_pago, paid, payment, client, change
) -> None:
    Order.objects.update(expires_at=timezone.now() + timedelta(minutes=5))
    opened = paid(served, payment(1, 500), status="opened")
    found(mercado_pago, opened, payments=[of(opened, payment(1, 500)) | change])
    tasks.check_order(served.pk)
    served.refresh_from_db()
    assert (served.status, served.attention) == ("open", "unconfirmed")
    # Nobody is asked to pay it a second time meanwhile.
    assert client.get(served.pos.poll_url).status_code == 400


def test_what_the_payments_say_counts_although_their_merchant_order_does_not_list_them(
    served: Order, mercado_pago, paid, payment
) -> None:
    opened = paid(served, status="opened", payments=[])
    found(mercado_pago, opened, payments=[of(opened, payment(1, 500))])
    tasks.check_order(served.pk)
    served.refresh_from_db()
    assert (served.status, served.paid_amount, served.attention) == ("closed", 500, None)


def test_of_a_payment_the_newer_word_counts_whoever_says_it(served: Order, mercado_pago, paid, payment) -> None:
    opened = paid(served, payment(1, 500), status="opened")
    gone = payment(1, 500, "refunded", last_modified=None, date_last_updated="2026-11-21T00:00:00Z")
    found(mercado_pago, opened, payments=[of(opened, gone)])
    tasks.check_order(served.pk)
    late = paid(served, payment(1, 500), status="opened", last_updated="2026-11-21T00:00:01Z")
    settle(served.pk, remote(late), actor="test")
    served.refresh_from_db()
    assert (served.status, served.payment_status, served.attention) == ("open", "refunded", "refunded_outside")


def test_an_answer_that_makes_no_sense_stops_that_one_order_and_shows_it(
    served: Order, mercado_pago, paid, payment
) -> None:
    found(mercado_pago, paid(served, payment(1, -500)), payments=[])
    tasks.check_order(served.pk)
    served.refresh_from_db()
    assert (served.status, served.attention, served.paid_amount) == ("open", "not_understood", 0)
    assert served.next_check_at is not None


def test_of_a_closed_order_too_it_asks_until_it_makes_sense(served: Order, mercado_pago, paid, payment) -> None:
    found(mercado_pago, paid(served))
    tasks.check_order(served.pk)
    served.refresh_from_db()
    assert (served.status, served.next_check_at) == ("closed", None)
    mercado_pago.reset()
    found(mercado_pago, paid(served, payment(1, -500)))
    with pytest.raises(NotUnderstood):
        services.refresh(served, client=connect(served.account), actor="test")
    pauses = []
    for _ in range(4):
        served.refresh_from_db()
        assert (served.attention, served.paid_amount) == ("not_understood", 500)
        assert served.next_check_at is not None
        pauses.append(served.next_check_at - timezone.now())
        tasks.check_order(served.pk)
    assert pauses[1:] == sorted(pauses[1:])
    mercado_pago.reset()
    found(mercado_pago, paid(served))
    tasks.check_order(served.pk)
    served.refresh_from_db()
    assert (served.status, served.attention, served.next_check_at) == ("closed", None, None)


def test_a_day_after_its_close_nobody_asks_any_more(served: Order, mercado_pago, paid, payment) -> None:
    settle(served.pk, remote(paid(served)), actor="test")
    yesterday = timezone.now() - timedelta(days=1, minutes=1)
    Order.objects.update(next_check_at=timezone.now(), closed_at=yesterday, attention="not_understood")
    found(mercado_pago, paid(served, payment(1, -500)))
    tasks.check_order(served.pk)
    served.refresh_from_db()
    assert (served.attention, served.next_check_at) == ("not_understood", None)


def test_mercado_pago_is_left_alone_for_as_long_as_it_asks(served: Order, mercado_pago) -> None:
    mercado_pago.get(SEARCH, status=429, headers={"Retry-After": "600"})
    tasks.check_order(served.pk)
    served.refresh_from_db()
    assert served.next_check_at is not None
    assert served.next_check_at > timezone.now() + timedelta(seconds=590)


def test_the_second_look_finds_merchant_orders_nobody_told_us_of(served: Order, mercado_pago, paid, payment) -> None:
    opened, hidden = paid(served, payment(1, 500), status="opened"), paid(served, payment(2, 500), id=9)
    found(mercado_pago, opened, payments=[of(opened, payment(1, 500)), of(hidden, payment(2, 500))])
    mercado_pago.get(f"{API}/merchant_orders/9", json=hidden)
    tasks.check_order(served.pk)
    served.refresh_from_db()
    assert (served.status, served.payment_status, served.attention) == ("closed", "overpaid", "overpaid")


def test_an_order_with_something_that_is_not_understood_does_not_expire(served: Order, mercado_pago, paid) -> None:
    found(mercado_pago, paid(served, status="frozen"))
    tasks.expire_order(served.pk)
    served.refresh_from_db()
    assert (served.status, served.attention) == ("open", "unknown_status")
    assert served.merchant_orders.get().status == "frozen"


def test_a_preview_tells_what_would_change_and_changes_nothing(served: Order, mercado_pago, paid) -> None:
    mercado_pago.get(f"{API}/merchant_orders/23603350837", json=paid(served))
    changes = services.preview(served.account, 23603350837, client=connect(served.account))
    assert changes["status"] == ("open", "closed")
    assert changes["paid_amount"][1] == 500
    assert "merchant order 23603350837" in changes
    served.refresh_from_db()
    assert (served.status, served.merchant_orders.count(), served.transitions.count()) == ("open", 0, 0)
