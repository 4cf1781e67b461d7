"""Clocks that change and clocks that are wrong, with all of us in one process and its clock in the test's hand.

What is moved is the time that Python says, here and at the simulator alike; not the machine's clock.
"""

from collections import Counter
from datetime import datetime, timedelta

import pytest

from orders.models import Audit, Difference, Order
from orders.states import Status
from receipts.models import Receipt
from simulator import phone
from stores.models import Store
from tests.fuzz.invariants import check_quiet
from tests.fuzz.world import World

pytestmark = pytest.mark.django_db
CHILE = "America/Santiago"  # clocks change at midnight between Saturday and Sunday


def sell(w: World, *, delivers: bool = True) -> None:
    """A whole visit, from the sale to the receipt."""
    items = [{"title": "SUPER", "quantity": "1", "unit_price": "500.00"}]
    assert w.call("POST", "pos/POS1/orders", {"items": items}, key=f"{Order.objects.count()}").status_code == 201
    scan = w.scan("POS1")
    phone.ask(phone._scans[scan])
    w.simulate("POST", f"scans/{scan}/pay", {"outcome": "approved"})
    while delivers and (w.news or w.broker):
        w.news.pop(0)() if w.news else w.work(w.broker.pop(0))


@pytest.fixture
def w():
    with World("manual", "manual", "v1") as world:
        yield world


@pytest.mark.parametrize(
    ("begins", "by_day"),
    [
        ("2027-04-03T22:10:00-03:00", {"2027-04-03": 9, "2027-04-04": 6}),  # the hour from 23 to 24 comes twice
        ("2027-09-04T22:10:00-04:00", {"2027-09-04": 6, "2027-09-05": 9}),  # the hour from 0 to 1 does not come
    ],
)
def test_each_sale_of_a_night_in_which_chiles_clocks_change_is_in_one_day_and_no_day_differs(w, begins, by_day) -> None:
    Store.objects.update(time_zone=CHILE)
    w.clock.move_to(datetime.fromisoformat(begins))
    for _ in range(15):
        sell(w)
        w.wait(minutes=20)
    w.become_quiet()
    for _ in range(2):
        w.wait(days=1)
        w.beat("orders.tasks.audit_days")
    store = Store.objects.get()
    closed = Counter(f"{store.day_at(order.closed_at)}" for order in w.orders() if order.closed_at)
    audited = {f"{audit.day}": audit.merchant_orders for audit in Audit.objects.filter(day__in=by_day)}
    assert closed == audited == by_day
    assert not Difference.objects.exists()
    check_quiet(w)


@pytest.mark.parametrize("hours", [-1, 1, -26, 26])
def test_a_clock_that_jumps_and_jumps_back_loses_no_order_and_no_number(w, hours: int) -> None:
    sell(w)
    w.wait(hours=hours)
    sell(w)
    w.wait(hours=-hours)
    sell(w)
    w.become_quiet()
    assert [order.status for order in w.orders()] == [Status.CLOSED] * 3
    assert sorted(Receipt.objects.values_list("sequence", flat=True)) == [1, 2, 3]
    check_quiet(w)


@pytest.mark.parametrize("hours", [-1, 1])
def test_what_was_paid_while_the_clock_jumped_and_no_news_came_is_found_all_the_same(w, hours: int) -> None:
    sell(w, delivers=False)
    w.news.clear()
    w.broker.clear()
    w.wait(hours=hours)
    before = Order.objects.get().created_at + timedelta(hours=hours)
    w.become_quiet()
    order = Order.objects.get()
    assert order.status == Status.CLOSED
    assert order.closed_at
    assert order.closed_at > before
    check_quiet(w)
