"""Times in the back-office are those of a person's stores, and say so."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from orders.models import Order
from stores.models import Store
from tests.factories import StoreFactory


@pytest.fixture
def boss(db) -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("boss"))
    return client


def footer(client: Client) -> str:
    return client.get("/admin/").content.decode().partition('<footer id="footer">')[2]


def test_stores_of_one_time_zone_show_its_clock(boss: Client, order: Order) -> None:
    Order.objects.update(created_at="2026-11-24T01:30:00Z")
    assert "America/Argentina/Buenos_Aires" in footer(boss)
    page = boss.get(f"/admin/orders/order/{order.pk}/change/").content.decode()
    assert "2026-11-23 22:30" in page


def test_stores_of_several_time_zones_show_utc(boss: Client, store: Store) -> None:
    StoreFactory.create(time_zone="America/Bogota")
    assert "those of UTC" in footer(boss)


def test_only_ones_own_stores_count(store: Store) -> None:
    user = User.objects.create_user("manager", is_staff=True)
    store.managers.add(user)
    StoreFactory.create(time_zone="America/Bogota")
    client = Client()
    client.force_login(user)
    assert "America/Argentina/Buenos_Aires" in footer(client)


def test_machines_pay_no_question_for_it(order: Order, django_assert_num_queries) -> None:
    with django_assert_num_queries(0):
        Client().get("/healthz")
