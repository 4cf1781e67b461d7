"""One row for each thing that is wrong; people are told at its beginning, now and then, and at its end."""

from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import User
from django.db import connection
from django.utils import timezone

from backoffice import roles
from backoffice.alarms import heartbeat, rounds, snoozing
from backoffice.models import Alarm, AlarmMessage, AlarmRecipient, Heartbeat
from backoffice.roles import Role
from pos.models import PointOfSale
from receipts.models import Printer
from stores.models import Account, Store
from tests.factories import AccountFactory, PosFactory, StoreFactory

pytestmark = pytest.mark.django_db
START = datetime.fromisoformat("2026-11-24T15:00:00+00:00")

Clock = Callable[[float], None]


@pytest.fixture
def boss(db: None) -> User:
    user = User.objects.create_user("boss", email="boss@example.com", is_staff=True)
    roles.give(user, Role.CHAIN_ADMINISTRATOR)
    AlarmRecipient.objects.create(user=user, language="en")
    return user


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Any:
    """`at(minutes)`: a round that many minutes after the start."""
    with time_machine.travel(START, tick=False) as traveller:

        def make(minutes: float) -> None:
            traveller.move_to(START + timedelta(minutes=minutes))
            rounds.make(timezone.now())

        yield make


def goes_silent(pos: PointOfSale) -> None:
    long_ago = START - timedelta(hours=1)
    PointOfSale.objects.filter(pk=pos.pk).update(status="offline", status_at=long_ago, status_since=long_ago)


def reports(pos: PointOfSale) -> None:
    PointOfSale.objects.filter(pk=pos.pk).update(status="idle", status_at=timezone.now())


def told() -> list[str]:
    return list(AlarmMessage.objects.order_by("pk").values_list("event", flat=True))


def test_people_are_told_once_of_what_lasts(pos: PointOfSale, boss: User, at: Clock) -> None:
    goes_silent(pos)
    at(0)
    assert (Alarm.objects.get().since, told()) == (START - timedelta(hours=1), [])
    at(0.5)
    assert told() == []
    for minutes in (1, 1.5, 2, 30, 60, 239):
        at(minutes)
        assert told() == ["began"]
    assert Alarm.objects.count() == 1


def test_people_are_reminded_every_four_hours(pos: PointOfSale, boss: User, at: Clock) -> None:
    goes_silent(pos)
    at(0)
    at(1)
    for hours, count in ((4, 1), (4.1, 2), (8, 2), (8.2, 3)):
        at(60 * hours)
        assert told() == ["began", *["goes_on"] * (count - 1)], hours


def test_what_was_told_is_told_to_be_over_after_five_quiet_minutes(pos: PointOfSale, boss: User, at: Clock) -> None:
    goes_silent(pos)
    at(0)
    at(1)
    reports(pos)
    at(2)
    assert not Alarm.objects.going_on().exists()
    at(6.5)
    assert told() == ["began"]
    at(7)
    at(8)
    assert told() == ["began", "over"]
    assert Alarm.objects.get().ended_at == START + timedelta(minutes=2)  # when it was, not when it was sure


def test_flapping_is_one_alarm_and_one_message(pos: PointOfSale, boss: User, at: Clock) -> None:
    for minute in range(0, 60, 4):
        goes_silent(pos)
        at(minute)
        at(minute + 1)
        reports(pos)
        at(minute + 2)
    assert (Alarm.objects.count(), told()) == (1, ["began"])


def test_what_was_over_within_a_minute_is_told_to_nobody(pos: PointOfSale, boss: User, at: Clock) -> None:
    goes_silent(pos)
    at(0)
    reports(pos)
    for minutes in (0.5, 1, 6, 7):
        at(minutes)
    assert Alarm.objects.get().ended_at
    assert told() == []


def test_what_comes_back_later_is_another_alarm(pos: PointOfSale, boss: User, at: Clock) -> None:
    goes_silent(pos)
    at(0)
    at(1)
    reports(pos)
    at(2)
    at(8)
    goes_silent(pos)
    at(9)
    at(10)
    assert (Alarm.objects.count(), told()) == (2, ["began", "over", "began"])


def test_who_snoozes_is_not_reminded_until_then_but_told_when_it_is_over(
    pos: PointOfSale, boss: User, at: Clock
) -> None:
    goes_silent(pos)
    at(0)
    at(1)
    assert snoozing.snooze(Alarm.objects.get(), until=timezone.now() + timedelta(hours=8), by="ana")
    at(60 * 5)
    assert told() == ["began"]
    assert Alarm.objects.get().snoozed_by == "ana"
    at(60 * 8 + 1)
    assert told() == ["began", "goes_on"]
    assert (Alarm.objects.get().snoozed_until, Alarm.objects.get().snoozed_by) == (None, "")
    snoozing.snooze(Alarm.objects.get(), until=timezone.now() + timedelta(hours=8), by="ana")
    reports(pos)
    at(60 * 8 + 2)
    at(60 * 8 + 8)
    assert told() == ["began", "goes_on", "over"]
    assert not snoozing.snooze(Alarm.objects.get(), until=timezone.now(), by="ana")


def test_a_snooze_can_be_ended(pos: PointOfSale, boss: User, at: Clock) -> None:
    goes_silent(pos)
    at(0)
    at(1)
    snoozing.snooze(Alarm.objects.get(), until=timezone.now() + timedelta(hours=8), by="ana")
    assert snoozing.wake(Alarm.objects.get())
    assert not snoozing.wake(Alarm.objects.get())
    at(60 * 4 + 2)
    assert told() == ["began", "goes_on"]


def test_tomorrow_is_eight_by_the_clock_of_the_page() -> None:
    with timezone.override("America/Argentina/Buenos_Aires"):
        until = snoozing.tomorrow(datetime.fromisoformat("2026-11-25T02:00:00+00:00"))  # 23:00 of the 24th there
    assert until.isoformat() == "2026-11-25T08:00:00-03:00"


def test_only_what_is_new_is_written(pos: PointOfSale, boss: User, at: Clock) -> None:
    goes_silent(pos)
    at(0)
    at(1)
    before = Alarm.objects.values().get()
    at(2)
    assert Alarm.objects.values().get() == before


def test_a_printer_that_is_wrong_in_another_way_now_is_the_same_alarm(store: Store, boss: User, at: Clock) -> None:
    printer = Printer.objects.create(store=store, name="Kiosk", host="printer", state="paper_out", state_since=START)
    at(4)
    assert not Alarm.objects.exists()
    at(6)
    at(7)
    Printer.objects.filter(pk=printer.pk).update(state="offline", state_since=timezone.now())
    at(7.5)
    at(13)
    [alarm] = Alarm.objects.going_on()
    assert (alarm.values, told()) == ({"state": "offline"}, ["began"])


def test_a_kind_that_cannot_be_looked_for_ends_no_alarm(pos: PointOfSale, at: Clock, monkeypatch) -> None:
    goes_silent(pos)
    at(0)
    monkeypatch.setattr(rounds, "find", lambda now: {})
    at(1)
    assert Alarm.objects.going_on().exists()


# --- whom it concerns -------------------------------------------------------------------------------------------------
def manager(name: str, *stores: Store, role: Role = Role.STATION_MANAGER, **values: Any) -> AlarmRecipient:
    user = User.objects.create_user(name, email=f"{name}@example.com", is_staff=True)
    roles.give(user, role)
    user.managed_stores.set(stores)
    return AlarmRecipient.objects.create(user=user, language="es", **values)


def names() -> set[str]:
    return {str(message.recipient) for message in AlarmMessage.objects.select_related("recipient__user")}


def test_a_manager_hears_of_the_own_stores_only(pos: PointOfSale, boss: User, at: Clock) -> None:
    elsewhere = StoreFactory.create()
    manager("ana", pos.store)
    manager("eva", elsewhere)
    manager("cash", pos.store, role=Role.CASHIER)
    manager("off", pos.store, is_active=False)
    AlarmRecipient.objects.create(url="https://all.example/", language="en")
    AlarmRecipient.objects.create(url="https://here.example/", language="en", store=pos.store)
    AlarmRecipient.objects.create(url="https://there.example/", language="en", store=elsewhere)
    goes_silent(pos)
    at(0)
    at(1)
    assert names() == {"boss", "ana", "all.example", "here.example"}


def test_of_a_whole_account_hears_who_sees_all_of_its_stores(account: Account, at: Clock) -> None:
    one, two = StoreFactory.create_batch(2, account=account)
    manager("ana", one)
    manager("eva", one, two)
    AlarmRecipient.objects.create(url="https://one.example/", language="en", store=one)
    Account.objects.update(credentials="wrong_token")
    at(0)
    at(1)
    assert names() == {"eva"}


@pytest.mark.parametrize("change", [{"is_active": False}, {"email": ""}])
def test_who_cannot_be_told_any_more_is_not(pos: PointOfSale, boss: User, at: Clock, change: dict[str, Any]) -> None:
    User.objects.update(**change)
    goes_silent(pos)
    at(0)
    at(1)
    assert told() == []


def test_that_it_is_over_hears_only_who_has_heard_of_it(pos: PointOfSale, boss: User, at: Clock) -> None:
    goes_silent(pos)
    at(0)
    at(1)
    manager("late", pos.store)
    reports(pos)
    at(2)
    at(7)
    assert names() == {"boss"}
    assert told() == ["began", "over"]


# --- the watchman himself ---------------------------------------------------------------------------------------------
def test_each_round_leaves_the_time(at: Clock) -> None:
    assert heartbeat.last() is None
    at(0)
    at(1)
    assert heartbeat.last() == START + timedelta(minutes=1)
    assert heartbeat.silent_since() is None


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_two_rounds_at_once_raise_one_alarm_and_tell_once() -> None:
    boss = User.objects.create_superuser("boss", email="boss@example.com")
    AlarmRecipient.objects.create(user=boss, language="en")
    for pos in PosFactory.create_batch(5, store=StoreFactory.create(account=AccountFactory.create())):
        goes_silent(pos)
    for moment in (timezone.now(), timezone.now() + timedelta(minutes=2)):
        begin = Barrier(4)

        def make(moment: datetime = moment, begin: Barrier = begin) -> None:
            begin.wait()
            rounds.make(moment)
            connection.close()

        threads = [Thread(target=make) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert (Alarm.objects.count(), told()) == (5, ["began"] * 5)
    assert Heartbeat.objects.count() == 1


def test_what_is_long_over_is_forgotten(pos: PointOfSale, boss: User, at: Clock) -> None:
    goes_silent(pos)
    at(0)
    at(1)
    Alarm.objects.update(ended_at=timezone.now() - timedelta(days=366))
    running = Alarm.objects.create(
        kind="token", subject="account 1", label="x", since=START, raised_at=START, tell_at=START
    )
    assert rounds.purge(older_than=timedelta(days=365), batch=10) == 1
    assert (list(Alarm.objects.all()), told()) == ([running], [])
