"""Taxes of Colombia and the fee of connected accounts: frozen with the order, in dialect v2 only."""

from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from orders.levies import fee_of, fee_of_rest, taxes_of
from orders.models import Order
from orders.settlement import settle
from stores.models import Account, Store
from tests.orders.conftest import remote


@pytest.fixture
def sell(pump, pos):
    def post(amount: str) -> Order:
        body = {"items": [{"title": "SUPER", "quantity": "1", "unit_price": amount}]}
        url = f"/api/v1/pos/{pos.external_id}/orders"
        answer = pump.post(url, body, format="json", headers={"Idempotency-Key": "k"})
        assert answer.status_code == 201, answer.content
        return Order.objects.with_site().get()

    return post


@pytest.fixture
def in_colombia(store: Store) -> Store:
    Account.objects.update(site_code="MCO", dialect="v2")
    Store.objects.update(tax="IVA", tax_percentage=19)
    return Store.objects.get()


def asked(client: Any, order: Order) -> Any:
    return client.get(order.pos.poll_url)


def test_prices_in_colombia_hold_the_stores_tax(client, in_colombia, sell) -> None:
    order = sell("11900")
    assert order.taxes == [{"type": "IVA", "value": "1900", "percentage": "19"}]
    assert asked(client, order).json()["taxes"] == order.taxes


def test_a_tax_is_frozen_with_its_order(client, in_colombia, sell) -> None:
    order = sell("10800")
    Store.objects.update(tax="INC", tax_percentage=8)
    assert asked(client, order).json()["taxes"] == [{"type": "IVA", "value": "1724", "percentage": "19"}]


@pytest.mark.parametrize(
    ("percentage", "value", "text"),
    [("8", "800", "8"), ("5.50", "563", "5.5"), ("0", "0", "0"), ("100", "5400", "100"), ("10", "982", "10")],
)
def test_what_a_price_holds(in_colombia, percentage: str, value: str, text: str) -> None:
    in_colombia.tax_percentage = Decimal(percentage)
    assert taxes_of(in_colombia, Decimal(10800)) == [{"type": "IVA", "value": value, "percentage": text}]


def test_elsewhere_no_tax_is_named(store: Store) -> None:
    store.tax, store.tax_percentage = "IVA", Decimal(21)
    assert taxes_of(store, Decimal(500)) == []


def test_of_an_order_paid_short_the_tax_is_that_of_the_rest(client, in_colombia, sell, paid, payment) -> None:
    order = sell("11900")
    part = payment(1, 5950, currency_id="COP")
    settle(order.pk, remote(paid(order, part, status="opened", total_amount=11900)), actor="test")
    first, second = asked(client, order), asked(client, order)
    assert first.json()["total_amount"] == 5950
    assert first.json()["taxes"] == [{"type": "IVA", "value": "950", "percentage": "19"}]
    assert first.content == second.content
    order.refresh_from_db()
    assert order.taxes == [{"type": "IVA", "value": "1900", "percentage": "19"}]


BOGOTA = Decimal("4.7110"), Decimal("-74.0721")


@pytest.mark.parametrize(
    ("site", "tax", "percentage", "field"),
    [("MLA", "IVA", 21, "tax"), ("MCO", "IVA", None, "tax_percentage"), ("MCO", "", 19, "tax")],
)
def test_a_tax_that_cannot_be_is_refused_by_field(store: Store, site, tax, percentage, field) -> None:
    store.account.site_code = site
    if site == "MCO":
        store.latitude, store.longitude = BOGOTA
    store.tax, store.tax_percentage = tax, percentage
    with pytest.raises(ValidationError) as caught:
        store.full_clean()
    assert list(caught.value.message_dict) == [field]


def test_a_tax_of_colombia_is_taken(store: Store) -> None:
    store.account.site_code, store.tax, store.tax_percentage = "MCO", "INC", Decimal(8)
    store.latitude, store.longitude = BOGOTA
    store.full_clean()


# --- the fee ---------------------------------------------------------------------------------------------------------
def test_a_connected_account_names_its_application_and_its_fee(client, connected, sell) -> None:
    Account.objects.update(dialect="v2")
    order = sell("500.20")
    assert order.marketplace_fee == Decimal("12.51")  # 12.505, half up
    answer = asked(client, order)
    assert (answer["client-id"], answer["order-version"]) == ("999", "2")
    assert b'"marketplace_fee":12.51}' in answer.content


def test_a_fee_is_frozen_with_its_order(client, connected, sell) -> None:
    Account.objects.update(dialect="v2")
    order = sell("500.00")
    Account.objects.update(marketplace_fee_percentage=50)
    assert asked(client, order).json()["marketplace_fee"] == 12.5


def test_in_v1_nothing_of_it_is_said(client, connected, sell) -> None:
    answer = asked(client, sell("500.00"))
    assert "client-id" not in answer
    assert "marketplace_fee" not in answer.json()


def test_who_is_not_connected_pays_no_fee(client, account, sell) -> None:
    Account.objects.update(dialect="v2", marketplace_fee_percentage=10)
    order = sell("500.00")
    answer = asked(client, order)
    assert order.marketplace_fee == 0
    assert "client-id" not in answer
    assert "marketplace_fee" not in answer.json()


def test_without_a_percentage_the_header_is_there_and_no_fee(client, connected, sell) -> None:
    Account.objects.update(dialect="v2", marketplace_fee_percentage=0)
    answer = asked(client, sell("500.00"))
    assert answer["client-id"] == "999"
    assert "marketplace_fee" not in answer.json()


def test_waiting_needs_no_header(client, connected, pos) -> None:
    Account.objects.update(dialect="v2")
    answer = client.get(pos.poll_url)
    assert answer.status_code == 202
    assert "client-id" not in answer


def test_of_an_order_paid_short_the_fee_is_the_share_of_the_rest(client, connected, sell, paid, payment) -> None:
    Account.objects.update(dialect="v2")
    order = sell("500.00")
    settle(order.pk, remote(paid(order, payment(1, 300), status="opened")), actor="test")
    answer = asked(client, order)
    assert (answer.json()["total_amount"], answer.json()["marketplace_fee"]) == (200, 5)
    assert answer.content == asked(client, order).content


def test_a_fee_is_never_more_than_the_order(connected) -> None:
    connected.marketplace_fee_percentage = Decimal(100)
    assert fee_of(connected, Decimal("0.01")) == Decimal("0.01")
    assert fee_of_rest(Decimal(500), Decimal("0.01"), total=Decimal(500), site=connected.site) == Decimal("0.01")
