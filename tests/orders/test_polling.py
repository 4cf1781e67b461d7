import json
from datetime import timedelta
from decimal import Decimal
from unittest.mock import patch

import pytest
from django.db import DatabaseError, connection
from django.utils import timezone

from gateway.dialects import Dialect
from orders.models import Order
from orders.polling import answer_poll
from orders.settlement import settle
from orders.states import Status
from pos.models import ControllerStatus, PointOfSale
from pos.services import report
from tests.factories import OrderFactory
from tests.orders.conftest import remote


@pytest.fixture
def poll(client, pos):
    """Ask as Mercado Pago does; the status and the JSON."""

    def ask():
        answer = client.get(f"/mp/orders/{pos.poll_token}", headers={"User-Agent": "MercadoPago-Android/2.290.1"})
        assert answer["Content-Type"] == "application/json"
        return answer.status_code, json.loads(answer.content)

    return ask


def refusal(word: str) -> tuple[int, dict[str, dict[str, str]]]:
    return 400, {"error": {"type": word}}


def test_before_anything_happened_there_is_nothing_to_pay(poll) -> None:
    assert poll() == refusal("unavailable")


@pytest.mark.parametrize("token", ["x" * 43, "short", "a/b", "%00", "..%2F", "é" * 30, "x" * 5000])
def test_an_unknown_token_is_invalid(client, db, token) -> None:
    answer = client.get(f"/mp/orders/{token}")
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/json")
    assert answer.json() == {"error": {"type": "invalid"}}


def test_while_the_pump_runs_the_customer_waits(poll, pos) -> None:
    report(pos, ControllerStatus.IN_PROCESS)
    assert poll() == refusal("in_process")


def test_a_controller_that_said_offline_is_a_timeout(poll, pos) -> None:
    report(pos, ControllerStatus.OFFLINE)
    assert poll() == refusal("timeout")


def test_a_controller_that_must_report_and_is_silent_is_a_timeout(poll, pos) -> None:
    PointOfSale.objects.filter(pk=pos.pk).update(heartbeat=30)
    assert poll() == refusal("timeout")
    report(pos, ControllerStatus.IDLE)
    PointOfSale.objects.filter(pk=pos.pk).update(heartbeat=30)
    assert poll() == refusal("unavailable")
    PointOfSale.objects.filter(pk=pos.pk).update(status_at=timezone.now() - timedelta(seconds=31))
    assert poll() == refusal("timeout")


def test_a_point_of_sale_that_is_switched_off_has_nothing_to_pay(poll, pos, order) -> None:
    PointOfSale.objects.filter(pk=pos.pk).update(is_active=False)
    assert poll() == refusal("unavailable")
    PointOfSale.objects.filter(pk=pos.pk).update(is_active=True)
    pos.store.is_active = False
    pos.store.save()
    assert poll() == refusal("unavailable")


def test_an_order_is_served_the_same_each_time(poll, order, account) -> None:
    status, body = poll()
    assert status == 200
    assert body["collector_id"] == account.user_id
    assert body["external_reference"] == order.external_reference
    assert body["notification_url"] == account.notification_url
    assert [(i["quantity"], i["unit_price"], i["currency_id"]) for i in body["items"]] == [(1, 500.0, "ARS")]
    assert [poll() for _ in range(3)] == [(status, body)] * 3


def test_litres_and_price_stand_in_the_title(poll, pos) -> None:
    item = OrderFactory.build().items[0] | {"quantity": "10.5", "unit_measure": "L", "unit_price": "47.62"}
    OrderFactory.create(pos=pos, items=[item])
    assert poll()[1]["items"][0]["title"] == "SUPER 10.5 L x 47.62"


def test_an_order_goes_before_what_the_controller_says(poll, pos, order) -> None:
    report(pos, ControllerStatus.OFFLINE)
    assert poll()[0] == 200


def test_the_first_serve_is_remembered_and_plans_a_check(poll, order) -> None:
    poll()
    order.refresh_from_db()
    first = order.first_served_at
    assert first is not None
    assert order.next_check_at == first + timedelta(seconds=30)
    poll()
    order.refresh_from_db()
    assert order.first_served_at == first


def test_after_the_payment_there_is_nothing_to_pay(poll, order, paid) -> None:
    settle(order.pk, remote(paid(order)), actor="test")
    assert poll() == refusal("unavailable")


def test_after_a_rejected_payment_the_order_is_still_served(poll, order, paid, payment) -> None:
    before = poll()
    settle(order.pk, remote(paid(order, payment(1, 500, "rejected"), status="opened")), actor="test")
    assert poll() == before


def test_of_an_order_paid_short_the_rest_is_asked_for(poll, order, paid, payment) -> None:
    settle(order.pk, remote(paid(order, payment(1, 300), status="opened")), actor="test")
    status, body = poll()
    assert (status, [item["unit_price"] for item in body["items"]]) == (200, [200.0])
    order.refresh_from_db()
    assert order.total_amount == Decimal(500)


@pytest.mark.parametrize("status", [Status.CANCELED, Status.EXPIRED])
def test_an_order_that_is_over_is_not_served(poll, order, status) -> None:
    Order.objects.filter(pk=order.pk).update(status=status)
    assert poll() == refusal("unavailable")


def test_an_order_past_its_time_is_not_served(poll, order) -> None:
    Order.objects.filter(pk=order.pk).update(expires_at=timezone.now())
    assert poll() == refusal("unavailable")


def test_dialect_v2_is_chosen_per_account_or_point_of_sale(client, pos, order, paid) -> None:
    PointOfSale.objects.filter(pk=pos.pk).update(dialect=Dialect.V2)
    answer = client.get(f"/mp/orders/{pos.poll_token}")
    assert (answer.status_code, answer["order-version"]) == (200, "2")
    assert answer.json()["total_amount"] == 500.0
    settle(order.pk, remote(paid(order)), actor="test")
    answer = client.get(f"/mp/orders/{pos.poll_token}")
    assert (answer.status_code, answer.json()) == (202, {"status": {"status_detail": "notihing_to_pay"}})


@pytest.mark.parametrize("method", ["post", "put", "delete", "patch", "options", "head"])
def test_other_methods_are_refused_as_json(client, pos, method) -> None:
    answer = getattr(client, method)(f"/mp/orders/{pos.poll_token}")
    assert (answer.status_code, answer["Content-Type"]) == (405, "application/json")


def test_what_the_caller_accepts_changes_nothing(client, pos) -> None:
    answer = client.get(f"/mp/orders/{pos.poll_token}?format=xml", headers={"Accept": "text/html"})
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/json")


def test_without_a_database_the_answer_is_a_timeout(client, pos) -> None:
    def refuse(*_: object) -> None:
        raise DatabaseError("the server closed the connection unexpectedly")

    with connection.execute_wrapper(refuse):
        answer = client.get(f"/mp/orders/{pos.poll_token}")
    assert (answer.status_code, answer.json()) == (400, {"error": {"type": "timeout"}})
    assert answer["Content-Type"] == "application/json"


def test_a_poll_is_never_redirected_to_https(client, pos, settings) -> None:
    settings.SECURE_SSL_REDIRECT = True
    assert client.get(f"/mp/orders/{pos.poll_token}").status_code == 400


def test_last_polled_is_remembered_but_not_written_every_time(poll, pos, django_assert_num_queries) -> None:
    poll()
    pos.refresh_from_db()
    assert pos.last_polled_at is not None
    with django_assert_num_queries(2):
        poll()


def test_what_is_covered_is_not_offered_although_another_payment_was_charged_back(poll, order, paid, payment) -> None:
    """Found by the property test: it was offered for 0."""
    both = paid(order, payment(1, 500, "charged_back"), payment(2, 500), status="opened")
    settle(order.pk, remote(both), actor="test")
    assert poll()[0] == 400


def test_whatever_breaks_inside_mercado_pago_hears_timeout(client, pos, caplog) -> None:
    with patch("orders.polling._situation", side_effect=OverflowError):
        answer = client.get(pos.poll_url)
    assert (answer.status_code, answer.json()) == (400, {"error": {"type": "timeout"}})
    assert "OverflowError" in caplog.text


@pytest.mark.parametrize("dialect", ["v1", "v2"])
def test_a_poll_asks_for_the_point_of_sale_and_its_order_and_no_more(order, django_assert_num_queries, dialect) -> None:
    now = timezone.now()
    PointOfSale.objects.update(dialect=dialect, last_polled_at=now + timedelta(minutes=1))
    Order.objects.update(first_served_at=now)
    with django_assert_num_queries(2):
        assert answer_poll(order.pos.poll_token).status == 200
