"""The home page: today by each store's clock, and only of the stores that a person may see."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.utils import timezone

from backoffice import home
from notifications.models import Notification
from orders.models import Order
from pos.models import PointOfSale
from stores.models import Account, Store
from tests.factories import OrderFactory, PosFactory, StoreFactory

NOON = "2026-11-24T15:00:00+00:00"  # a Tuesday: noon in Buenos Aires, ten in Bogota
WHAT = ("view_order", "view_pointofsale", "view_printer", "view_notification", "view_account")


@pytest.fixture
def boss(db) -> User:
    return User.objects.create_superuser("boss")


@pytest.fixture
def manager(store: Store) -> User:
    """Of `store`, and of no other."""
    user = User.objects.create_user("manager", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=WHAT))
    store.managers.add(user)
    return user


def sell(pos: PointOfSale, at: str, amount: str = "500.00", **values: object) -> Order:
    closed_at = datetime.fromisoformat(at)
    return OrderFactory.create(pos=pos, status="closed", closed_at=closed_at, total_amount=Decimal(amount), **values)


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@time_machine.travel(NOON, tick=False)
def test_a_day_begins_at_midnight_of_the_stores_clock(boss: User, pos: PointOfSale) -> None:
    sell(pos, "2026-11-24T02:59:59+00:00", "1.00")  # a second before midnight in Buenos Aires
    sell(pos, "2026-11-24T03:00:00+00:00", "10.00")
    bogota = PosFactory.create(store=StoreFactory.create(account=pos.store.account, time_zone="America/Bogota"))
    sell(bogota, "2026-11-24T04:59:59+00:00", "100.00")
    sell(bogota, "2026-11-24T05:00:00+00:00", "1000.00")
    [taken] = home.now(boss)["takings"]
    assert (taken.today.count, taken.today.amount) == (2, Decimal("1010.00"))


@time_machine.travel(NOON, tick=False)
@pytest.mark.parametrize(("starts", "others", "first"), [(6, 6, 6), (0, 0, 0), (6, 22, 0)])
def test_the_chart_begins_where_the_days_begin(
    boss: User, pos: PointOfSale, starts: int, others: int, first: int
) -> None:
    Store.objects.update(day_starts=starts)
    StoreFactory.create(account=pos.store.account, day_starts=others)
    sell(pos, "2026-11-24T14:00:00+00:00")  # 11:00 there
    now = home.now(boss)
    assert [hour for _x, hour in now["marks"]] == [(first + hours) % 24 for hours in (0, 6, 12, 18)]
    [place] = [number for number, bar in enumerate(now["chart"].front) if bar.height]
    assert (first + place) % 24 == 11


@time_machine.travel("2026-11-24T08:00:00Z", tick=False)  # 05:00 in Buenos Aires
def test_today_is_the_day_that_is_closed_where_it_begins_at_six(boss: User, pos: PointOfSale) -> None:
    Store.objects.update(day_starts=6)
    sell(pos, "2026-11-23T08:59:59+00:00", "1.00")  # a second before six, yesterday
    sell(pos, "2026-11-23T09:00:00+00:00", "10.00")
    sell(pos, "2026-11-24T07:00:00+00:00", "100.00")
    midnight = StoreFactory.create(account=pos.store.account, time_zone=pos.store.time_zone)
    sell(PosFactory.create(store=midnight), "2026-11-24T02:00:00+00:00", "1000.00")  # its yesterday
    [taken] = home.now(boss)["takings"]
    assert taken.today.amount == Decimal("110.00")
    listed = browser(boss).get("/admin/orders/order/?sold=today").context["cl"].result_list
    assert sum(order.total_amount for order in listed) == Decimal("110.00")


@time_machine.travel(NOON, tick=False)
def test_today_is_compared_with_the_same_weekday_until_the_same_time(boss: User, pos: PointOfSale) -> None:
    sell(pos, "2026-11-24T14:00:00+00:00", "300.00")
    sell(pos, "2026-11-17T14:59:59+00:00", "200.00")
    sell(pos, "2026-11-17T15:00:00+00:00", "999.00")
    sell(pos, "2026-11-23T14:00:00+00:00", "999.00")
    now = home.now(boss)
    [taken] = now["takings"]
    assert (taken.today.amount, taken.before.amount, taken.change) == (300, 200, 50)
    assert now["hours"] == [(11, 1, 1), (12, 0, 1)]  # by the store's clock; a week ago in whole hours


@time_machine.travel(NOON, tick=False)
def test_each_currency_stands_by_itself(boss: User, pos: PointOfSale) -> None:
    sell(pos, "2026-11-24T14:00:00+00:00", "12600.00")
    sell(pos, "2026-11-24T14:01:00+00:00", "5000.00", currency="CLP")
    page = browser(boss).get("/admin/").content.decode()
    assert "12,600.00" in page
    assert "5,000</strong>" in page


@time_machine.travel(NOON, tick=False)
def test_a_manager_sees_the_numbers_of_their_stores_only(manager: User, pos: PointOfSale) -> None:
    other = PosFactory.create(store=StoreFactory.create(), status="offline", name="Foreign pump")
    sell(other, "2026-11-24T14:00:00+00:00")
    OrderFactory.create(pos=other)
    now = home.now(manager)
    assert (now["takings"], now["to_pay"].count, now["silent"].count) == ([], 0, 0)
    assert [(one.account, one.name) for one in now["news"]] == [(pos.store.account, pos.store.name)]
    sell(pos, "2026-11-24T14:00:00+00:00")
    assert home.now(manager)["takings"][0].today.count == 1
    assert "Foreign pump" not in browser(manager).get("/admin/").content.decode()


def test_who_may_not_see_orders_gets_no_sales(store: Store) -> None:
    nobody = User.objects.create_user("nobody", is_staff=True)
    assert "takings" not in home.now(nobody)
    assert browser(nobody).get("/admin/now/").status_code == 200


@time_machine.travel(NOON, tick=False)
@pytest.mark.parametrize(
    ("values", "count"),
    [
        ({"status": "offline"}, 1),
        ({"heartbeat": 60, "status_at": None}, 1),
        ({"heartbeat": 60, "status_at": datetime.fromisoformat(NOON) - timedelta(seconds=61)}, 1),
        ({"heartbeat": 60, "status_at": datetime.fromisoformat(NOON) - timedelta(seconds=59)}, 0),
        ({"heartbeat": None, "status_at": datetime.fromisoformat(NOON) - timedelta(days=9)}, 0),
        ({"status": "offline", "is_active": False}, 0),
    ],
)
def test_silent_is_who_should_have_reported_and_did_not(boss: User, store: Store, values, count) -> None:
    pos = PosFactory.create(store=store, **values)
    assert home.now(boss)["silent"].count == count
    if pos.is_active:
        assert pos.is_unreachable(timezone.now()) == bool(count)


@time_machine.travel(NOON, tick=False)
@pytest.mark.parametrize(("heard", "is_missing"), [("13:49", True), ("13:51", False), ("14:30", False), (None, True)])
def test_sales_without_notifications_are_noticed(boss: User, pos: PointOfSale, heard, is_missing) -> None:
    sell(pos, "2026-11-24T14:00:00+00:00")
    if heard:
        news = Notification.objects.create(
            account=pos.store.account, headers={}, query="", body=b"", verdict="absent", topic="merchant_order"
        )
        at = datetime.fromisoformat(f"2026-11-24T{heard}:00+00:00")
        Notification.objects.filter(pk=news.pk).update(received_at=at)
    [one] = home.now(boss)["news"]
    assert one.is_missing == is_missing


def test_an_account_without_answers_is_shown_by_its_clock_until_it_answers(boss: User, pos: PointOfSale) -> None:
    Account.objects.update(unanswered_since=datetime.fromisoformat(NOON))
    page = browser(boss).get("/admin/now/").content.decode()
    assert "has not answered us since 2026-11-24 12:00" in page
    assert "Nobody should pay twice" in page
    Account.objects.update(unanswered_since=None)
    assert "has not answered" not in browser(boss).get("/admin/now/").content.decode()


@time_machine.travel(NOON, tick=False)
def test_each_number_leads_to_just_what_it_counts(boss: User, pos: PointOfSale) -> None:
    sell(pos, "2026-11-24T14:00:00+00:00")
    sell(pos, "2026-11-17T14:00:00+00:00")
    sell(pos, "2026-11-17T16:00:00+00:00")
    OrderFactory.create(pos=pos)
    PosFactory.create(store=pos.store, status="offline")
    client = browser(boss)
    for url in (
        "/admin/orders/order/?sold=today&currency__exact=ARS",
        "/admin/orders/order/?sold=week-ago&currency__exact=ARS",
        "/admin/orders/order/?to_pay=yes",
        "/admin/pos/pointofsale/?unreachable=yes",
    ):
        assert url.replace("&", "&amp;") in client.get("/admin/").content.decode()
        assert client.get(url).context["cl"].result_count == 1, url


def test_an_order_that_is_paid_and_not_yet_closed_is_not_waiting_to_be_paid(boss: User, order: Order) -> None:
    assert home.now(boss)["to_pay"].count == 1
    Order.objects.update(payment_status="paid")
    assert home.now(boss)["to_pay"].count == 0


def test_what_waits_to_be_paid_is_what_is_left(boss: User, order: Order) -> None:
    Order.objects.update(payment_status="partially_paid", paid_amount=200, refunded_amount=50)
    [row] = home.now(boss)["to_pay"].first
    assert row["amount"] == "350.00"


def test_who_begins_is_told_how(boss: User) -> None:
    page = browser(boss).get("/admin/").content.decode()
    assert "/admin/stores/account/add/" in page


def test_more_stores_of_one_time_zone_ask_no_more_questions(boss: User, pos, django_assert_max_num_queries) -> None:
    for _number in range(5):
        sell(PosFactory.create(store=StoreFactory.create()), timezone.now().isoformat())
    with django_assert_max_num_queries(30):
        home.now(boss)
