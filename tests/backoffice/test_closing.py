"""Close of day: frozen figures, a line for each difference, late news beside them, opened again with a reason."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from decimal import Decimal
from threading import Barrier
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, connection

from backoffice.closing import differences, figures, pumps, services
from backoffice.closing.figures import HandedIn
from backoffice.closing.gathering import Span
from backoffice.models import Closing, LineKind, Reopening, Shift
from orders.errors import Refused
from pos.models import PointOfSale
from stores.models import Store
from tests.backoffice.days import at, give_back, pay, sell
from tests.factories import PosFactory

DAY = date(2026, 11, 20)
NOON, EVE, LATER = at("2026-11-20 12:00"), at("2026-11-19 23:58"), at("2026-11-21 00:03")


@pytest.fixture(autouse=True)
def next_morning():
    with time_machine.travel(at("2026-11-21 08:00"), tick=True):
        yield


def look(store: Store) -> services.Standing:
    return services.look(Span(store, *store.bounds(DAY)), day=DAY)


def told(store: Store) -> list[Any]:
    standing = look(store)
    whole = figures.total(standing.figures)
    money = sum((line.amount for line in standing.lines if line.kind in differences.MONEY), Decimal(0))
    assert money == whole.difference  # the lines explain all of it, and nothing twice
    return [(line.kind, line.amount) for line in standing.lines]


def test_a_day_on_which_everything_was_paid_has_no_differences(store: Store, pos: PointOfSale) -> None:
    for _ in range(3):
        pay(sell(pos, "500.00", closed=NOON), "500.00", approved=NOON)
    standing = look(store)
    assert standing.lines == []
    [row] = standing.figures
    assert [row.orders, row.sold, row.payments, row.paid, row.kept] == [3, 1500, 3, 1500, 1500]


def test_sales_are_counted_by_point_of_sale(store: Store, pos: PointOfSale) -> None:
    other = PosFactory.create(store=store, name="Pump 2")
    pay(sell(pos, "500.00", closed=NOON), "500.00", approved=NOON)
    pay(sell(other, "70.50", closed=NOON), "70.50", approved=NOON)
    assert [(one.name, one.sold) for one in look(store).figures] == [(str(pos), 500), (str(other), Decimal("70.50"))]


def test_other_stores_do_not_count(store: Store, pos: PointOfSale) -> None:
    pay(sell(PosFactory.create(), "500.00", closed=NOON), "500.00", approved=NOON)
    assert figures.total(look(store).figures).payments == 0


def test_an_order_paid_before_midnight_and_closed_after_it(store: Store, pos: PointOfSale) -> None:
    pay(sell(pos, "500.00", closed=at("2026-11-20 00:01")), "500.00", approved=EVE)
    assert told(store) == [(LineKind.PAID_BEFORE, -500)]


def test_an_order_closed_in_the_day_and_paid_after_its_end(store: Store, pos: PointOfSale) -> None:
    pay(sell(pos, "500.00", closed=at("2026-11-20 23:59")), "500.00", approved=LATER)
    assert told(store) == [(LineKind.PAID_AFTER, -500)]


def test_a_payment_whose_order_is_closed_after_midnight(store: Store, pos: PointOfSale) -> None:
    payment = pay(sell(pos, "500.00", closed=LATER), "500.00", approved=at("2026-11-20 23:59"))
    assert told(store) == [(LineKind.CLOSED_AFTER, 500)]
    assert [line.payment_id for line in look(store).lines] == [payment.pk]


def test_a_second_payment_of_yesterdays_order(store: Store, pos: PointOfSale) -> None:
    order = sell(pos, "500.00", closed=EVE)
    pay(order, "500.00", approved=EVE)
    pay(order, "500.00", approved=NOON)
    assert told(store) == [(LineKind.CLOSED_BEFORE, 500)]


def test_an_order_paid_twice(store: Store, pos: PointOfSale) -> None:
    order = sell(pos, "500.00", closed=NOON)
    pay(order, "500.00", approved=NOON)
    pay(order, "500.00", approved=NOON)
    assert told(store) == [(LineKind.OVERPAID, 500)]


def test_an_order_closed_without_a_payment(store: Store, pos: PointOfSale) -> None:
    sell(pos, "500.00", closed=NOON)
    assert told(store) == [(LineKind.NO_PAYMENT, -500)]


def test_an_order_closed_and_not_paid_in_full(store: Store, pos: PointOfSale) -> None:
    pay(sell(pos, "500.00", closed=NOON), "499.90", approved=NOON)
    assert told(store) == [(LineKind.PAID_SHORT, Decimal("-0.10"))]


def test_one_order_can_differ_for_several_reasons(store: Store, pos: PointOfSale) -> None:
    order = sell(pos, "500.00", closed=NOON)
    for amount, moment in (("200.00", EVE), ("100.00", LATER), ("150.00", NOON)):
        pay(order, amount, approved=moment)
    assert told(store) == [
        (LineKind.PAID_BEFORE, -200), (LineKind.PAID_AFTER, -100), (LineKind.PAID_SHORT, -50),
    ]  # fmt: skip


def test_an_order_that_is_paid_and_still_open(store: Store, pos: PointOfSale) -> None:
    with time_machine.travel(NOON):
        order = sell(pos, "500.00", closed=None, status="open")
    pay(order, "500.00", approved=NOON)
    assert told(store) == [(LineKind.STILL_OPEN, 500), (LineKind.OPEN_ORDER, 500)]


def test_money_for_a_canceled_order(store: Store, pos: PointOfSale) -> None:
    pay(sell(pos, "500.00", closed=None, status="canceled"), "500.00", approved=NOON)
    assert told(store) == [(LineKind.SOLD_NOTHING, 500)]


def test_rejected_payments_are_no_money(store: Store, pos: PointOfSale) -> None:
    pay(sell(pos, "500.00", closed=None, status="canceled"), "500.00", approved=NOON, status="rejected")
    assert told(store) == []


def test_refunds_count_on_their_own_day(store: Store, pos: PointOfSale) -> None:
    yesterdays = pay(sell(pos, "500.00", closed=EVE), "500.00", approved=EVE)
    todays = pay(sell(pos, "300.00", closed=NOON), "300.00", approved=NOON)
    other = give_back(yesterdays, "200.00", made=NOON)
    give_back(todays, "50.00", made=NOON)
    standing = look(store)
    assert [(line.kind, line.amount, line.refund_id) for line in standing.lines] == [
        (LineKind.REFUND_OF_OTHER_DAY, -200, other.pk)
    ]
    assert [standing.figures[0].refunds, standing.figures[0].refunded, standing.figures[0].kept] == [2, 250, 50]


def test_what_was_refunded_elsewhere_and_what_was_charged_back(store: Store, pos: PointOfSale) -> None:
    outside = pay(sell(pos, "500.00", closed=NOON), "500.00", approved=NOON, refunded="120.00")
    back = pay(sell(pos, "300.00", closed=NOON), "300.00", approved=NOON, status="charged_back")
    give_back(outside, "30.00", made=NOON)
    assert told(store) == [(LineKind.REFUNDED_OUTSIDE, -120), (LineKind.CHARGED_BACK, -300)]
    row = look(store).figures[0]
    assert [row.refunded, row.charged_back, row.kept] == [150, 300, 350]
    assert [line.payment_id for line in look(store).lines] == [outside.pk, back.pk]


def test_pump_totals_are_compared_with_what_the_orders_say(store: Store, pos: PointOfSale) -> None:
    other, third = (PosFactory.create(store=store, name=f"Pump {n}") for n in (2, 3))
    for one in (pos, other, third):
        pay(sell(one, "500.00", closed=NOON), "500.00", approved=NOON)
    right, wrong = HandedIn(Decimal("500.00"), Decimal("12.5")), HandedIn(Decimal("520.00"), None)
    pumps.hand_in(store, DAY, {pos.pk: right, other.pk: wrong}, actor="ana")
    assert told(store) == [(LineKind.PUMP, 20), (LineKind.NOT_HANDED_IN, -500)]
    assert look(store).figures[0].volume == Decimal("12.5")


def test_a_pump_of_another_store_cannot_be_handed_in(store: Store) -> None:
    other = PosFactory.create()
    pumps.hand_in(store, DAY, {other.pk: HandedIn(Decimal(5), None)}, actor="ana")
    assert pumps.totals(other.store, DAY) == {}


def test_a_day_is_the_sum_of_its_shifts_unless_it_says_otherwise(store: Store, pos: PointOfSale) -> None:
    for hour, amount in ((6, "200.00"), (14, "300.00")):
        with time_machine.travel(at(f"2026-11-20 {hour:02}:00")):
            shift = services.open_shift(store, actor="ana")
            pumps.hand_in(store, DAY, {pos.pk: HandedIn(Decimal(amount), Decimal(1))}, actor="ana", shift=shift)
            services.close_shift(shift, actor="ana")
    assert pumps.totals(store, DAY) == {pos.pk: HandedIn(Decimal("500.00"), Decimal(2))}
    pumps.hand_in(store, DAY, {pos.pk: HandedIn(Decimal("501.00"), None)}, actor="ana")
    assert pumps.totals(store, DAY)[pos.pk].amount == 501


def test_what_is_closed_does_not_change(store: Store, pos: PointOfSale) -> None:
    pay(sell(pos, "500.00", closed=NOON), "500.00", approved=NOON)
    closing = services.close_day(store, DAY, actor="ana")
    kept = dict(Closing.objects.values("figures", "entries").get())
    late = pay(sell(pos, "80.00", closed=at("2026-11-20 23:59")), "80.00", approved=at("2026-11-20 23:59"))
    news = services.compare(closing)
    assert [(line.kind, line.amount) for line in news] == [(LineKind.LATE_ORDER, 80), (LineKind.LATE_PAYMENT, 80)]
    assert news[1].payment_id == late.pk
    closing.refresh_from_db()
    assert closing.differs
    assert {"figures": closing.figures, "entries": closing.entries} == kept


def test_late_refunds_and_chargebacks_stand_beside_the_close(store: Store, pos: PointOfSale) -> None:
    payment = pay(sell(pos, "500.00", closed=NOON), "500.00", approved=NOON)
    other = pay(sell(pos, "300.00", closed=NOON), "300.00", approved=NOON)
    closing = services.close_day(store, DAY, actor="ana")
    assert services.compare(closing) == []
    assert not closing.differs
    refund = give_back(payment, "100.00", made=at("2026-11-20 23:50"))
    other.status = "charged_back"
    other.save()
    news = services.compare(closing)
    assert [(line.kind, line.amount) for line in news] == [
        (LineKind.LATE_REFUND, -100), (LineKind.LATE_CHARGEBACK, -300),
    ]  # fmt: skip
    assert news[0].refund_id == refund.pk


def test_a_payment_that_is_taken_back_is_gone(store: Store, pos: PointOfSale) -> None:
    payment = pay(sell(pos, "500.00", closed=NOON), "500.00", approved=NOON)
    closing = services.close_day(store, DAY, actor="ana")
    payment.status = "cancelled"
    payment.save()
    assert [(line.kind, line.amount) for line in services.compare(closing)] == [(LineKind.GONE, -500)]


def test_a_refund_of_the_next_day_is_no_news_of_this_one(store: Store, pos: PointOfSale) -> None:
    payment = pay(sell(pos, "500.00", closed=NOON), "500.00", approved=NOON)
    closing = services.close_day(store, DAY, actor="ana")
    give_back(payment, "100.00", made=at("2026-11-21 09:00"))
    assert services.compare(closing) == []


def test_a_close_is_compared_ever_less_often_and_not_for_ever(store: Store) -> None:
    closing = services.close_day(store, DAY, actor="ana")
    gaps = []
    for age in (timedelta(hours=1), timedelta(days=10), timedelta(days=201)):
        with time_machine.travel(closing.closed_at + age, tick=False):
            services.compare(closing)
            closing.refresh_from_db()
            gaps.append(closing.compare_at and closing.compare_at - closing.closed_at - age)
    assert gaps == [timedelta(minutes=5), timedelta(hours=12), None]


def test_a_day_is_closed_once(store: Store) -> None:
    services.close_day(store, DAY, actor="ana")
    with pytest.raises(Refused, match="by ana"):
        services.close_day(store, DAY, actor="bea")
    assert Closing.objects.count() == 1


def test_a_day_that_is_not_over_is_closed_only_when_that_is_said(store: Store) -> None:
    today = date(2026, 11, 21)
    with pytest.raises(Refused, match="not over"):
        services.close_day(store, today, actor="ana")
    assert not Closing.objects.exists()
    with pytest.raises(Refused, match="not begun"):
        services.close_day(store, today + timedelta(days=1), actor="ana", early=True)
    assert services.close_day(store, today, actor="ana", early=True).day == today


def test_a_day_is_opened_again_with_a_reason_and_closed_as_a_further_version(store: Store, pos: PointOfSale) -> None:
    first = services.close_day(store, DAY, actor="ana")
    with pytest.raises(Refused):
        services.reopen(first, actor="bea", reason="  ")
    assert not Reopening.objects.exists()
    services.reopen(first, actor="bea", reason="pump 2 was misread")
    with pytest.raises(Refused):
        services.reopen(first, actor="bea", reason="again")
    pay(sell(pos, "500.00", closed=NOON), "500.00", approved=NOON)
    second = services.close_day(store, DAY, actor="bea")
    assert [(one.version, one.figures[0]["sold"]) for one in (first, second)] == [(1, "0"), (2, "500.00")]
    reopening = Reopening.objects.get()
    assert (reopening.closing, reopening.actor, reopening.reason) == (first, "bea", "pump 2 was misread")
    assert list(Closing.objects.in_force()) == [second]


def test_what_was_closed_can_be_neither_changed_nor_deleted(store: Store, pos: PointOfSale) -> None:
    sell(pos, "500.00", closed=NOON)
    closing = services.close_day(store, DAY, actor="ana")
    reopening = services.reopen(closing, actor="bea", reason="misread")
    for row in (closing, closing.lines.get(), reopening):
        with pytest.raises(TypeError):
            row.save()
        with pytest.raises(TypeError):
            row.delete()


def test_a_sum_compares_only_where_all_pumps_that_sold_handed_in(store: Store, pos: PointOfSale) -> None:
    other = PosFactory.create(store=store, name="Pump 2")
    PosFactory.create(store=store, name="Pump 3")  # sold nothing
    for one in (pos, other):
        sell(one, "500.00", closed=NOON)
    pumps.hand_in(store, DAY, {pos.pk: HandedIn(Decimal("510.00"), None)}, actor="ana")
    whole = figures.total(look(store).figures)
    assert [whole.handed_in, whole.pump_difference, whole.sold] == [510, None, 1000]
    pumps.hand_in(store, DAY, {other.pk: HandedIn(Decimal("499.00"), None)}, actor="ana")
    whole = figures.total(look(store).figures)
    assert [whole.handed_in, whole.pump_difference, whole.sold] == [1009, 9, 1000]


def test_pump_totals_of_a_closed_day_are_not_changed(store: Store, pos: PointOfSale) -> None:
    services.close_day(store, DAY, actor="ana")
    with pytest.raises(Refused):
        pumps.hand_in(store, DAY, {pos.pk: HandedIn(Decimal(5), None)}, actor="ana")
    assert pumps.totals(store, DAY) == {}


def test_one_shift_runs_at_a_time_and_a_day_waits_for_it(store: Store) -> None:
    with time_machine.travel(NOON):
        shift = services.open_shift(store, actor="ana")
        with pytest.raises(Refused, match="ana"):
            services.open_shift(store, actor="bea")
    with pytest.raises(Refused, match="shift"):
        services.close_day(store, DAY, actor="carla")
    services.close_shift(shift, actor="ana")
    services.close_day(store, DAY, actor="carla")
    assert Shift.objects.count() == 1


def test_a_shift_counts_what_happened_in_it(store: Store, pos: PointOfSale) -> None:
    pay(sell(pos, "100.00", closed=at("2026-11-20 05:59")), "100.00", approved=at("2026-11-20 05:58"))
    with time_machine.travel(at("2026-11-20 06:00")):
        shift = services.open_shift(store, actor="ana")
    pay(sell(pos, "500.00", closed=NOON), "500.00", approved=NOON)
    with time_machine.travel(at("2026-11-20 14:00")):
        closing = services.close_shift(shift, actor="ana")
    assert [one["sold"] for one in closing.figures] == ["500.00"]


def test_a_shift_of_a_closed_day_is_not_opened_again_alone(store: Store) -> None:
    with time_machine.travel(NOON):
        shift = services.open_shift(store, actor="ana")
        closing = services.close_shift(shift, actor="ana")
    whole = services.close_day(store, DAY, actor="ana")
    with pytest.raises(Refused):
        services.reopen(closing, actor="bea", reason="misread")
    services.reopen(whole, actor="bea", reason="misread")
    services.reopen(closing, actor="bea", reason="misread")
    again = services.close_shift(shift, actor="bea")
    assert (again.version, again.end) == (2, closing.end)


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_of_two_people_who_close_at_once_one_wins() -> None:
    store = PosFactory.create().store
    ready = Barrier(2)

    def close(name: str) -> str:
        ready.wait()
        try:
            services.close_day(store, DAY, actor=name)
        except (Refused, IntegrityError) as error:
            return type(error).__name__
        finally:
            connection.close()
        return "closed"

    with ThreadPoolExecutor(2) as threads:
        assert sorted(threads.map(close, ("ana", "bea"))) == ["Refused", "closed"]  # without the lock: IntegrityError
    assert Closing.objects.count() == 1
