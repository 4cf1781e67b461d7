"""What a page asks of the database does not grow with its rows, and no page counts the rows of a big table."""

import re
from collections.abc import Iterable
from typing import Any, Final

import pytest
from django.contrib import admin as stock
from django.contrib.auth.models import User
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from backoffice import roles
from notifications.models import Notification
from orders.models import MerchantOrder, MoneyEntry, Order, Payment, Transition
from pos.models import PointOfSale
from receipts.models import Document, Receipt
from stores.admin import counting
from stores.models import Store
from tests.backoffice.stations import add_what_no_store_has, build
from tests.factories import OrderFactory, PosFactory

pytestmark = pytest.mark.django_db
BIG: Final = (Order, Transition, MerchantOrder, Payment, MoneyEntry, Notification, Receipt, Document)
_WORDS: Final = ("alfa", "bravo", "carlo", "delta", "echo", "fox", "golf", "hotel")


@pytest.fixture
def chain(db: None, payload: Any) -> Client:
    """Sees all stores: two, each with a row of everything."""
    _stations(_WORDS[:2], payload)
    return _person("eva", roles.Role.CHAIN_ADMINISTRATOR)


def test_no_page_asks_more_for_more_stores_and_all_that_is_in_them(chain, payload):
    pages = [*_lists(), *(reverse(f"admin:{name}") for name in ("index", "now", "attention", "board", "closing"))]
    before = {page: len(_asked(chain, page)) for page in pages}
    _stations(_WORDS[2:], payload)
    after = {page: len(_asked(chain, page)) for page in pages}
    assert {page: (before[page], count) for page, count in after.items() if count > before[page]} == {}


def test_board_and_timeline_ask_no_more_for_more_pumps_and_orders(chain):
    store = Store.objects.order_by("pk")[0]
    pos = PointOfSale.objects.get(store=store)
    pages = [
        reverse("admin:board_store", args=[store.pk]),
        reverse("admin:board_tiles", args=[store.pk]),
        reverse("admin:timeline_pos", args=[pos.pk]),
        reverse("admin:timeline_order", args=[pos.orders.all()[0].pk]),
        reverse("admin:closing_day", args=[store.pk, store.day_at(timezone.now()).isoformat()]),
    ]
    _sell(pos, 2)
    before = {page: len(_asked(chain, page)) for page in pages}
    for another in (pos, *PosFactory.create_batch(6, store=store)):
        _sell(another, 5)
    assert {page: len(_asked(chain, page)) for page in pages} == before


def test_a_station_managers_lists_ask_no_more_for_more_rows(payload):
    station, *_others = _stations(_WORDS[:1], payload)
    roles.give(station.manager, roles.Role.STATION_MANAGER)
    client = Client()
    client.force_login(station.manager)
    page = reverse("admin:orders_order_changelist")
    before = len(_asked(client, page))
    _sell(PointOfSale.objects.get(), 30)
    assert len(_asked(client, page)) == before


def test_a_close_reads_the_payments_of_its_day_once(chain):
    store = Store.objects.order_by("pk")[0]
    page = reverse("admin:closing_day", args=[store.pk, store.day_at(timezone.now()).isoformat()])
    of_the_day = [sql for sql in _asked(chain, page) if re.match(r'SELECT "orders_payment".*"approved_at" >=', sql)]
    assert len(of_the_day) == 1


def test_a_page_of_a_list_has_fifty_rows_each_with_its_box(chain):
    _sell(PointOfSale.objects.order_by("pk")[0], 51)
    text = chain.get(reverse("admin:orders_order_changelist")).content.decode()
    first = Order.objects.latest("pk")
    box = f'name="_selected_action" value="{first.pk}" class="action-select" aria-label="Select this object for an'
    assert f"{box} action - {first}" in text
    assert text.count('name="_selected_action"') == 50


@pytest.mark.parametrize("model", BIG)
def test_no_list_of_a_big_table_counts_all_of_it(chain, model):
    page = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
    counts = [sql for sql in _asked(chain, page) if "COUNT(" in sql and model._meta.db_table in sql]
    assert all(re.search(rf"LIMIT {counting.MOST + 1}\b", sql) for sql in counts), counts


def test_home_board_and_queue_count_no_big_table_as_a_whole(chain):
    store = Store.objects.order_by("pk")[0]
    pages = [reverse("admin:index"), reverse("admin:attention"), reverse("admin:board_tiles", args=[store.pk])]
    counts = [sql for page in pages for sql in _asked(chain, page) if "COUNT(" in sql]
    assert [sql for sql in counts if " WHERE " not in sql] == []


def test_a_long_list_says_that_there_are_more_and_has_no_page_far_behind(chain, monkeypatch):
    monkeypatch.setattr(counting, "MOST", 4)
    monkeypatch.setattr(stock.site.get_model_admin(Order), "list_per_page", 2)
    _sell(PointOfSale.objects.order_by("pk")[0], 5)
    text = chain.get(reverse("admin:orders_order_changelist"), {"status__exact": "canceled"}).content.decode()
    assert "more than 4 orders" in text
    assert "Not all have a page here" in text
    assert "p=2" in text
    assert "p=3" not in text


def test_a_short_list_says_how_many_there_are(chain):
    text = chain.get(reverse("admin:orders_order_changelist")).content.decode()
    assert "2 orders" in text
    assert "Not all have a page here" not in text


@pytest.mark.postgresql
def test_the_length_of_a_whole_big_list_is_what_postgresql_believes(chain, monkeypatch):
    with connection.cursor() as cursor:
        cursor.execute("UPDATE pg_class SET reltuples = 1234567 WHERE oid = 'orders_order'::regclass")
    page = reverse("admin:orders_order_changelist")
    assert "about 1,234,567 orders" in chain.get(page).content.decode()
    assert not [sql for sql in _asked(chain, page) if "COUNT(" in sql and "orders_order" in sql]


@pytest.mark.parametrize(
    ("model", "typed"),
    [
        (Order, "external_reference"), (Order, "begin of it"), (Order, "in small letters"), (Order, "reference"),
        (Order, "payment"), (Order, "merchant order"), (Order, "receipt"), (Order, "pump"),
        (Payment, "external_reference"), (Payment, "payment"), (Payment, "merchant order"),
        (MerchantOrder, "payment"), (MerchantOrder, "merchant order"), (MerchantOrder, "external_reference"),
        (Transition, "external_reference"), (MoneyEntry, "payment"), (Receipt, "receipt"),
        (Receipt, "external_reference"), (Document, "receipt"), (Notification, "external_reference"),
    ],
)  # fmt: skip
def test_what_people_paste_finds_its_row_and_no_other(chain, model, typed):
    order = Order.objects.order_by("pk")[0]
    Order.objects.filter(pk=order.pk).update(reference="T-17")
    merchant_order = order.merchant_orders.get()
    texts = {
        "external_reference": order.external_reference,
        "begin of it": order.external_reference[:8],
        "in small letters": order.external_reference.lower(),
        "reference": "T-17",
        "payment": merchant_order.payments.get().remote_id,
        "merchant order": merchant_order.remote_id,
        "receipt": order.receipt.number,
        "pump": order.pos.external_id,
    }
    page = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
    found = chain.get(page, {"q": texts[typed]}).context["cl"].result_list
    paths = {
        Order: "pk", Payment: "merchant_order__order", Receipt: "order", Document: "receipt__order",
    }  # fmt: skip
    of_it = set(model._default_manager.filter(**{paths.get(model, "order"): order.pk}).values_list("pk", flat=True))
    assert of_it
    assert {row.pk for row in found} == of_it


def test_a_station_manager_finds_nothing_of_anothers_by_pasting_it(payload):
    mine, theirs = _stations(_WORDS[:2], payload)
    roles.give(mine.manager, roles.Role.STATION_MANAGER)
    client = Client()
    client.force_login(mine.manager)
    for query in (theirs.rows[Order][0].external_reference, theirs.number * 100, theirs.rows[PointOfSale][0].name):
        page = client.get(reverse("admin:orders_order_changelist"), {"q": query})
        assert list(page.context["cl"].result_list) == []


def _stations(words: Iterable[str], payload: Any) -> list[Any]:
    stations = [build(word, 4000001 + 100000 * _WORDS.index(word), payload) for word in words]
    for station in stations:
        add_what_no_store_has(station)
    return stations


def _person(name: str, role: roles.Role) -> Client:
    user = User.objects.create_user(name, is_staff=True)
    roles.give(user, role)
    client = Client()
    client.force_login(user)
    return client


def _sell(pos: PointOfSale, count: int) -> None:
    OrderFactory.create_batch(count, pos=pos, status="canceled")


def _lists() -> list[str]:
    models = [model._meta for model in stock.site._registry if model._meta.label_lower != "auth.group"]
    return [reverse(f"admin:{meta.app_label}_{meta.model_name}_changelist") for meta in models]


def _asked(client: Client, page: str) -> list[str]:
    """The second time: what is looked up once and kept is not counted."""
    for _warm in range(2):
        cache.clear()
        with CaptureQueriesContext(connection) as told:
            answer = client.get(page, follow=True)
        assert answer.status_code == 200, page
    return [query["sql"] for query in told.captured_queries]
