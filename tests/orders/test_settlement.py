from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from threading import Barrier

import pytest
from django.db import connection

from orders.models import Order, Payment, Transition
from orders.settlement import settle
from orders.signals import order_closed
from orders.states import TRANSITIONS, Attention, PaymentStatus, Status
from receipts.models import Receipt
from receipts.services import issue
from tests.factories import OrderFactory
from tests.orders.conftest import remote


def test_a_closed_and_covered_merchant_order_closes_the_order(order, paid) -> None:
    settle(order.pk, remote(paid(order)), actor="test")
    order.refresh_from_db()
    assert (order.status, order.payment_status, order.paid_amount) == ("closed", "paid", Decimal(500))
    assert order.closed_at is not None
    assert order.attention is None
    assert [(t.from_status, t.to_status, t.actor) for t in order.transitions.all()] == [("open", "closed", "test")]


def test_closing_is_announced_once(order, paid) -> None:
    heard: list[int] = []

    def listen(*, order_id: int, **_: object) -> None:
        heard.append(order_id)

    order_closed.connect(listen)
    try:
        for _ in range(3):
            settle(order.pk, remote(paid(order)), actor="test")
    finally:
        order_closed.disconnect(listen)
    assert heard == [order.pk]


def test_a_payment_that_is_written_down_with_another_order_stays_there(order, paid, payment) -> None:
    """Mercado Pago should never report one twice; the first report of an order does not look for it."""
    settle(order.pk, remote(paid(order, payment(1, 500))), actor="test")
    other: Order = OrderFactory.create(pos__store=order.pos.store)
    settle(other.pk, remote(paid(other, payment(1, 500), id=2)), actor="test")
    other.refresh_from_db()
    assert Payment.objects.get().merchant_order.order_id == order.pk
    assert (other.status, other.paid_amount) == ("open", 0)
    assert other.merchant_orders.get().remote_id == 2


def test_opened_means_nothing_even_when_it_says_approved(order, paid) -> None:
    settle(order.pk, remote(paid(order, status="opened")), actor="test")
    order.refresh_from_db()
    assert (order.status, order.payment_status) == ("open", "paid")


def test_closed_without_cover_does_not_close(order, paid, payment) -> None:
    settle(order.pk, remote(paid(order, payment(1, 499.99))), actor="test")
    order.refresh_from_db()
    assert (order.status, order.payment_status) == ("open", "partially_paid")


def test_a_rejected_payment_is_recorded_and_the_order_stays_payable(order, paid, payment) -> None:
    settle(order.pk, remote(paid(order, payment(1, 500, "rejected"), status="opened")), actor="test")
    order.refresh_from_db()
    assert (order.status, order.payment_status) == ("open", "unpaid")
    assert Payment.objects.get().status == "rejected"


def test_a_split_payment_closes(order, paid, payment) -> None:
    settle(order.pk, remote(paid(order, payment(1, 300), payment(2, 200))), actor="test")
    order.refresh_from_db()
    assert (order.status, order.paid_amount) == ("closed", Decimal(500))


def test_two_people_who_pay_one_order_close_it_and_leave_a_surplus_to_look_at(order, paid, payment) -> None:
    first, second = paid(order, payment(1, 500), id=1), paid(order, payment(2, 500), id=2)
    settle(order.pk, remote(first), actor="test")
    settle(order.pk, remote(second), actor="test")
    order.refresh_from_db()
    assert (order.status, order.payment_status, order.attention) == ("closed", "overpaid", Attention.OVERPAID)
    assert order.paid_amount == Decimal(1000)


def test_the_same_news_twice_is_counted_once(order, paid) -> None:
    for _ in range(2):
        settle(order.pk, remote(paid(order)), actor="test")
    order.refresh_from_db()
    assert order.paid_amount == Decimal(500)
    assert Payment.objects.count() == 1
    assert Transition.objects.filter(order=order).count() == 1


def test_late_opened_news_does_not_move_a_closed_order_back(order, paid, payment) -> None:
    settle(order.pk, remote(paid(order)), actor="test")
    old = paid(order, payment(150211668619, 500, "pending"), status="opened",
               last_updated="2026-11-20T10:00:30.000-03:00")  # fmt: skip
    settle(order.pk, remote(old), actor="test")
    order.refresh_from_db()
    assert (order.status, order.payment_status) == ("closed", "paid")
    assert Payment.objects.get().status == "approved"


@pytest.mark.parametrize(
    ("status", "attention"),
    [(Status.CANCELED, Attention.PAID_AFTER_CANCEL), (Status.EXPIRED, Attention.PAID_AFTER_EXPIRY)],
)
def test_money_that_arrives_too_late_is_still_money(order, paid, status, attention) -> None:
    Order.objects.filter(pk=order.pk).update(status=status)
    settle(order.pk, remote(paid(order)), actor="test")
    order.refresh_from_db()
    assert (order.status, order.attention, order.paid_amount) == ("closed", attention, Decimal(500))


def test_a_part_that_arrives_too_late_is_shown(order, paid, payment) -> None:
    Order.objects.filter(pk=order.pk).update(status=Status.CANCELED)
    settle(order.pk, remote(paid(order, payment(1, 100), status="opened")), actor="test")
    order.refresh_from_db()
    assert (order.status, order.attention) == ("canceled", Attention.PAID_AFTER_CANCEL)


def test_a_charge_back_is_shown_and_the_order_stays_closed(order, paid, payment) -> None:
    settle(order.pk, remote(paid(order)), actor="test")
    back = paid(order, payment(150211668619, 500, "charged_back"), last_updated="2026-11-21T10:00:00.000-03:00")
    settle(order.pk, remote(back), actor="test")
    order.refresh_from_db()
    assert (order.status, order.payment_status, order.attention) == ("closed", "charged_back", Attention.CHARGED_BACK)


@pytest.mark.parametrize("status", ["cancelled", "rejected", "pending"])
def test_a_sold_order_whose_payment_does_not_stay_is_shown(order, paid, payment, status) -> None:
    """Found by a stranger: closed, unpaid, and on no list."""
    settle(order.pk, remote(paid(order)), actor="test")
    gone = paid(order, payment(150211668619, 500, status), last_updated="2026-12-01T00:00:00Z")
    settle(order.pk, remote(gone), actor="test")
    order.refresh_from_db()
    assert (order.status, order.payment_status, order.attention) == ("closed", "unpaid", Attention.NOT_COVERED)


@pytest.mark.parametrize(
    ("changes", "attention"),
    [
        ({"collector": {"id": 1}}, Attention.FOREIGN_COLLECTOR),
        ({"external_reference": "SOMEBODYELSE"}, Attention.FOREIGN_REFERENCE),
        ({"status": "frozen"}, Attention.UNKNOWN_STATUS),
    ],
)
def test_what_is_not_ours_or_not_understood_closes_nothing_and_is_shown(order, paid, changes, attention) -> None:
    settle(order.pk, remote(paid(order, **changes)), actor="test")
    order.refresh_from_db()
    assert (order.status, order.attention, order.paid_amount) == ("open", attention, Decimal(0))
    assert not Payment.objects.exists()


@pytest.mark.parametrize(
    ("changes", "attention"),
    [({"currency_id": "BRL"}, Attention.FOREIGN_CURRENCY), ({"status": "on_the_moon"}, Attention.UNKNOWN_STATUS)],
)
def test_a_payment_in_other_money_or_an_unknown_state_is_not_guessed(order, paid, payment, changes, attention) -> None:
    settle(order.pk, remote(paid(order, payment(1, 500) | changes)), actor="test")
    order.refresh_from_db()
    assert (order.status, order.attention) == ("open", attention)
    assert not Payment.objects.exists()


def test_mercado_pago_may_change_the_case_of_a_reference(order, paid) -> None:
    settle(order.pk, remote(paid(order, external_reference=order.external_reference.lower())), actor="test")
    order.refresh_from_db()
    assert order.status == "closed"


def test_no_state_leads_back() -> None:
    assert TRANSITIONS[Status.CLOSED] == frozenset()
    assert all(Status.OPEN not in ways for ways in TRANSITIONS.values())


def test_transitions_are_append_only(order) -> None:
    row = Transition.objects.create(order=order, to_status=Status.OPEN, reason="made", actor="test")
    row.reason = "another"
    with pytest.raises(TypeError):
        row.save()
    with pytest.raises(TypeError):
        row.delete()


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_eight_threads_settling_one_order_close_it_once(order, paid) -> None:
    """Fails without the lock of `Order.objects.locked()`: several threads then write the transition."""
    news = remote(paid(order))
    start = Barrier(8)

    def run(_: int) -> None:
        try:
            start.wait()
            settle(order.pk, news, actor="thread")
            issue(Order.objects.with_site().get(pk=order.pk))
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(run, range(8)))  # raises what a thread raised
    order.refresh_from_db()
    assert (order.status, order.paid_amount, order.payment_status) == ("closed", Decimal(500), PaymentStatus.PAID)
    assert order.transitions.count() == 1
    assert Receipt.objects.filter(order=order).count() == 1


def test_of_two_answers_with_one_date_the_one_asked_for_later_counts(order, paid, payment) -> None:
    """Found by thinking of two workers: the slower one must not bring back what is over."""
    early = remote(paid(order, payment(1, 500, "pending"), status="opened"))
    late = remote(paid(order, payment(1, 500)))
    settle(order.pk, late, actor="test")
    settle(order.pk, early, actor="test")
    assert Payment.objects.get().status == "approved"


def test_a_merchant_order_that_becomes_understood_is_counted(order, paid) -> None:
    settle(order.pk, remote(paid(order, status="frozen")), actor="test")
    settle(order.pk, remote(paid(order)), actor="test")
    order.refresh_from_db()
    assert (order.status, order.attention) == ("closed", None)


def test_a_closed_order_keeps_its_money_when_its_merchant_order_gets_a_status_that_nobody_knows(order, paid) -> None:
    """Found by the property test: such an order was closed, and unpaid."""
    settle(order.pk, remote(paid(order)), actor="test")
    settle(order.pk, remote(paid(order, status="frozen", last_updated="2026-12-01T00:00:00Z")), actor="test")
    order.refresh_from_db()
    assert (order.status, order.payment_status, order.paid_amount) == ("closed", "paid", Decimal(500))
    assert order.attention == Attention.UNKNOWN_STATUS


def test_what_belongs_to_another_order_of_ours_is_left_to_that_one(order, paid) -> None:
    other = OrderFactory.create(pos__store__account=order.account)
    settle(order.pk, remote(paid(other)), actor="test")
    order.refresh_from_db()
    assert (order.status, order.attention, order.merchant_orders.count()) == ("open", None, 0)
