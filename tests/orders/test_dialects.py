"""Every situation of a point of sale in both dialects, whichever way the dialect was chosen (contract §3)."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given
from hypothesis import settings as options
from hypothesis import strategies as st

from gateway import dialects
from gateway.dialects import Dialect
from gateway.sites import SITES
from orders.levies import fee_of, taxes_of
from orders.models import Order
from orders.offers import offer_of, rest_of
from orders.serializers import SaleSerializer
from orders.settlement import settle
from orders.states import Status
from pos.models import ControllerStatus, PointOfSale
from pos.services import report
from stores.models import Account, Application, Store
from tests.factories import OrderFactory
from tests.orders.conftest import remote


@dataclass
class Place:
    """What a situation is made of."""

    pos: PointOfSale
    paid: Callable[..., Any]
    payment: Callable[..., Any]

    def change(self, **values: Any) -> None:
        PointOfSale.objects.filter(pk=self.pos.pk).update(**values)

    def order(self, status: Status | None = None) -> Order:
        order = OrderFactory.create(pos=self.pos)
        if status:
            Order.objects.filter(pk=order.pk).update(status=status)
        return order

    def settle(self, order: Order, payment: Any, **changes: Any) -> None:
        settle(order.pk, remote(self.paid(order, payment, **changes)), actor="test")


def in_process(place: Place) -> None:
    report(place.pos, ControllerStatus.IN_PROCESS)


def untouched(place: Place) -> None:
    """Nothing going on."""


def pos_is_off(place: Place) -> None:
    place.order()
    place.change(is_active=False)


def store_is_off(place: Place) -> None:
    place.order()
    Store.objects.update(is_active=False)


def account_is_off(place: Place) -> None:
    place.order()
    Account.objects.update(is_active=False)


def canceled(place: Place) -> None:
    place.order(Status.CANCELED)


def expired(place: Place) -> None:
    place.order(Status.EXPIRED)


def past_its_time(place: Place) -> None:
    order = place.order()
    Order.objects.filter(pk=order.pk).update(expires_at=timezone.now())


def paid(place: Place) -> None:
    place.settle(place.order(), place.payment(1, 500))


def paid_and_next_began(place: Place) -> None:
    paid(place)
    report(place.pos, ControllerStatus.IN_PROCESS)


def canceled_after_one_was_paid(place: Place) -> None:
    paid(place)
    place.order(Status.CANCELED)


def offline(place: Place) -> None:
    report(place.pos, ControllerStatus.OFFLINE)


def silent(place: Place) -> None:
    place.change(heartbeat=30, status_at=timezone.now() - timedelta(seconds=31))


def payable(place: Place) -> None:
    place.order()


def rejected(place: Place) -> None:
    place.settle(place.order(), place.payment(1, 500, "rejected"), status="opened")


def paid_short(place: Place) -> None:
    place.settle(place.order(), place.payment(1, 300), status="opened")


def offline_with_an_order(place: Place) -> None:
    place.order()
    offline(place)


WAITS = [
    (in_process, "in_process", "in_process"),
    (untouched, "unavailable", "Waiting_for_order"),
    (pos_is_off, "unavailable", "Waiting_for_order"),
    (store_is_off, "unavailable", "Waiting_for_order"),
    (account_is_off, "unavailable", "Waiting_for_order"),
    (canceled, "unavailable", "Waiting_for_order"),
    (expired, "unavailable", "Waiting_for_order"),
    (past_its_time, "unavailable", "Waiting_for_order"),
    (canceled_after_one_was_paid, "unavailable", "Waiting_for_order"),
    (paid, "unavailable", "notihing_to_pay"),
    (paid_and_next_began, "in_process", "in_process"),
    (offline, "timeout", "in_process"),
    (silent, "timeout", "in_process"),
]
OFFERS = [(payable, 500), (rejected, 500), (paid_short, 200), (offline_with_an_order, 500)]


@pytest.fixture
def place(pos: PointOfSale, paid, payment) -> Place:
    return Place(pos, paid, payment)


@pytest.fixture(params=["of the account", "of the point of sale", "of both"])
def choose(request: pytest.FixtureRequest, pos: PointOfSale) -> Callable[[Dialect], None]:
    """Make the point of sale speak a dialect; an override stands against its account."""

    def choose(dialect: Dialect) -> None:
        is_override = request.param == "of the point of sale"
        Account.objects.update(dialect=dialect.other if is_override else dialect)
        PointOfSale.objects.update(dialect="" if request.param == "of the account" else dialect)

    return choose


@pytest.mark.parametrize("dialect", Dialect)
@pytest.mark.parametrize(("situation", "v1", "v2"), WAITS, ids=[w[0].__name__ for w in WAITS])
def test_every_wait_in_both_dialects(client, place, choose, situation, v1, v2, dialect) -> None:
    situation(place)
    choose(dialect)
    answer = client.get(place.pos.poll_url)
    assert answer["Content-Type"] == "application/json"
    assert "order-version" not in answer
    expected = (202, {"status": {"status_detail": v2}}) if dialect is Dialect.V2 else (400, {"error": {"type": v1}})
    assert (answer.status_code, answer.json()) == expected


@pytest.mark.parametrize("dialect", Dialect)
@pytest.mark.parametrize(("situation", "amount"), OFFERS, ids=[o[0].__name__ for o in OFFERS])
def test_every_order_in_both_dialects(client, place, choose, situation, amount, dialect) -> None:
    situation(place)
    choose(dialect)
    answer = client.get(place.pos.poll_url)
    body = answer.json()
    assert (answer.status_code, answer.get("order-version")) == (200, "2" if dialect is Dialect.V2 else None)
    assert ("total_amount" in body) is (dialect is Dialect.V2)
    assert sum(item["unit_price"] for item in body["items"]) == amount
    again = client.get(place.pos.poll_url)
    assert again.content == answer.content
    assert {**again.headers, "X-Request-Id": ""} == {**answer.headers, "X-Request-Id": ""}


@pytest.mark.parametrize("dialect", Dialect)
def test_an_unknown_token_has_no_dialect(client, db, dialect) -> None:
    Account.objects.update(dialect=dialect)
    answer = client.get(f"/mp/orders/{'x' * 43}")
    assert (answer.status_code, answer.json()) == (400, {"error": {"type": "invalid"}})


def test_the_words_of_v2_are_settings(client, place, settings) -> None:
    Account.objects.update(dialect="v2")
    settings.MERCADO_PAGO_V2_NOTHING_TO_PAY = "nothing_to_pay"
    settings.MERCADO_PAGO_V2_ORDER_VERSION = '"2"'
    payable(place)
    assert client.get(place.pos.poll_url)["order-version"] == '"2"'
    Order.objects.update(status=Status.CANCELED)
    assert client.get(place.pos.poll_url).json()["status"]["status_detail"] == "Waiting_for_order"
    paid(place)
    assert client.get(place.pos.poll_url).json()["status"]["status_detail"] == "nothing_to_pay"


# --- what is sold is what is asked for -------------------------------------------------------------------------------
TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=200)
TITLE = TEXT.filter(lambda text: text.strip())


@st.composite
def sales(draw) -> tuple[str, Any]:
    """A country, and a sale that is right there."""
    site = SITES[draw(st.sampled_from(sorted(SITES)))]
    amounts = st.decimals("1", "100000", places=site.decimals, allow_nan=False)
    item = st.fixed_dictionaries(
        {
            "title": TITLE,
            "quantity": st.decimals("0.5", "999", places=3).map(str),
            "unit_price": amounts.map(site.text),
            "unit_measure": st.sampled_from(["L", "unit", "kWh"]),
        },
        optional={"description": TEXT, "sku_number": st.text("ab1", max_size=64), "category": st.just("fuel")},
    )
    sale = {"items": draw(st.lists(item, min_size=1, max_size=5)), "title": draw(TEXT), "description": draw(TEXT)}
    return site.code, sale


@given(sales(), st.decimals("0", "100", places=2), st.decimals("0", "100", places=2), st.booleans())
@options(max_examples=150, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_whatever_sale_is_accepted_says_the_same_amount_in_both_dialects(made, tax, fee, is_connected) -> None:
    site_code, sale = made
    account = Account(site_code=site_code, user_id=1, marketplace_fee_percentage=fee)
    account.application = Application(pk=1, owner_id=2) if is_connected else None
    store = Store(account=account, tax="IVA", tax_percentage=tax)
    read = SaleSerializer(data=sale, context={"site": account.site})
    assert read.is_valid(), read.errors
    total = sum((Decimal(item["total_amount"]) for item in read.validated_data["items"]), Decimal(0))
    values = {name: read.validated_data[name] for name in ("items", "title", "description")}
    pos = PointOfSale(store=store)
    order = Order(
        pos=pos, total_amount=total, taxes=taxes_of(store, total), marketplace_fee=fee_of(account, total), **values
    )
    offer = offer_of(pos, order, rest_of(order))
    v1 = json.loads(dialects.pay(offer, Dialect.V1).body, parse_float=Decimal)
    v2 = json.loads(dialects.pay(offer, Dialect.V2).body, parse_float=Decimal)
    assert v2["total_amount"] == total
    assert sum(item["unit_price"] * item["quantity"] for item in v1["items"]) == total
    assert sum(item["total_amount"] for item in v2["items"]) == total
    assert 0 <= v2.get("marketplace_fee", 0) <= total
    assert all(0 <= Decimal(tax["value"]) <= total for tax in v2.get("taxes", ()))
    for item in (*v1["items"], *v2["items"]):
        assert item["quantity"] == 1
        assert item["unit_price"] == round(item["unit_price"], account.site.decimals)
        assert 0 < len(item["title"]) <= 256
        assert 0 < len(item["description"]) <= 256
