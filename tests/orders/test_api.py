import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from threading import Barrier, Timer
from time import monotonic

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from orders.models import Order, Payment
from orders.settlement import settle
from orders.states import Status
from pos.models import ControllerStatus
from pos.services import create_key
from tests.conftest import controller
from tests.factories import AccountFactory, OrderFactory, PosFactory, StoreFactory
from tests.orders.conftest import PAYMENTS, SEARCH, found, remote

ITEM = {"title": "SUPER", "quantity": "10.5", "unit_price": "47.62", "unit_measure": "L"}


@pytest.fixture
def sell(pump, pos):
    """POST a sale; `key` is its Idempotency-Key."""

    def post(*items, key="k1", client=pump, external_id=pos.external_id, **fields):
        return client.post(
            f"/api/v1/pos/{external_id}/orders",
            {"items": list(items) or [ITEM], **fields},
            format="json",
            headers={"Idempotency-Key": key},
        )

    return post


def assert_problem(answer, status, *fields):
    assert answer.status_code == status, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    body = answer.json()
    assert body["status"] == status
    assert body["title"]
    assert body["detail"]
    for field in fields:
        assert field in body.get("errors", {}), body
    return body


# --- a sale becomes an order -----------------------------------------------------------------------------------------
def test_a_sale_becomes_an_order(sell, pos, store) -> None:
    answer = sell(reference="shift 7")
    assert answer.status_code == 201
    order = answer.json()
    assert order["status"] == "open"
    assert order["payment_status"] == "unpaid"
    assert (order["currency"], order["total_amount"], order["paid_amount"]) == ("ARS", "500.01", "0.00")
    assert (order["store"], order["pos"], order["reference"]) == (store.external_id, pos.external_id, "shift 7")
    assert order["items"][0]["quantity"] == "10.5"
    assert order["external_reference"].isalnum()
    assert order["attention"] is order["receipt"] is order["closed_at"] is order["first_served_at"] is None
    assert Order.objects.get().transitions.get().to_status == "open"


def test_numbers_may_be_json_numbers_and_stay_exact(pump, pos) -> None:
    body = '{"items":[{"title":"x","quantity":3,"unit_price":0.10,"total_amount":0.3}]}'
    answer = pump.post(
        f"/api/v1/pos/{pos.external_id}/orders", body, content_type="text/plain", headers={"Idempotency-Key": "k"}
    )
    assert answer.status_code == 201, answer.content
    assert Order.objects.get().total_amount == Decimal("0.30")


def test_a_pump_that_was_set_to_an_amount_may_round_its_litres(sell) -> None:
    answer = sell({"title": "S", "quantity": "10.333", "unit_price": "48.39", "total_amount": "500.00"})
    assert (answer.status_code, answer.json()["total_amount"]) == (201, "500.00")


def test_an_order_expires_when_its_point_of_sale_or_the_sale_says(sell, pos) -> None:
    sell(expires_in=60)
    order = Order.objects.get()
    assert timedelta(seconds=55) < order.expires_at - timezone.now() <= timedelta(seconds=60)


@pytest.mark.parametrize("expires_in", [30, 24 * 3600])
def test_the_sale_decides_when_its_order_expires_whatever_the_point_of_sale_says(sell, pos, expires_in) -> None:
    type(pos).objects.filter(pk=pos.pk).update(order_lifetime=600)
    assert sell(expires_in=expires_in).status_code == 201
    lifetime = Order.objects.get().expires_at - timezone.now()
    assert timedelta(seconds=expires_in - 5) < lifetime <= timedelta(seconds=expires_in)


def test_without_a_wish_an_order_lives_as_long_as_its_point_of_sale_says(sell, pos) -> None:
    type(pos).objects.filter(pk=pos.pk).update(order_lifetime=600)
    sell()
    type(pos).objects.filter(pk=pos.pk).update(order_lifetime=60)  # only for those to come
    assert timedelta(seconds=595) < Order.objects.get().expires_at - timezone.now() <= timedelta(seconds=600)


@pytest.mark.parametrize(("expires_in", "limit"), [(29, "30"), (24 * 3600 + 1, "86400"), ("soon", "integer")])
def test_a_lifetime_beyond_its_limits_is_refused_and_the_limit_named(sell, expires_in, limit) -> None:
    body = assert_problem(sell(expires_in=expires_in), 400, "expires_in")
    assert limit in body["errors"]["expires_in"][0]
    assert not Order.objects.exists()


def test_a_new_order_ends_the_sale_that_was_in_process(sell, pump, pos) -> None:
    pump.put(f"/api/v1/pos/{pos.external_id}/status", {"status": "in_process"}, format="json")
    sell()
    pos.refresh_from_db()
    assert pos.status == ControllerStatus.IDLE


# --- said twice ------------------------------------------------------------------------------------------------------
def test_the_same_key_and_body_give_the_same_order(sell) -> None:
    first, again = sell(), sell()
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["id"] == again.json()["id"]
    assert Order.objects.count() == 1


def test_the_same_key_and_another_body_are_refused(sell) -> None:
    sell()
    body = assert_problem(sell(ITEM | {"quantity": "11"}), 422)
    assert body["type"] == "urn:problem:idempotency-key-reused"
    assert Order.objects.count() == 1


@pytest.mark.parametrize("key", ["", "x" * 256, "two words", "ñ"])
def test_without_a_usable_key_nothing_is_made(sell, key) -> None:
    assert_problem(sell(key=key), 400, "Idempotency-Key")
    assert not Order.objects.exists()


def test_a_second_order_is_refused_while_one_is_open(sell) -> None:
    sell()
    body = assert_problem(sell(key="k2"), 409)
    assert body["type"] == "urn:problem:open-order"
    assert Order.objects.count() == 1


def test_replace_cancels_the_open_order_first(sell) -> None:
    first = sell().json()["id"]
    second = sell(key="k2", replace=True)
    assert second.status_code == 201
    old = Order.objects.get(pk=first)
    assert old.status == "canceled"
    assert [transition.reason for transition in old.transitions.all()][-1] == "replaced"


def test_replace_does_not_cancel_what_was_paid(sell, mercado_pago, paid) -> None:
    order = Order.objects.get(pk=sell().json()["id"])
    Order.objects.filter(pk=order.pk).update(first_served_at=timezone.now())
    mercado_pago.get("https://api.mercadopago.com/merchant_orders/search", json={"elements": [paid(order)], "total": 1})
    assert_problem(sell(key="k2", replace=True), 409)
    order.refresh_from_db()
    assert order.status == "closed"
    assert Order.objects.count() == 1


def _eight_at_once(store, pos, **fields) -> list[int]:
    """The statuses of eight reports of a sale."""
    api_key = create_key(name="pump", store=store)
    start = Barrier(8)
    idempotency_key = fields.pop("idempotency_key")

    def run(number: int) -> int:
        try:
            start.wait()
            url = f"/api/v1/pos/{pos.external_id}/orders"
            headers = {"Idempotency-Key": idempotency_key.format(number)}
            return controller(api_key).post(url, {"items": [ITEM]} | fields, format="json", headers=headers).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as threads:
        return sorted(threads.map(run, range(8)))


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_eight_pumps_repeating_one_sale_at_once_make_one_order(store, pos) -> None:
    assert _eight_at_once(store, pos, idempotency_key="k") == [200] * 7 + [201]
    assert Order.objects.count() == 1


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_eight_replacing_at_once_leave_one_order_open_and_none_fails(store, pos) -> None:
    statuses = _eight_at_once(store, pos, idempotency_key="k{}", replace=True)
    made = statuses.count(201)
    assert (made + statuses.count(409), made > 0) == (8, True), statuses
    assert (Order.objects.open().count(), Order.objects.count()) == (1, made)


# --- bad input -------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("item", "field"),
    [
        ({"quantity": "1.2345"}, "items.0.quantity"),
        ({"quantity": "0"}, "items.0.quantity"),
        ({"quantity": "-1"}, "items.0.quantity"),
        ({"quantity": "NaN"}, "items.0.quantity"),
        ({"quantity": None}, "items.0.quantity"),
        ({"quantity": True}, "items.0.quantity"),
        ({"quantity": [1]}, "items.0.quantity"),
        ({"quantity": "1e30"}, "items.0.quantity"),
        ({"unit_price": "-5"}, "items.0.unit_price"),
        ({"unit_price": "0"}, "items.0.unit_price"),
        ({"unit_price": "1.005"}, "items.0.unit_price"),
        ({"unit_price": "9" * 40}, "items.0.unit_price"),
        ({"unit_price": "1e400"}, "items.0.unit_price"),
        ({"unit_price": "Infinity"}, "items.0.unit_price"),
        ({"unit_price": "abc"}, "items.0.unit_price"),
        ({"total_amount": "999.00"}, "items.0.total_amount"),
        ({"quantity": "2", "unit_price": "250.00", "total_amount": "500.01"}, "items.0.total_amount"),
        ({"title": ""}, "items.0.title"),
        ({"title": "x" * 201}, "items.0.title"),
        ({"title": "nul\x00"}, "items.0.title"),
        ({"title": "\ud800"}, "items.0.title"),
        ({"litres": "3"}, "items.0.litres"),
        ({"quantity": "0.001", "unit_price": "0.01"}, "items.0.quantity"),
    ],
)
def test_a_bad_item_is_refused_by_field_and_nothing_is_made(pump, pos, item, field) -> None:
    answer = pump.post(
        f"/api/v1/pos/{pos.external_id}/orders",
        json.dumps({"items": [ITEM | item]}),
        content_type="application/json",
        headers={"Idempotency-Key": "k"},
    )
    assert_problem(answer, 400, field)
    assert not Order.objects.exists()


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"items": []}, "items"),
        ({"items": "SUPER"}, "items"),
        ({"items": [7]}, "items.0"),
        ({"items": [ITEM] * 201}, "items"),
        ({"items": None}, "items"),
        ({"expires_in": 5}, "expires_in"),
        ({"expires_in": 10**30}, "expires_in"),
        ({"replace": "perhaps"}, "replace"),
        ({"reference": "x" * 65}, "reference"),
        ({"loyalty": 7}, "loyalty"),
        ({"loyalty": {"program": "serviclub"}}, "loyalty.transaction_id"),
        ({"total": "500"}, "total"),
    ],
)
def test_a_bad_sale_is_refused_by_field_and_nothing_is_made(pump, pos, fields, field) -> None:
    answer = pump.post(
        f"/api/v1/pos/{pos.external_id}/orders",
        {"items": [ITEM], **fields},
        format="json",
        headers={"Idempotency-Key": "k"},
    )
    assert_problem(answer, 400, field)
    assert not Order.objects.exists()


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"7", b"null", b"\xff", b'{"items":NaN}', b"[" * 100_000, b'{"items":[{"title":1e999}]}',
             b"9" * 5000, b'{"items":[{"title":"a","unit_price":"1","unit_price":"2","quantity":1}]}']
)  # fmt: skip
def test_an_unreadable_body_is_refused(pump, pos, body) -> None:
    answer = pump.generic(
        "POST", f"/api/v1/pos/{pos.external_id}/orders", body, "application/json", headers={"Idempotency-Key": "k"}
    )
    assert_problem(answer, 400)
    assert not Order.objects.exists()


def test_a_body_that_is_too_large_is_refused(pump, pos) -> None:
    answer = pump.generic(
        "POST", f"/api/v1/pos/{pos.external_id}/orders", b" " * 300_000, headers={"Idempotency-Key": "k"}
    )
    assert_problem(answer, 413)


def test_there_are_no_centavos_in_chile(sell) -> None:
    store = StoreFactory.create(account=AccountFactory.create(site_code="MLC"))
    pos = PosFactory.create(store=store)
    client = controller(create_key(name="pump", store=store))
    bad = sell({"title": "93", "quantity": "2", "unit_price": "1234.50"}, client=client, external_id=pos.external_id)
    body = assert_problem(bad, 400, "items.0.unit_price")
    assert "CLP" in body["errors"]["items.0.unit_price"][0]
    good = sell({"title": "93", "quantity": "2.5", "unit_price": "1235"}, client=client, external_id=pos.external_id)
    assert good.json()["total_amount"] == "3088"


# --- whose is it -----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "header", ["", "Api-Key", "Api-Key x.y", "Bearer abc", "Api-Key \x00é", "Api-Key " + "x" * 999]
)
def test_without_a_key_nobody_gets_in(client, pos, header) -> None:
    answer = client.get(f"/api/v1/pos/{pos.external_id}", headers={"Authorization": header} if header else {})
    assert_problem(answer, 401)
    assert answer["WWW-Authenticate"] == "Api-Key"


def test_another_stores_key_sees_nothing(pos, order) -> None:
    stranger = controller(create_key(name="stranger", store=StoreFactory.create()))
    headers = {"Idempotency-Key": "k"}
    assert_problem(stranger.get(f"/api/v1/pos/{pos.external_id}"), 404)
    assert_problem(stranger.put(f"/api/v1/pos/{pos.external_id}/status", {"status": "idle"}, format="json"), 404)
    assert_problem(stranger.post(f"/api/v1/pos/{pos.external_id}/orders", {}, format="json", headers=headers), 404)
    assert_problem(stranger.get(f"/api/v1/orders/{order.pk}"), 404)
    assert_problem(stranger.post(f"/api/v1/orders/{order.pk}/cancel"), 404)
    assert_problem(stranger.get(f"/api/v1/orders/{order.pk}/receipt"), 404)
    order.refresh_from_db()
    assert order.status == "open"


def test_a_points_of_sales_key_sees_its_own_only(store, pos) -> None:
    other = PosFactory.create(store=store)
    client = controller(create_key(name="pump 1", pos=pos))
    assert client.get(f"/api/v1/pos/{pos.external_id}").status_code == 200
    assert_problem(client.get(f"/api/v1/pos/{other.external_id}"), 404)
    assert_problem(client.get(f"/api/v1/orders/{OrderFactory.create(pos=other).pk}"), 404)


@pytest.mark.parametrize("path", ["pos/NOSUCHPOS", "pos/%00", "orders/999999", f"orders/{10**30}", "nothing", ""])
def test_what_does_not_exist_is_a_problem_too(pump, path) -> None:
    assert_problem(pump.get(f"/api/v1/{path}"), 404)


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_an_address_that_does_not_exist_is_a_problem_for_every_method(method) -> None:
    machine = Client(enforce_csrf_checks=True)  # as a server does
    assert_problem(getattr(machine, method)("/api/v1/orders/null/cancel"), 404)


# --- reading and waiting ---------------------------------------------------------------------------------------------
def test_a_point_of_sale_shows_its_status_and_open_order(pump, pos, order) -> None:
    body = pump.get(f"/api/v1/pos/{pos.external_id}").json()
    assert (body["status"], body["currency"], body["active"]) == ("idle", "ARS", True)
    assert body["open_order"]["id"] == order.pk


@pytest.mark.parametrize("query", ["wait=31", "wait=-1", "wait=x", "wait=nan", "wait=", "status=paid", "status="])
def test_a_wrong_wait_is_refused(pump, order, query) -> None:
    assert_problem(pump.get(f"/api/v1/orders/{order.pk}?{query}"), 400, query.partition("=")[0])


def test_a_status_that_differs_already_is_told_at_once(pump, order) -> None:
    start = monotonic()
    assert pump.get(f"/api/v1/orders/{order.pk}?wait=10&status=closed").json()["status"] == "open"
    assert monotonic() - start < 2


def test_a_wait_ends_without_news_when_its_time_is_over(pump, order) -> None:
    start = monotonic()
    assert pump.get(f"/api/v1/orders/{order.pk}?wait=0.5&status=open").json()["status"] == "open"
    assert monotonic() - start >= 0.5


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_a_wait_ends_as_soon_as_the_order_closes(pump, order, paid) -> None:
    def close() -> None:
        settle(order.pk, remote(paid(order)), actor="test")
        connection.close()

    timer = Timer(0.5, close)
    timer.start()
    start = monotonic()
    assert pump.get(f"/api/v1/orders/{order.pk}?wait=20&status=open").json()["status"] == "closed"
    assert monotonic() - start < 5
    timer.join()


@pytest.mark.parametrize(
    ("body", "said"),
    [(b"[" * 100_000, "nested too deeply"), (b'{"items":' + b"1" * 5000 + b"}", "a number has more than 100 digits")],
)
def test_what_python_cannot_read_is_not_said_in_its_words(pump, pos, body: bytes, said: str) -> None:
    url, key = f"/api/v1/pos/{pos.external_id}/orders", {"Idempotency-Key": "k"}
    answer = pump.generic("POST", url, body, "application/json", headers=key)
    assert answer.status_code == 400
    assert answer.json()["detail"] == f"The body is not readable JSON: {said}"


@pytest.mark.parametrize("amount", ["1e3", "٣", " 7 ", "0x10", "1_000", "NaN"])
def test_an_amount_is_written_in_digits(pump, pos, amount) -> None:
    item = {"title": "SUPER", "quantity": "1", "unit_price": amount}
    answer = pump.post(
        f"/api/v1/pos/{pos.external_id}/orders", {"items": [item]}, format="json", headers={"Idempotency-Key": "k"}
    )
    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == ["items.0.unit_price"]


# --- cancelling ------------------------------------------------------------------------------------------------------
def test_an_order_nobody_saw_is_cancelled_without_asking(pump, order, mercado_pago) -> None:
    answer = pump.post(f"/api/v1/orders/{order.pk}/cancel")
    assert (answer.status_code, answer.json()["status"]) == (200, "canceled")
    assert not mercado_pago.calls
    assert pump.post(f"/api/v1/orders/{order.pk}/cancel").status_code == 200
    assert order.transitions.count() == 1


@pytest.fixture
def served(order):
    Order.objects.filter(pk=order.pk).update(first_served_at=timezone.now())
    order.refresh_from_db()
    return order


def test_a_served_order_is_cancelled_after_asking(pump, served, mercado_pago) -> None:
    found(mercado_pago)
    assert pump.post(f"/api/v1/orders/{served.pk}/cancel").json()["status"] == "canceled"
    assert [call.request.url.partition("?")[0] for call in mercado_pago.calls] == [SEARCH, PAYMENTS]


def test_when_money_has_arrived_a_cancel_is_refused_and_the_order_closes(pump, served, mercado_pago, paid) -> None:
    found(mercado_pago, paid(served))
    assert_problem(pump.post(f"/api/v1/orders/{served.pk}/cancel"), 409)
    served.refresh_from_db()
    assert served.status == Status.CLOSED


@pytest.mark.parametrize("status", ["approved", "in_process", "pending"])
def test_a_part_or_a_payment_on_its_way_refuses_a_cancel(pump, served, mercado_pago, paid, payment, status) -> None:
    found(mercado_pago, paid(served, payment(1, 100, status), status="opened"))
    assert_problem(pump.post(f"/api/v1/orders/{served.pk}/cancel"), 409)
    served.refresh_from_db()
    assert served.status == Status.OPEN
    assert Payment.objects.get().status == status


def test_when_mercado_pago_does_not_answer_nothing_is_cancelled(pump, served, mercado_pago) -> None:
    mercado_pago.get(SEARCH, status=503)
    answer = pump.post(f"/api/v1/orders/{served.pk}/cancel")
    assert_problem(answer, 503)
    assert answer["Retry-After"]
    served.refresh_from_db()
    assert served.status == Status.OPEN
