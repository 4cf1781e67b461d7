"""The money trail: a line for whatever is learnt of money or decided about it, and none is ever rewritten."""

from decimal import Decimal

import pytest
from django.contrib.auth.models import User
from django.db import DatabaseError, transaction

from orders import refunds
from orders.models import MoneyEntry, RefundRequest, Transition
from orders.settlement import settle
from stores.services import connect
from tests.orders.conftest import API, found, remote


def lines(order) -> list[tuple[str, Decimal, str, str, str]]:
    rows = MoneyEntry.objects.filter(order=order)
    return [(row.event, row.amount, row.before, row.after, row.actor) for row in rows]


@pytest.fixture
def paid_twice(order, paid, payment):
    return settle(order.pk, remote(paid(order, payment(1, 500), payment(2, 500))), actor="webhook 7")


def test_each_payment_and_the_proposal_that_follows_are_written_down(order, paid_twice) -> None:
    assert lines(order) == [
        ("payment", Decimal(500), "", "approved", "webhook 7"),
        ("payment", Decimal(500), "", "approved", "webhook 7"),
        ("refund_proposed", Decimal(500), "", "proposed", "rules"),
    ]
    assert [row.remote_id for row in MoneyEntry.objects.all()] == [1, 2, None]


def test_news_that_says_nothing_new_of_money_leaves_no_line(order, paid, payment) -> None:
    for day in (1, 2):
        news = paid(order, payment(1, 500), last_updated=f"2026-12-0{day}T00:00:00Z")
        settle(order.pk, remote(news), actor="sweep")
    assert lines(order) == [("payment", Decimal(500), "", "approved", "sweep")]


def test_a_refund_can_be_followed_from_the_wish_to_mercado_pagos_report(order, paid_twice, mercado_pago, paid, payment):
    body = {"id": 72, "payment_id": 2, "amount": 500, "status": "approved"}
    mercado_pago.post(f"{API}/v1/payments/2/refunds", json=body)
    back = paid(order, payment(1, 500), payment(2, 500, "refunded"), last_updated="2026-12-01T00:00:00Z")
    found(mercado_pago, back)
    request = refunds.accept(RefundRequest.objects.get(), person=User.objects.create_user("ana"))
    refunds.send(request, client=connect(order.account))
    number = request.refunds.get().pk
    assert lines(order)[3:] == [
        ("refund_asked", Decimal(500), "proposed", "pending", "ana"),
        ("refund_answered", Decimal(500), "pending", "approved", "Mercado Pago"),
        ("payment", Decimal(500), "approved", "refunded", f"refund {number}"),
        ("paid_back", Decimal(500), "0.00", "500.00", f"refund {number}"),
    ]


def test_who_kept_the_money_is_on_the_trail(order, paid_twice) -> None:
    refunds.decline(RefundRequest.objects.get(), actor="ana")
    assert lines(order)[3:] == [("refund_declined", Decimal(500), "proposed", "declined", "ana")]


def test_what_went_back_elsewhere_is_on_the_trail(order, paid, payment) -> None:
    settle(order.pk, remote(paid(order, payment(1, 500))), actor="webhook 7")
    part = payment(1, 500, transaction_amount_refunded=200)
    settle(order.pk, remote(paid(order, part, last_updated="2026-12-01T00:00:00Z")), actor="webhook 8")
    assert lines(order)[-1] == ("paid_back", Decimal(200), "0.00", "200.00", "webhook 8")


def test_no_line_is_changed_or_deleted(order, paid_twice) -> None:
    before = list(MoneyEntry.objects.values())
    row = MoneyEntry.objects.all()[0]
    row.amount = Decimal(1)
    for change in (row.save, row.delete):
        with pytest.raises(TypeError):
            change()
    assert list(MoneyEntry.objects.values()) == before


@pytest.mark.postgresql
@pytest.mark.parametrize("model", [MoneyEntry, Transition])
def test_the_database_refuses_what_goes_past_the_models(paid_twice, model) -> None:
    before = list(model.objects.values())
    for change in (
        lambda: model.objects.update(actor="nobody"),
        lambda: model.objects.all()._raw_delete(using="default"),
    ):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            change()
    assert list(model.objects.values()) == before
