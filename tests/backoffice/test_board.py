"""The forecourt board: what each tile says."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from backoffice.board.looking import look
from backoffice.board.tiles import Tile
from orders.models import Order
from pos.models import PointOfSale
from receipts.models import Printer, PrintJob, Receipt
from stores.models import Store
from tests.factories import OrderFactory, PosFactory, StoreFactory

NOW = datetime.fromisoformat("2026-11-24T18:00:00Z")  # 15:00 in Buenos Aires


def ago(**time: float) -> datetime:
    return NOW - timedelta(**time)


def sell(pos: PointOfSale, closed_at: datetime, **values: Any) -> Order:
    paid: dict[str, Any] = {"status": "closed", "payment_status": "paid", "paid_amount": 500, "closed_at": closed_at}
    order = OrderFactory.create(pos=pos, **paid | values)
    Order.objects.filter(pk=order.pk).update(created_at=closed_at - timedelta(minutes=5))
    return order


def owe(pos: PointOfSale, **values: Any) -> Order:
    order = OrderFactory.create(pos=pos, **{"expires_at": NOW + timedelta(minutes=10)} | values)
    Order.objects.filter(pk=order.pk).update(created_at=ago(minutes=5))
    return order


def tile(pos: PointOfSale, language: str = "en", **changes: Any) -> Tile:
    """What its tile says at NOW, with these fields of the point of sale changed."""
    PointOfSale.objects.filter(pk=pos.pk).update(**changes)
    with translation.override(language):
        [only] = look(Store.objects.select_related("account").get(pk=pos.store_id), NOW).tiles
    return only


# --- the states ------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("changes", "state", "amount", "note"),
    [
        ({}, "idle", "", "Nothing sold yet."),
        ({"status": "in_process"}, "dispensing", "", ""),
        ({"status": "in_process", "amount_so_far": Decimal("350")}, "dispensing", "350.00", ""),
        ({"status": "offline"}, "silent", "", "Its controller says: offline."),
        ({"heartbeat": 30}, "silent", "", "Its controller was never heard of."),
        ({"heartbeat": 30, "status_at": ago(seconds=31)}, "silent", "", "Last heard of: 14:59"),
        ({"heartbeat": 30, "status_at": ago(days=1)}, "silent", "", "Last heard of: Nov 23 15:00"),
        ({"heartbeat": 30, "status_at": ago(seconds=29)}, "idle", "", "Nothing sold yet."),
        ({"heartbeat": 30, "status": "in_process", "status_at": ago(minutes=1)}, "silent", "", "Last heard of: 14:59"),
        ({"is_active": False, "status": "in_process"}, "out", "", "It is switched off."),
        ({"remote_id": None, "registration": "refused"}, "out", "", "At Mercado Pago: refused"),
        ({"remote_id": None, "registration": "pending"}, "out", "", "At Mercado Pago: being registered"),
        ({"registration": "refused"}, "idle", "", "Nothing sold yet."),  # a change was; the code works as before
    ],
)
def test_what_a_point_of_sale_without_orders_says(pos, changes, state: str, amount: str, note: str) -> None:
    said = tile(pos, **changes)
    assert (said.state, said.amount, said.note, said.mark) == (state, amount, note, "")
    assert said.url == f"/admin/pos/pointofsale/{pos.pk}/change/"


@pytest.mark.parametrize("what", ["store", "account"])
def test_a_store_or_an_account_that_is_switched_off_takes_its_points_of_sale_along(pos, what: str) -> None:
    row = pos.store if what == "store" else pos.store.account
    row.is_active = False
    row.save()
    assert (tile(pos).state, tile(pos).note) == ("out", f"The {what} is switched off.")


def test_repeated_reports_do_not_move_the_beginning_of_a_sale(pump, pos) -> None:
    url = f"/api/v1/pos/{pos.external_id}/status"
    pump.put(url, {"status": "in_process"}, format="json")
    began = PointOfSale.objects.get().status_since
    pump.put(url, {"status": "in_process", "amount_so_far": "350.00"}, format="json")
    assert began is not None
    pos.refresh_from_db()
    assert (pos.status_since, pos.status_at > began) == (began, True)
    assert tile(pos).since == int(began.timestamp())
    pump.put(url, {"status": "idle"}, format="json")
    pos.refresh_from_db()
    assert pos.status_since == pos.status_at


@pytest.mark.parametrize(
    ("values", "amount", "note"),
    [
        ({}, "500.00", "Nobody has scanned the code yet."),
        ({"first_served_at": ago(minutes=1)}, "500.00", "A customer sees the amount."),
        ({"payment_status": "partially_paid", "paid_amount": 300}, "200.00", "300.00 of 500.00 are paid."),
        ({"payment_status": "paid", "paid_amount": 500}, "500.00", "Paid, but Mercado Pago has not confirmed it yet."),
    ],
)
def test_an_open_order_waits_with_its_amount_and_its_time(pos, values, amount: str, note: str) -> None:
    order = owe(pos, **values)
    said = tile(pos)
    assert (said.state, said.amount, said.note) == ("waiting", amount, note)
    assert said.url == f"/admin/orders/order/{order.pk}/change/"
    assert (said.since, said.waited) == (int(ago(minutes=5).timestamp()), "5 min 00 s")
    if values.get("payment_status") != "paid":
        assert (said.until, said.left) == (int((NOW + timedelta(minutes=10)).timestamp()), "10 min 00 s")


@pytest.mark.parametrize("remembered", [{"attention": "partially_paid"}, {"set_aside_for": "partially_paid"}])
def test_an_order_that_is_held_open_for_its_part_counts_down_to_nothing(pos, remembered: dict[str, str]) -> None:
    owe(pos, payment_status="partially_paid", paid_amount=300, **remembered)
    said = tile(pos)
    assert (said.amount, said.note) == ("200.00", "Held open, a part is paid: 300.00 of 500.00.")
    assert (said.until, said.left) == (None, "")


def test_an_order_whose_time_is_over_still_stands_there_until_it_has_ended(pos) -> None:
    owe(pos, expires_at=ago(seconds=2))
    said = tile(pos)
    assert (said.state, said.note, said.until) == ("waiting", "Its time is over; Mercado Pago is being asked.", None)


def test_a_silent_controller_does_not_hide_that_a_customer_pays(pos) -> None:
    owe(pos)
    said = tile(pos, status="offline")
    assert (said.state, said.detail) == ("waiting", "Its controller is silent.")


def test_what_was_paid_is_shown_for_two_minutes_and_remembered_then(pos) -> None:
    order = sell(pos, ago(seconds=119))
    said = tile(pos)
    assert (said.state, said.amount, said.detail) == ("paid", "500.00", "")
    assert said.url == f"/admin/orders/order/{order.pk}/change/"
    Order.objects.update(closed_at=ago(seconds=120))
    said = tile(pos)
    assert (said.state, said.note) == ("idle", "Last sale: 500.00, 14:58")
    assert said.url == f"/admin/pos/pointofsale/{pos.pk}/change/"


def test_the_next_sale_comes_before_the_last_one_that_was_paid(pos) -> None:
    sell(pos, ago(seconds=5))
    assert tile(pos, status="in_process").state == "dispensing"
    owe(pos)
    assert tile(pos, status="idle").state == "waiting"


def test_a_sale_that_nobody_paid_is_told_of_for_a_while(pos) -> None:
    sell(pos, ago(hours=1))
    OrderFactory.create(pos=pos, status="expired", expires_at=ago(minutes=9))
    assert (tile(pos).state, tile(pos).note) == ("idle", "Not paid: 500.00, expired 14:51")
    Order.objects.filter(status="expired").update(expires_at=ago(minutes=10))
    assert tile(pos).note == "Last sale: 500.00, 14:00"


@pytest.mark.parametrize(
    ("job", "detail", "mark"),
    [
        ({"state": "printed"}, "Receipt 0001-00000007 · printed", ""),
        ({"state": "queued"}, "Receipt 0001-00000007 · waiting", ""),
        (
            {"state": "queued", "trouble": "paper_out"},
            "Receipt 0001-00000007",
            "Receipt waiting: the printer is out of paper",
        ),
        (
            {"state": "unknown", "trouble": "broke_off"},
            "Receipt 0001-00000007",
            "Receipt perhaps printed: the connection broke off while it printed",
        ),
        ({"state": "failed", "trouble": "lost", "decided_by": "ana"}, "Receipt 0001-00000007 · not printed", ""),
    ],
)
def test_what_was_paid_says_how_its_receipt_stands(pos, job: dict[str, str], detail: str, mark: str) -> None:
    order = sell(pos, ago(seconds=5))
    assert tile(pos).detail == ""
    receipt = Receipt.objects.create(
        order=order, store=pos.store, sequence=7, number="0001-00000007", content={}, issued_at=NOW
    )
    assert tile(pos).detail == "Receipt 0001-00000007"
    printer = Printer.objects.create(store=pos.store, name="Counter", host="printer")
    PrintJob.objects.create(printer=printer, receipt=receipt, actor="automatic", **job)
    said = tile(pos)
    assert (said.state, said.detail, said.mark) == ("paid", detail, mark)


def test_what_needs_a_look_marks_the_tile_and_leads_there(pos) -> None:
    first = sell(pos, ago(days=2), attention="overpaid")
    said = tile(pos)
    assert (said.state, said.mark) == ("idle", "paid twice or too much")
    assert said.url == f"/admin/orders/order/{first.pk}/change/"
    second = sell(pos, ago(days=1), attention="charged_back")
    said = tile(pos)
    assert said.mark == "2 orders need a look, the newest: 500.00, Nov 23 14:55"
    assert said.url == f"/admin/orders/order/{second.pk}/change/"
    third = owe(pos)
    assert (tile(pos).state, tile(pos).url) == ("waiting", f"/admin/orders/order/{third.pk}/change/")


@pytest.mark.parametrize("state", ["waiting", "paid", "idle", "dispensing"])
def test_an_older_alarm_is_not_hung_on_the_sale_of_now(pos, state: str) -> None:
    older = sell(pos, ago(days=1), attention="overpaid")
    now = owe(pos) if state == "waiting" else sell(pos, ago(minutes=1 if state == "paid" else 5))
    said = tile(pos, status="in_process" if state == "dispensing" else "idle")
    assert said.state == state
    assert said.mark == "Another order needs a look (500.00, Nov 23 14:55): paid twice or too much"
    assert older.external_reference not in said.mark
    Order.objects.filter(pk=older.pk).update(attention=None)
    Order.objects.filter(pk=now.pk).update(attention="in_mediation")
    assert tile(pos, status="idle").mark == "the customer disputes a payment"


def test_a_refused_change_marks_the_tile_of_a_point_of_sale_that_works(pos) -> None:
    said = tile(pos, registration="refused", registration_message="name is too long")
    assert (said.state, said.mark) == ("idle", "Mercado Pago refuses a change of it")


@pytest.mark.parametrize(
    ("language", "site", "amount"),
    [("en", "MLA", "12,600.00"), ("es", "MLA", "12.600,00"), ("es", "MLM", "12,600.00"), ("es", "MLC", "12.600"),
     ("pt-br", "MLB", "12.600,00"), ("pt-br", "MLA", "12.600,00")],
)  # fmt: skip
def test_amounts_are_written_as_the_reader_writes_them(pos, language: str, site: str, amount: str) -> None:
    account = pos.store.account
    account.site_code = site
    account.save()
    owe(pos, total_amount=12600)
    assert tile(pos, language).amount == amount


def test_pump_2_stands_before_pump_10_and_what_is_switched_off_keeps_its_place(store) -> None:
    for name, is_active in (("Pump 10", True), ("pump 2", True), ("Pump 1", False), ("Air", True)):
        PosFactory.create(store=store, name=name, is_active=is_active)
    assert [one.name for one in look(store, NOW).tiles] == ["Air", "Pump 1", "pump 2", "Pump 10"]


def test_the_day_of_sales_begins_at_the_stores_midnight(pos) -> None:
    sell(pos, datetime.fromisoformat("2026-11-24T03:00:00Z"))
    sell(pos, datetime.fromisoformat("2026-11-24T02:59:59Z"))
    sell(PosFactory.create(), NOW)  # another store's
    owe(pos)
    with translation.override("en"):
        assert look(pos.store, NOW).today == "Sold today: 1, 500.00 ARS"


# --- a whole store ---------------------------------------------------------------------------------------------------
def _busy(store: Store, count: int) -> None:
    printer = Printer.objects.create(store=store, name="Counter", host="printer")
    for number in range(count):
        pos = PosFactory.create(store=store)
        order = sell(pos, timezone.now(), attention="overpaid")
        receipt = Receipt.objects.create(
            order=order, store=store, sequence=number, number=str(number), content={}, issued_at=NOW
        )
        PrintJob.objects.create(printer=printer, receipt=receipt, actor="automatic", state="printed")
        owe(PosFactory.create(store=store), payment_status="partially_paid", paid_amount=100)


def test_so_many_queries_however_many_points_of_sale(account) -> None:
    needed = []
    for count in (1, 15):
        store = StoreFactory.create(account=account)
        _busy(store, count)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert len(look(store, timezone.now()).tiles) == 2 * count
        needed.append(len(queries))
    assert needed == [6, 6]
