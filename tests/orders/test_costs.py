"""How many queries the hot paths make. One more is a decision, not an accident."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from notifications.tasks import process_notifications
from orders.models import Order
from tests.deliveries import delivered

API = "https://api.mercadopago.com"
SALE = {"items": [{"title": "Súper", "quantity": "1", "unit_price": "500.00", "unit_measure": "unit"}]}


@contextmanager
def statements() -> Iterator[list[str]]:
    """What the database is asked, but for the begin and the end of transactions."""
    found: list[str] = []
    with CaptureQueriesContext(connection) as queries:
        yield found
    ends = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE")
    found += [query["sql"] for query in queries if not query["sql"].startswith(ends)]


def about(table: str, made: list[str]) -> list[str]:
    return [sql for sql in made if f'"{table}"' in sql.partition("WHERE")[0].partition(" JOIN ")[0]]


@pytest.fixture
def paid(order, payload, mercado_pago):
    ours = {"external_reference": order.external_reference, "collector": {"id": order.account.user_id}}
    body = payload("merchant_order_closed") | ours | {"payments": [payload("payment_approved")]}
    mercado_pago.get(f"{API}/merchant_orders/23603350837", json=body)
    return delivered(order.account, "topic=merchant_order&id=23603350837")


def test_a_paid_order_is_settled_with_ten_queries(order, paid) -> None:
    with statements() as made:
        process_notifications([paid.pk])
    order.refresh_from_db()
    assert order.status == "closed"
    around = [*about("notifications_notification", made), *about("stores_apicall", made)]
    assert len(around) == 3  # the delivery, the call that is written down, and what came of the delivery
    assert len(made) - len(around) - 1 <= 10, made  # whose order it is, then settling it


def test_the_same_news_again_costs_no_more(order, paid) -> None:
    process_notifications([paid.pk])
    again = delivered(order.account, "topic=merchant_order&id=23603350837")
    with statements() as made:
        process_notifications([again.pk])
    assert len(made) <= 14, made


def test_what_was_worked_on_already_costs_one_query(paid) -> None:
    process_notifications([paid.pk])
    with statements() as made:
        process_notifications([paid.pk])
    assert len(made) == 1


def test_a_sale_costs_six_queries_beside_who_reports_it_and_where(pump, pos) -> None:
    def sell() -> int:
        answer = pump.post(
            f"/api/v1/pos/{pos.external_id}/orders",
            SALE | {"replace": True},
            format="json",
            headers={"Idempotency-Key": "1"},
        )
        return int(answer.status_code)

    with statements() as made:
        assert sell() == 201
    assert Order.objects.count() == 1
    assert len(made) - 2 <= 6, made  # before it, the key and its point of sale
