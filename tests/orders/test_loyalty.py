"""Points of YPF and Shell: refused where they cannot be earned, served with the order, asked for once it is paid."""

import json
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import responses
import simplejson
import time_machine
from django.db import IntegrityError
from django.utils import timezone
from hypothesis import event, given
from hypothesis import settings as options
from hypothesis import strategies as st

from gateway.loyalty import body
from orders import loyalty, tasks
from orders.loyalty_block import LoyaltySerializer
from orders.models import Order
from orders.settlement import settle
from pos.models import PointOfSale
from simulator.loyalty import problems
from stores.models import Account
from stores.services import connect
from tests.conftest import PAYLOADS
from tests.factories import OrderFactory, PosFactory
from tests.orders.conftest import remote

API = "https://api.mercadopago.com"
ITEM = {"title": "SUPER", "quantity": "1", "unit_price": "500.00"}
FUEL = {"code": "4", "quantity": "11.2", "unit": "litre", "unit_price": "62.24"}
SHOP = {"code": "0", "quantity": "1", "unit": "piece", "unit_price": "120"}
UNKNOWN = {"message": "Loyalty registry not found", "error": "loyalty_registry_not_found", "status": 404}


@pytest.fixture
def sell(pump, pos, payload):
    """POST a sale with the published block, changed by `changes`."""

    def post(*, key: str = "k1", external_id: str = pos.external_id, items: Any = (ITEM,), **changes: Any) -> Any:
        return pump.post(
            f"/api/v1/pos/{external_id}/orders",
            {"items": list(items), "loyalty": payload("loyalty") | changes},
            format="json",
            headers={"Idempotency-Key": key},
        )

    return post


def errors(answer: Any) -> dict[str, list[str]]:
    assert answer.status_code == 400, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    found: dict[str, list[str]] = answer.json()["errors"]
    return found


# --- the block -------------------------------------------------------------------------------------------------------
def test_the_published_block_is_taken_frozen_and_served(client, sell, pos, payload) -> None:
    made = sell()
    assert made.status_code == 201, made.content
    assert made.json()["loyalty"] == payload("loyalty") | {"status": None, "points": None}
    assert Order.objects.get().loyalty == payload("loyalty")
    served = client.get(pos.poll_url)
    assert json.loads(served.content, parse_float=Decimal)["loyalty"] == payload("loyalty") | {
        "transaction_amount": Decimal(500),
        "products": [{"code": "2", "quantity": Decimal("11.2"), "unit": "litre", "unit_price": Decimal("62.24")}],
    }
    assert served.content == client.get(pos.poll_url).content


def test_an_order_without_a_block_has_none(pump, pos) -> None:
    url = f"/api/v1/pos/{pos.external_id}/orders"
    made = pump.post(url, {"items": [ITEM]}, format="json", headers={"Idempotency-Key": "k"})
    assert made.json()["loyalty"] is None


def test_numbers_stay_exact(sell, client, pos) -> None:
    made = sell(transaction_amount=500, products=[FUEL | {"quantity": 20.513, "unit_price": 30}], program="CTC")
    assert made.status_code == 201, made.content
    block = made.json()["loyalty"]
    assert (block["transaction_amount"], block["products"][0]["quantity"]) == ("500.00", "20.513")
    assert b'"quantity":20.513,' in client.get(pos.poll_url).content


def test_a_date_takes_the_shape_of_the_document(sell) -> None:
    assert sell(transaction_date="2026-11-20T10:40:49Z").json()["loyalty"]["transaction_date"] == (
        "2026-11-20T10:40:49.000+00:00"
    )


@pytest.mark.parametrize(
    ("changes", "field", "says"),
    [
        ({"program": "latampass"}, "program", "serviclub"),
        ({"transaction_id": "x" * 41}, "transaction_id", "40"),
        ({"transaction_id": ""}, "transaction_id", ""),
        ({"invoice_number": "12"}, "invoice_number", "send 00000012"),
        ({"invoice_number": 12}, "invoice_number", "send 00000012"),
        ({"invoice_number": "123456789"}, "invoice_number", "8"),
        ({"invoice_number": "1234 678"}, "invoice_number", "Letters and digits"),
        ({"store_id": "29"}, "store_id", "send 00029"),
        ({"period": "1"}, "period", "send 0001"),
        ({"shift": "12"}, "shift", "1"),
        ({"affinity_plan": ""}, "affinity_plan", ""),
        ({"transaction_date": "20/11/2026"}, "transaction_date", "ISO 8601"),
        ({"transaction_date": "2026-11-20T10:40:49"}, "transaction_date", "offset"),
        ({"transaction_amount": "499.99"}, "transaction_amount", "send 500.00"),
        ({"transaction_amount": "much"}, "transaction_amount", ""),
        ({"cashier_identification": {"type": "DNI"}}, "cashier_identification.number", ""),
        ({"cashier_identification": "DNI"}, "cashier_identification", ""),
        ({"products": []}, "products", ""),
        ({"products": [FUEL | {"quantity": "1.2345"}]}, "products.0.quantity", "3"),
        ({"products": [FUEL | {"quantity": "0"}]}, "products.0.quantity", "greater than 0"),
        ({"products": [FUEL | {"unit": "gallon"}]}, "products.0.unit", "litre"),
        ({"products": [FUEL | {"unit_price": "-1"}]}, "products.0.unit_price", "greater than 0"),
        ({"products": [FUEL, SHOP | {"code": ""}]}, "products.1.code", ""),
        ({"products": [SHOP, FUEL]}, "products.1.code", "first"),
        ({"products": [FUEL, SHOP | {"quantity": "2"}]}, "products.1.quantity", "quantity 1"),
        ({"points": 5}, "points", "no such field"),
    ],
)
def test_a_block_against_the_tables_is_refused_by_field_and_nothing_is_made(sell, changes, field, says) -> None:
    found = errors(sell(**changes))
    assert list(found) == [f"loyalty.{field}"], found
    assert says in found[f"loyalty.{field}"][0]
    assert not Order.objects.exists()


@pytest.mark.parametrize("name", ["period", "affinity_plan", "cashier_identification", "products", "store_id"])
def test_every_field_is_needed(pump, pos, payload, name) -> None:
    block = payload("loyalty")
    del block[name]
    url = f"/api/v1/pos/{pos.external_id}/orders"
    body = {"items": [ITEM], "loyalty": block}
    assert list(errors(pump.post(url, body, format="json", headers={"Idempotency-Key": "k"}))) == [f"loyalty.{name}"]


@pytest.mark.parametrize("products", [[FUEL, SHOP], [SHOP], [FUEL, FUEL | {"code": "7", "unit": "piece"}, SHOP]])
def test_fuel_first_and_the_shop_after_it(sell, products) -> None:
    assert sell(products=products).status_code == 201


def test_outside_argentina_there_are_no_programs(sell) -> None:
    Account.objects.update(site_code="MLM")
    assert "Argentina" in errors(sell())["loyalty"][0]
    assert not Order.objects.exists()


def test_dialect_v2_has_no_programs(sell) -> None:
    PointOfSale.objects.update(dialect="v2")
    assert "v2" in errors(sell())["loyalty"][0]
    assert not Order.objects.exists()


def test_a_number_earns_points_once(sell, store) -> None:
    assert sell().status_code == 201
    assert sell().status_code == 200, "the same sale again"
    other = PosFactory.create(store=store)
    assert list(errors(sell(key="k2", external_id=other.external_id))) == ["loyalty.transaction_id"]
    assert sell(key="k3", external_id=other.external_id, transaction_id="00029-2").status_code == 201
    assert Order.objects.count() == 2


def test_the_database_holds_the_numbers_unique(sell, pos) -> None:
    """Two sales at the same moment: both looked, one is written."""
    sell()
    other = OrderFactory.build(pos=pos, status="canceled", loyalty_transaction_id="00029-45ea80da")
    with pytest.raises(IntegrityError, match="loyalty_transaction_id"):
        other.save()


def test_of_an_order_paid_short_the_rest_earns_no_points(client, sell, pos, paid, payment) -> None:
    sell()
    order = Order.objects.get()
    settle(order.pk, remote(paid(order, payment(1, 300), status="opened")), actor="test")
    assert "loyalty" not in client.get(pos.poll_url).json()


def test_an_open_order_is_served_without_its_points_once_the_dialect_has_changed(client, sell, pos) -> None:
    sell()
    Account.objects.update(dialect="v2", shadows=True)
    answer = client.get(pos.poll_url)
    assert (answer.status_code, answer["order-version"]) == (200, "2")


BLOCK = json.loads((PAYLOADS / "loyalty.json").read_text())
ANYTHING = st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=9), st.decimals(), st.just([{}]))
CODES = st.sampled_from([str(code) for code in range(13)])
PRODUCT = st.fixed_dictionaries(
    {
        "code": CODES,
        "quantity": st.one_of(st.just("1"), st.decimals("0.001", "999", places=3)),
        "unit": st.sampled_from(["litre", "piece"]),
        "unit_price": st.decimals("0.01", "999", places=2),
    }
)


@given(
    st.sampled_from(["serviclub", "CTC"]),
    st.lists(PRODUCT, min_size=1, max_size=4),
    st.dictionaries(st.sampled_from(sorted(BLOCK)), ANYTHING, max_size=1),
)
@options(max_examples=300, deadline=None, derandomize=True)
def test_whatever_block_is_accepted_the_other_side_takes(program, products, others) -> None:
    """The simulator reads it by tables of its own. And whatever is sent, the answer is no fault of ours."""
    sent = BLOCK | {"program": program, "products": products} | others
    read = LoyaltySerializer(data=sent)
    event("accepted" if read.is_valid() else "refused")
    if read.is_valid():
        on_the_wire = simplejson.dumps(body(read.validated_data), use_decimal=True)
        received = simplejson.loads(on_the_wire, use_decimal=True)
        assert list(problems(received, total=Decimal(500))) == []


# --- what became of the points ---------------------------------------------------------------------------------------
@pytest.fixture
def closed(sell, paid) -> Order:
    sell()
    order = Order.objects.with_site().get()
    settle(order.pk, remote(paid(order)), actor="test")
    order.refresh_from_db()
    return order


def answers(mercado_pago: responses.RequestsMock, body: Any, status: int = 200, remote_id: int = 23603350837) -> None:
    mercado_pago.upsert("GET", f"{API}/instore/loyalty/{remote_id}", json=body, status=status)


def look(order: Order) -> Order:
    """A worker asks, as the sweep would have it."""
    tasks.ask_loyalty(order.pk)
    order.refresh_from_db()
    return order


def test_a_paid_order_is_due_at_once_and_one_without_a_block_never(closed, store, paid) -> None:
    assert list(Order.objects.due_for_points(timezone.now())) == [closed]
    plain = OrderFactory.create(pos__store=store)
    settle(plain.pk, remote(paid(plain, id=2, payments=[])), actor="test")
    assert Order.objects.get(pk=plain.pk).loyalty_due_at is None


def test_points_are_accredited(closed, pump, mercado_pago) -> None:
    answers(mercado_pago, {"status": "accredited", "total_points": 70})
    order = look(closed)
    assert (order.loyalty_status, order.loyalty_points, order.loyalty_due_at) == ("accredited", 70, None)
    shown = pump.get(f"/api/v1/orders/{order.pk}").json()["loyalty"]
    assert (shown["status"], shown["points"]) == ("accredited", 70)
    assert mercado_pago.calls[0].request.headers["Authorization"].startswith("Bearer ")


@pytest.mark.parametrize("status", ["pending", "failure"])
def test_what_is_not_decided_is_asked_again_less_and_less_often(closed, mercado_pago, status) -> None:
    answers(mercado_pago, {"status": status})
    pauses = []
    with time_machine.travel(closed.closed_at, tick=False) as clock:
        while (order := look(closed)).loyalty_due_at:
            assert order.loyalty_status == status
            pauses.append(order.loyalty_due_at - timezone.now())
            clock.move_to(order.loyalty_due_at)
        age = timezone.now() - closed.closed_at
    assert pauses == sorted(pauses)
    assert (pauses[0], pauses[-1]) == (timedelta(seconds=30), timedelta(hours=6))
    assert timedelta(days=3) <= age <= timedelta(days=3, hours=6)
    assert order.loyalty_status == status


def test_not_applicable_is_the_end(closed, mercado_pago) -> None:
    answers(mercado_pago, {"status": "not_applicable"})
    order = look(closed)
    assert (order.loyalty_status, order.loyalty_due_at) == ("not_applicable", None)


def test_an_unknown_registry_may_be_late_and_is_given_up_after_an_hour(closed, mercado_pago) -> None:
    answers(mercado_pago, UNKNOWN, status=404)
    order = look(closed)
    assert (order.loyalty_status, order.loyalty_due_at is not None) == ("", True)
    with time_machine.travel(closed.closed_at + timedelta(hours=1)):
        order = look(closed)
    assert (order.loyalty_status, order.loyalty_due_at) == ("not_found", None)


def test_a_failing_call_is_tried_again_and_touches_nothing_else(closed, mercado_pago) -> None:
    before = Order.objects.filter(pk=closed.pk).values().get()
    mercado_pago.get(f"{API}/instore/loyalty/23603350837", status=429, headers={"Retry-After": "600"}, json={})
    due_at = look(closed).loyalty_due_at
    assert due_at is not None
    assert due_at - timezone.now() > timedelta(seconds=590)
    after = Order.objects.filter(pk=closed.pk).values().get()
    assert dict(after) == dict(before) | {"loyalty_due_at": due_at}


def test_a_status_that_is_not_understood_is_asked_again(closed, mercado_pago) -> None:
    answers(mercado_pago, {"status": "credited"})
    order = look(closed)
    assert (order.loyalty_status, order.loyalty_due_at is not None) == ("", True)


def test_of_several_merchant_orders_the_one_with_points_is_found(closed, paid, payment, mercado_pago) -> None:
    """The customer paid a part, then the rest: the closed one was offered without points."""
    settle(closed.pk, remote(paid(closed, payment(2, 200), id=5)), actor="test")
    answers(mercado_pago, UNKNOWN, status=404, remote_id=5)
    answers(mercado_pago, {"status": "accredited", "total_points": 7})
    assert look(closed).loyalty_points == 7


def test_a_late_answer_does_not_undo_the_last_one(closed, mercado_pago) -> None:
    answers(mercado_pago, {"status": "accredited", "total_points": 70})
    slow = Order.objects.with_site().get(pk=closed.pk)
    look(closed)
    answers(mercado_pago, {"status": "pending"})
    loyalty.ask(slow, client=connect(slow.account))
    closed.refresh_from_db()
    assert (closed.loyalty_status, closed.loyalty_points, closed.loyalty_due_at) == ("accredited", 70, None)


def test_a_sweep_wakes_what_is_due_and_not_twice(closed, monkeypatch) -> None:
    woken: list[int] = []
    monkeypatch.setattr(tasks.ask_loyalty, "delay", woken.append)
    tasks.sweep_loyalty()
    tasks.sweep_loyalty()
    assert woken == [closed.pk]
