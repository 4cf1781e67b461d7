"""What counts as wrong: each kind from just when it does, and what looks like it and is not."""

from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from backoffice.alarms import finding, words
from backoffice.alarms.finding import find
from backoffice.cases import queue
from backoffice.models import Alarm, AlarmKind, Case
from notifications.models import Notification
from orders.models import Order, Payment
from orders.settlement import settle
from pos.models import PointOfSale
from receipts.models import Printer, PrintJob
from receipts.services import issue
from stores.models import Account, Store
from tests.factories import OrderFactory, PosFactory
from tests.orders.conftest import remote

NOW = "2026-11-24T15:00:00+00:00"  # a Tuesday: noon in Buenos Aires
pytestmark = pytest.mark.django_db


def ago(**much: float) -> datetime:
    return timezone.now() - timedelta(**much)


def subjects(kind: AlarmKind) -> list[str]:
    return [one.subject for one in find(timezone.now())[kind] if one.is_long]


def deliver(account: Account, outcome: str, received_at: datetime, *, waits: bool = True) -> None:
    news = Notification.objects.create(
        account=account, headers={}, query="", body=b"", verdict="absent", topic="merchant_order", outcome=outcome,
        next_attempt_at=timezone.now() if waits else None,
    )  # fmt: skip
    Notification.objects.filter(pk=news.pk).update(received_at=received_at)


@pytest.fixture
def paid_there(order: Order, paid: Any, payment: Any) -> Order:
    """Mercado Pago reports the payment, but has not closed its merchant order: ours stays open."""
    Order.objects.update(next_check_at=timezone.now(), first_served_at=timezone.now())
    body = paid(order, payment(1, 500, date_approved=timezone.now().isoformat())) | {"status": "opened"}
    return settle(order.pk, remote(body), actor="test")


def test_all_is_well(order: Order) -> None:
    assert {kind for kind, found in find(timezone.now()).items() if found} == set()
    assert set(find(timezone.now())) == set(AlarmKind)


# --- money ------------------------------------------------------------------------------------------------------------
@time_machine.travel(NOW, tick=False)
@pytest.mark.parametrize(("seconds", "is_wrong"), [(119, False), (121, True)])
def test_paid_there_and_open_here_for_more_than_two_minutes(paid_there: Order, seconds: int, is_wrong: bool) -> None:
    assert (paid_there.status, paid_there.payment_status) == ("open", "paid")
    Payment.objects.update(approved_at=ago(seconds=seconds))
    assert subjects(AlarmKind.PAID_NOT_CLOSED) == [f"order {paid_there.pk}"] * is_wrong


@time_machine.travel(NOW, tick=False)
def test_an_order_that_closes_is_well_again(paid_there: Order) -> None:
    Payment.objects.update(approved_at=ago(minutes=3))
    Order.objects.update(status="closed", closed_at=timezone.now(), next_check_at=None)
    assert subjects(AlarmKind.PAID_NOT_CLOSED) == []


@pytest.mark.parametrize(
    ("reason", "kind"),
    [("refund_failed", AlarmKind.REFUND_FAILED), ("charged_back", AlarmKind.DISPUTED), ("overpaid", None)],
)
def test_what_cannot_wait_half_an_hour_is_wrong_at_once(order: Order, reason: str, kind: AlarmKind | None) -> None:
    Order.objects.update(attention=reason)
    queue.look()
    found = find(timezone.now())
    wrong = {name for name in (AlarmKind.REFUND_FAILED, AlarmKind.DISPUTED, AlarmKind.WAITS) if found[name]}
    assert wrong == ({kind} if kind else set())


@pytest.mark.parametrize(("minutes", "is_wrong"), [(29, False), (31, True)])
def test_what_waits_longer_than_half_an_hour_is_one_alarm_for_each_store(order: Order, minutes, is_wrong) -> None:
    other = OrderFactory.create(pos=PosFactory.create(store=order.pos.store))
    Order.objects.update(attention="overpaid")
    queue.look()
    Case.objects.update(since=ago(minutes=minutes))
    assert other.pos.store == order.pos.store
    found = find(timezone.now())[AlarmKind.WAITS]
    assert [(one.subject, one.values) for one in found] == [(f"store {order.pos.store_id}", {"count": 2})] * is_wrong


# --- Mercado Pago -----------------------------------------------------------------------------------------------------
@time_machine.travel(NOW, tick=False)
@pytest.mark.parametrize(("sold", "heard", "is_wrong"), [(11, 22, True), (9, 22, False), (11, 12, False)])
def test_sales_without_notifications_are_noticed(pos: PointOfSale, sold: int, heard: int, is_wrong: bool) -> None:
    OrderFactory.create(pos=pos, status="closed", closed_at=ago(minutes=sold))
    deliver(pos.store.account, "processed", ago(minutes=heard), waits=False)
    assert subjects(AlarmKind.NO_NEWS) == [f"account {pos.store.account_id}"] * is_wrong


@pytest.mark.parametrize(
    ("outcome", "minutes", "waits", "kind"),
    [
        ("failed", 11, True, AlarmKind.NEWS_FAILS),
        ("failed", 9, True, None),
        ("failed", 11, False, None),  # given up: the queue of what waits has it
        ("unmatched", 11, True, None),  # of another system that uses the account
        ("received", 3, True, AlarmKind.BEHIND),
        ("received", 1, True, None),
        ("processed", 11, False, None),
    ],
)
def test_notifications_that_are_not_followed_are_noticed(account, outcome, minutes, waits, kind) -> None:
    deliver(account, outcome, ago(minutes=minutes), waits=waits)
    found = find(timezone.now())
    assert {one for one in (AlarmKind.NEWS_FAILS, AlarmKind.BEHIND) if found[one]} == ({kind} if kind else set())


def test_a_token_that_mercado_pago_refuses(account: Account) -> None:
    Account.objects.update(credentials="wrong_token", credentials_note={"text": "Renew it.", "values": {}})
    [found] = find(timezone.now())[AlarmKind.TOKEN]
    alarm = Alarm(kind=AlarmKind.TOKEN, label=found.label, subject=found.subject, values=found.values)
    assert words.sentence(alarm).endswith("ends soon. Renew it.")
    Account.objects.update(is_active=False)
    assert subjects(AlarmKind.TOKEN) == []


# --- stations ---------------------------------------------------------------------------------------------------------
@time_machine.travel(NOW, tick=False)
@pytest.mark.parametrize(
    ("values", "is_wrong"),
    [
        ({"status": "offline", "status_at": 0, "status_since": 6}, True),
        ({"status": "offline", "status_at": 0, "status_since": 4}, False),
        ({"heartbeat": 60, "status_at": 6.1}, True),
        ({"heartbeat": 60, "status_at": 5.9}, False),
        ({"heartbeat": 60, "status_at": None}, False),  # it was never there
        ({"heartbeat": None, "status_at": 999}, False),
        ({"status": "offline", "status_at": 9, "status_since": 9, "is_active": False}, False),
    ],
)
def test_a_controller_that_is_silent_for_long(store: Store, values: dict[str, Any], is_wrong: bool) -> None:
    for name in {"status_at", "status_since"} & {*values}:
        values[name] = None if values[name] is None else ago(minutes=values[name])
    pos = PosFactory.create(store=store, **values)
    assert subjects(AlarmKind.POS_SILENT) == [f"pos {pos.pk}"] * is_wrong


@time_machine.travel(NOW, tick=False)
@pytest.mark.parametrize(
    ("slots", "is_wrong"),
    [([{"open": "08:00", "close": "13:00"}], True), ([{"open": "13:00", "close": "18:00"}], False), ([], False)],
)
def test_a_controller_may_be_off_while_its_store_is_closed(store: Store, slots, is_wrong) -> None:
    Store.objects.update(business_hours={"tuesday": slots, "monday": [{"open": "00:00", "close": "23:59"}]})
    PosFactory.create(store=store, status="offline", status_at=ago(minutes=9), status_since=ago(minutes=9))
    assert bool(subjects(AlarmKind.POS_SILENT)) == is_wrong


@pytest.mark.parametrize(("minutes", "is_wrong"), [(4, False), (6, True)])
def test_a_printer_that_cannot_print_for_long(store: Store, minutes: int, is_wrong: bool) -> None:
    one = Printer.objects.create(
        store=store, name="Kiosk", host="printer", state="paper_out", state_since=ago(minutes=minutes)
    )
    assert subjects(AlarmKind.PRINTER) == [f"printer {one.pk}"] * is_wrong


@pytest.fixture
def closed(order: Order) -> Order:
    Order.objects.update(status="closed", closed_at=ago(minutes=6), payment_status="paid")
    return Order.objects.with_site().get()


@pytest.mark.parametrize(
    ("minutes", "state", "is_wrong"), [(4, "ready", False), (6, "ready", True), (6, "offline", False)]
)
def test_receipts_that_lie_before_a_printer_that_seems_well(closed: Order, minutes, state, is_wrong) -> None:
    one = Printer.objects.create(store=closed.pos.store, name="Kiosk", host="printer", state=state)
    PrintJob.objects.create(receipt=issue(closed), printer=one, actor="eva")
    PrintJob.objects.update(created_at=ago(minutes=minutes))
    assert subjects(AlarmKind.NOT_PRINTED) == [f"printer {one.pk}"] * is_wrong


def test_a_paid_order_without_a_receipt(closed: Order) -> None:
    assert subjects(AlarmKind.NOT_DRAWN) == [f"store {closed.pos.store_id}"]
    Order.objects.update(closed_at=ago(minutes=4))
    assert subjects(AlarmKind.NOT_DRAWN) == []


# --- all of it --------------------------------------------------------------------------------------------------------
def test_one_that_cannot_be_looked_for_does_not_hide_the_others(account, monkeypatch, caplog) -> None:
    def broken(now: datetime) -> Any:
        raise RuntimeError("oh")

    monkeypatch.setitem(finding.FINDERS, AlarmKind.WAITS, broken)
    Account.objects.update(credentials="wrong_token")
    found = find(timezone.now())
    assert AlarmKind.WAITS not in found
    assert found[AlarmKind.TOKEN]
    assert "could not be looked for" in caplog.text


def test_a_round_asks_no_more_for_more_stores_and_orders(paid_there: Order) -> None:
    def asked() -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            find(timezone.now())
        return len(queries)

    Payment.objects.update(approved_at=ago(minutes=3))
    PosFactory.create(status="offline", status_at=ago(minutes=9), status_since=ago(minutes=9))
    before = asked()
    for pos in PosFactory.create_batch(5, status="offline", status_at=ago(minutes=9), status_since=ago(minutes=9)):
        OrderFactory.create(pos=pos)
    assert asked() == before
    assert before <= 14
