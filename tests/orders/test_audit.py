"""The nightly comparison of each store's business day with Mercado Pago."""

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.utils import timezone

from orders import audit, tasks
from orders.audit import Day
from orders.models import Audit, Difference, MerchantOrder, Payment
from orders.settlement import settle
from stores.models import Store
from stores.services import connect
from tests.factories import AccountFactory, OrderFactory, StoreFactory
from tests.orders.conftest import API, SEARCH, found, remote

BUENOS_AIRES = "America/Argentina/Buenos_Aires"
DAY = date(2026, 11, 20)  # of the payloads


@pytest.fixture
def compare(order, mercado_pago):
    def compare(*merchant_orders, payments=None) -> list[Difference]:
        found(mercado_pago, *merchant_orders, payments=payments)
        [made] = audit.compare(Day(order.account, BUENOS_AIRES, DAY), client=connect(order.account))
        return list(made.differences.all())

    return compare


def kinds(differences: list[Difference]) -> list[tuple[str, bool]]:
    return sorted((difference.kind, difference.healed) for difference in differences)


def test_a_day_without_a_difference_is_said_to_be_one(order, paid, compare) -> None:
    settle(order.pk, remote(paid(order)), actor="test")
    assert compare(paid(order)) == []
    made = Audit.objects.get()
    assert (made.day, made.merchant_orders, made.ours, made.theirs) == (DAY, 1, Decimal(500), Decimal(500))


def test_what_nobody_heard_of_is_listed_and_followed(order, paid, compare) -> None:
    assert kinds(compare(paid(order))) == [("unknown_here", True)]
    order.refresh_from_db()
    made = Audit.objects.get()
    assert (order.status, made.ours, made.theirs) == ("closed", Decimal(0), Decimal(500))


def test_each_thing_that_differs_is_a_line_of_its_own(order, paid, payment, compare) -> None:
    settle(order.pk, remote(paid(order, payment(1, 300, "pending"), payment(2, 200), status="opened")), actor="test")
    news = {"last_updated": "2026-11-20T11:00:00.000-03:00"}
    theirs = paid(order, payment(1, 300), payment(2, 200, amount_refunded=50), payment(3, 50), **news)
    differences = compare(theirs)
    assert kinds(differences) == [
        ("merchant_order_status", True), ("payment_missing", True), ("payment_refunded", True),
        ("payment_status", True),
    ]  # fmt: skip
    [status] = [d for d in differences if d.kind == "payment_status"]
    assert (status.order, status.payment_id, status.ours, status.theirs) == (order, 1, "pending", "approved")


def test_what_following_does_not_heal_stays_on_the_list(order, paid, compare) -> None:
    settle(order.pk, remote(paid(order)), actor="test")
    Payment.objects.update(amount=400, updated_at=timezone.now() + timedelta(days=1))
    assert kinds(compare(paid(order))) == [("payment_amount", False)]
    assert Difference.objects.get().theirs == "500.00"


def test_what_mercado_pago_does_not_have_is_listed(order, paid, compare, mercado_pago) -> None:
    settle(order.pk, remote(paid(order)), actor="test")
    mercado_pago.get(f"{API}/merchant_orders/23603350837", status=404, json={})
    assert kinds(compare()) == [("unknown_there", False)]


def test_what_a_search_misses_is_asked_for_by_its_number(order, paid, compare, mercado_pago) -> None:
    settle(order.pk, remote(paid(order)), actor="test")
    mercado_pago.get(f"{API}/merchant_orders/23603350837", json=paid(order))
    assert compare() == []


def test_a_reference_that_could_be_ours_but_is_not_is_listed_with_the_first_store(order, paid, compare) -> None:
    assert kinds(compare(paid(order, external_reference="A" * 24), payments=[])) == [("unknown_here", False)]
    assert Difference.objects.get().order is None


def test_what_other_software_sold_is_none_of_our_business(order, paid, compare) -> None:
    assert compare(paid(order, external_reference="SHOP-12"), payments=[]) == []


def test_what_is_not_counted_here_is_listed(order, paid, compare) -> None:
    assert kinds(compare(paid(order, collector={"id": 1}), payments=[])) == [("unknown_here", True)]
    assert kinds(compare(paid(order, collector={"id": 1}), payments=[])) == [("not_counted", False)]


def test_an_answer_that_is_not_understood_is_listed_beside_the_others(order, paid, payment, compare) -> None:
    differences = compare(paid(order), paid(order, payment(2, -1), id=2), payments=[])
    assert kinds(differences) == [("not_understood", False), ("unknown_here", True)]


def test_what_was_made_earlier_and_is_not_understood_since_a_change_is_listed_too(order, paid, payment, mercado_pago):
    mercado_pago.get(SEARCH, json={"elements": None, "total": 0})  # made that day
    mercado_pago.get(SEARCH, json={"elements": [paid(order, payment(2, -1))], "total": 1})  # changed that day
    [made] = audit.compare(Day(order.account, BUENOS_AIRES, DAY), client=connect(order.account))
    assert kinds(list(made.differences.all())) == [("not_understood", False)]


def test_a_paid_order_that_is_not_closed_is_listed_and_closed(order, paid, payment, compare) -> None:
    opened = paid(order, payment(1, 500), status="opened")
    settle(order.pk, remote(opened), actor="test")
    assert kinds(compare(opened)) == [("not_closed", True)]
    order.refresh_from_db()
    assert order.status == "closed"


def test_each_store_has_its_own_list(order, paid, compare, account, mercado_pago) -> None:
    other = OrderFactory.create(pos__store__account=account)
    found(mercado_pago, paid(order, id=1), paid(other, id=2), payments=[])
    made = audit.compare(Day(account, BUENOS_AIRES, DAY), client=connect(account))
    assert {a.store: [d.order for d in a.differences.all()] for a in made} == {
        order.pos.store: [order], other.pos.store: [other],
    }  # fmt: skip


def test_an_order_of_a_store_elsewhere_is_left_to_its_own_day(order, paid, compare, account) -> None:
    elsewhere = StoreFactory.create(account=account, time_zone="America/Santiago")
    other = OrderFactory.create(pos__store=elsewhere)
    assert compare(paid(other)) == []
    assert not MerchantOrder.objects.exists()


def test_nothing_is_written_while_mercado_pago_cannot_be_asked(order, mercado_pago) -> None:
    mercado_pago.get(SEARCH, status=500)
    with time_machine.travel("2026-11-21T12:00:00Z", tick=False):
        Store.objects.update(created_at=timezone.now() - timedelta(days=1))
        tasks.audit_days()
        assert not Audit.objects.exists()
        mercado_pago.replace("GET", SEARCH, json={"elements": None, "total": 0})
        tasks.audit_days()
    assert [a.day for a in Audit.objects.all()] == [DAY]


# --- which days ------------------------------------------------------------------------------------------------------
def test_a_day_is_due_at_three_in_the_morning_of_the_store(store) -> None:
    Store.objects.update(created_at=datetime(2026, 11, 20, 12, tzinfo=UTC))
    three = datetime(2026, 11, 21, 6, tzinfo=UTC)  # 03:00 in Buenos Aires
    assert audit.due(three - timedelta(minutes=1)) == []
    assert [day.date for day in audit.due(three)] == [DAY]


def test_days_of_an_outage_are_caught_up_the_oldest_first(store) -> None:
    Store.objects.update(created_at=datetime(2026, 1, 1, tzinfo=UTC))
    Audit.objects.create(store=store, day=DAY, merchant_orders=0, ours=0, theirs=0)
    days = [day.date.day for day in audit.due(datetime(2026, 11, 23, 12, tzinfo=UTC))]
    assert days == [16, 17, 18, 19, 21, 22]


def test_what_was_compared_while_the_day_was_going_on_is_compared_again_at_night(store) -> None:
    Store.objects.update(created_at=datetime(2026, 11, 20, 12, tzinfo=UTC))
    made = Audit.objects.create(store=store, day=DAY, merchant_orders=0, ours=0, theirs=0)
    night = datetime(2026, 11, 21, 12, tzinfo=UTC)
    Audit.objects.update(done_at=datetime(2026, 11, 20, 18, tzinfo=UTC))
    assert [day.date for day in audit.due(night)] == [DAY]
    Audit.objects.filter(pk=made.pk).update(done_at=datetime(2026, 11, 21, 6, tzinfo=UTC))
    assert audit.due(night) == []


def test_stores_of_one_time_zone_share_a_question(account) -> None:
    for zone in (BUENOS_AIRES, BUENOS_AIRES, "America/Santiago"):
        StoreFactory.create(account=account, time_zone=zone)
    Store.objects.update(created_at=datetime(2026, 11, 20, 12, tzinfo=UTC))
    days = audit.due(datetime(2026, 11, 21, 12, tzinfo=UTC))
    assert sorted(day.time_zone for day in days) == [BUENOS_AIRES, "America/Santiago"]


@pytest.mark.parametrize(
    ("day", "hours"),
    [(date(2026, 9, 5), 24), (date(2026, 9, 6), 23), (date(2026, 4, 4), 25)],
)
def test_in_chile_a_day_may_have_23_or_25_hours(account, day, hours) -> None:
    one = Day(account, "America/Santiago", day)
    assert one.end - one.begin == timedelta(hours=hours)
    assert Day(account, "America/Santiago", day + timedelta(days=1)).begin == one.end


def test_a_day_is_the_one_that_is_closed_where_it_begins_at_six(store, order, paid, mercado_pago) -> None:
    Store.objects.update(day_starts=6, created_at=datetime(2026, 11, 20, 12, tzinfo=UTC))
    store.refresh_from_db()
    nine = datetime(2026, 11, 21, 12, tzinfo=UTC)  # 09:00 in Buenos Aires
    assert audit.due(nine - timedelta(minutes=1)) == []
    [day] = audit.due(nine)
    assert (day.begin, day.end) == store.bounds(DAY)
    found(mercado_pago, paid(order))
    [made] = audit.compare(day, client=connect(order.account))
    assert (made.store, made.day, made.merchant_orders) == (store, DAY, 1)
    asked = mercado_pago.calls[0].request.params
    assert (asked["date_created_from"][:19], asked["date_created_to"][:19]) == (
        "2026-11-20T09:00:00",
        "2026-11-21T09:00:00",
    )


def test_stores_that_begin_their_day_at_different_hours_are_asked_for_apart(account) -> None:
    early, late = (StoreFactory.create(account=account, time_zone=BUENOS_AIRES, day_starts=hour) for hour in (0, 6))
    Store.objects.update(created_at=datetime(2026, 11, 20, 12, tzinfo=UTC))
    assert [day.stores for day in audit.due(datetime(2026, 11, 21, 12, tzinfo=UTC))] == [[early], [late]]


def test_a_day_that_begins_at_six_may_have_23_hours_too(account) -> None:
    assert Day(account, "America/Santiago", date(2026, 9, 5), 6).end == datetime(2026, 9, 6, 9, tzinfo=UTC)
    one = Day(account, "America/Santiago", date(2026, 9, 5), 6)
    assert one.end - one.begin == timedelta(hours=23)


# --- the command -----------------------------------------------------------------------------------------------------
def reconcile(*options: str) -> dict[str, Any]:
    out = StringIO()
    call_command("reconcile", "--json", *options, stdout=out)
    answer: dict[str, Any] = json.loads(out.getvalue())
    return answer


def test_the_command_compares_a_day_and_lists_each_difference(order, paid, mercado_pago) -> None:
    found(mercado_pago, paid(order))
    with time_machine.travel("2026-11-21T12:00:00Z"):
        told = reconcile("--day=2026-11-20")
    assert told["merchant_orders"] == 1
    [difference] = told["differences"]
    assert (difference["what"], difference["order"], difference["healed"]) == (
        "unknown_here", order.external_reference, True,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("day", "why"),
    [("tomorrow", "2026-11-23"), ("", "2026-11-23"), ("2126-01-01", "not begun"), ("2020-01-01", "90 days")],
)
def test_a_day_that_cannot_be_compared_is_refused(order, day, why) -> None:
    with pytest.raises(CommandError, match=why) as refused:
        reconcile(f"--day={day}")
    assert refused.value.returncode == 2
    assert not Audit.objects.exists()


def test_the_command_follows_all_that_changed_also_what_is_closed(order, paid, payment, mercado_pago) -> None:
    settle(order.pk, remote(paid(order, payment(1, 500), id=1)), actor="test")
    found(mercado_pago, paid(order, payment(1, 500), id=1), paid(order, payment(2, 500), id=2))
    assert reconcile()["changed"] == 1
    order.refresh_from_db()
    assert order.payment_status == "overpaid"


def test_an_account_that_fails_is_named_and_the_others_are_followed(order, paid, mercado_pago) -> None:
    other = AccountFactory.create()
    mercado_pago.get(SEARCH, status=401, json={"message": "invalid token"})
    found(mercado_pago)
    out = StringIO()
    with pytest.raises(CommandError, match=f"{order.account}.*invalid token"):
        call_command("reconcile", "--json", stdout=out)
    assert "invalid token" in json.loads(out.getvalue())["error"]
    other.refresh_from_db()
    assert other.swept_until is not None
