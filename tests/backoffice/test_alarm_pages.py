"""The pages of alarms: what runs stands at the top of home, people snooze with their name, and choose to be told."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from backoffice import roles
from backoffice.models import Alarm, AlarmKind, AlarmMessage, AlarmRecipient, Heartbeat
from backoffice.roles import Role
from orders.models import Order
from receipts.models import Printer
from stores.models import Store
from tests.backoffice.conftest import sentences
from tests.factories import StoreFactory

LIST, RECIPIENTS = "/admin/backoffice/alarm/", "/admin/backoffice/alarmrecipient/"
pytestmark = pytest.mark.django_db


def person(role: Role, *stores: Store, email: str = "eva@example.com") -> Client:
    user = User.objects.create_user("eva", email=email, is_staff=True)
    roles.give(user, role)
    user.managed_stores.set(stores)
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def manager(store: Store) -> Client:
    return person(Role.STATION_MANAGER, store)


def raised(store: Store, kind: str = "waits", **values: Any) -> Alarm:
    now = timezone.now()
    since = now - timedelta(hours=1)
    alarm: dict[str, Any] = {
        "kind": kind, "subject": f"store {store.pk}", "label": store.name, "store": store, "account": store.account,
        "values": {"count": 3}, "since": since, "raised_at": since, "tell_at": now, "told_at": since,
    }  # fmt: skip
    return Alarm.objects.create(**alarm | values)


# --- home -------------------------------------------------------------------------------------------------------------
def test_home_begins_with_what_is_wrong_now(manager: Client, store: Store) -> None:
    alarm = raised(store)
    raised(store, "not_drawn", ended_at=timezone.now())
    raised(store, "printer", values={"state": "offline"}, quiet_since=timezone.now())
    raised(StoreFactory.create(name="Elsewhere"))
    page = manager.get("/admin/").content.decode()
    told = sentences(page)
    assert "Alarms 1" in told
    assert (
        "Waiting for a person for more than half an hour at Estación Caseros: 3. Estación Caseros · 1 hour ago" in told
    )
    assert "Elsewhere" not in told
    assert f'href="{LIST}{alarm.pk}/change/"' in page
    assert page.index('id="alarms"') < page.index('class="cards"')


def test_home_says_nothing_of_alarms_when_there_are_none_or_one_may_not_see_them(store: Store) -> None:
    client = person(Role.CASHIER, store)
    raised(store)
    assert 'id="alarms"' not in client.get("/admin/").content.decode()
    assert client.get(LIST).status_code == 403


@pytest.mark.parametrize(("minutes", "is_said"), [(1, False), (3, True)])
def test_home_and_readyz_say_when_the_worker_is_silent(manager, client, minutes: int, is_said: bool) -> None:
    Heartbeat.objects.create(pk=1, at=timezone.now() - timedelta(minutes=minutes))
    assert ("has not been heard of for 3 minutes" in sentences(manager.get("/admin/now/").content.decode())) == is_said
    answer = client.get("/readyz")
    assert answer.status_code == 200  # customers can still be asked to pay
    assert ("not heard of since" in answer.json().get("warnings", {}).get("worker", "")) == is_said


# --- the list ---------------------------------------------------------------------------------------------------------
def test_an_empty_list_says_where_to_go_next(manager: Client) -> None:
    assert "Alarm recipients" in sentences(manager.get(LIST).content.decode())
    assert "Add yourself" in sentences(manager.get(RECIPIENTS).content.decode())


def test_what_goes_on_comes_first_and_can_be_listed_alone(manager: Client, store: Store) -> None:
    running = raised(store)
    over = raised(store, "not_drawn", ended_at=timezone.now())
    assert list(manager.get(LIST).context["cl"].result_list) == [running, over]
    assert list(manager.get(f"{LIST}?state=running").context["cl"].result_list) == [running]
    assert list(manager.get(f"{LIST}?state=over").context["cl"].result_list) == [over]


@pytest.mark.parametrize("kind", list(AlarmKind))
def test_each_kind_has_its_sentence_its_advice_and_a_page_that_is_there(kind: AlarmKind, order: Order) -> None:
    boss = Client()
    boss.force_login(User.objects.create_superuser("boss"))
    pos, account = order.pos, order.pos.store.account
    printer = Printer.objects.create(store=pos.store, name="Kiosk", host="printer")
    values = {"count": 3, "pos": "Pump 1", "amount": "5.00", "currency": "ARS", "state": "offline", "note": {}}
    rows: dict[str, Any] = {
        "paid_not_closed": order, "pos_silent": pos, "printer": printer, "not_printed": printer, "token": account,
        "no_news": account, "news_fails": account,
    }  # fmt: skip
    row = rows.get(kind, pos.store)
    alarm = raised(pos.store, kind.value, subject=f"x {row.pk}", values=values | {"case": "refund_failed"})
    page = boss.get(f"{LIST}{alarm.pk}/change/").content.decode()
    [link] = [part.partition('"')[0] for part in page.split('<div class="readonly"><a href="')[1:]]
    assert boss.get(link).status_code == 200, link
    assert "%(" not in page


def test_who_was_told_stands_on_its_page_without_the_addresses(manager: Client, store: Store) -> None:
    alarm = raised(store)
    one = AlarmRecipient.objects.create(url="https://chat.example/secret/token", language="en")
    AlarmMessage.objects.create(recipient=one, alarm=alarm, event="began", due_at=None, answer="500 oh")
    page = manager.get(f"{LIST}{alarm.pk}/change/").content.decode()
    assert "chat.example: began, 500 oh" in page
    assert "secret/token" not in page


@pytest.mark.parametrize(("action", "hours"), [("snooze_an_hour", 1), ("snooze_a_shift", 8)])
def test_a_manager_snoozes_with_the_own_name(manager: Client, store: Store, action: str, hours: int) -> None:
    alarm = raised(store)
    theirs = raised(StoreFactory.create(name="Elsewhere"))
    answer = manager.post(LIST, {"action": action, "_selected_action": [alarm.pk, theirs.pk]}, follow=True)
    assert "Snoozed until" in sentences(answer.content.decode())
    alarm.refresh_from_db()
    assert alarm.snoozed_by == "eva"
    assert abs(alarm.tell_at - timezone.now() - timedelta(hours=hours)) < timedelta(minutes=1)
    theirs.refresh_from_db()
    assert theirs.snoozed_until is None
    assert "by eva" in sentences(manager.get("/admin/").content.decode())
    manager.post(LIST, {"action": "wake", "_selected_action": alarm.pk})
    alarm.refresh_from_db()
    assert alarm.snoozed_until is None


def test_what_is_over_is_not_snoozed(manager: Client, store: Store) -> None:
    alarm = raised(store, ended_at=timezone.now())
    answer = manager.post(LIST, {"action": "snooze_until_tomorrow", "_selected_action": alarm.pk}, follow=True)
    assert "It is over already" in sentences(answer.content.decode())


# --- recipients -------------------------------------------------------------------------------------------------------
def test_people_add_themselves(manager: Client, store: Store) -> None:
    page = manager.get(f"{RECIPIENTS}add/")
    assert "E-mail to me (eva@example.com)" in sentences(page.content.decode())
    form = {"how": "mail", "url": "", "store": "", "language": "es"}
    assert manager.post(f"{RECIPIENTS}add/", form).status_code == 302
    one = AlarmRecipient.objects.get()
    assert (one.user, one.url, one.language) == (User.objects.get(), "", "es")
    again = manager.post(f"{RECIPIENTS}add/", form)
    assert "There is one already" in sentences(again.content.decode())
    change = f"{RECIPIENTS}{one.pk}/change/"
    assert manager.post(change, {"store": store.pk, "language": "es", "seen": ""}).status_code == 302
    one.refresh_from_db()
    assert (one.is_active, one.store) == (False, store)


def test_without_an_address_or_a_mail_server_it_is_said(store: Store, settings: Any) -> None:
    client = person(Role.STATION_MANAGER, store, email="")
    form = {"how": "mail", "url": "", "store": "", "language": "es"}
    assert "has no e-mail address" in sentences(client.post(f"{RECIPIENTS}add/", form).content.decode())
    settings.SENDS_EMAIL = False
    assert "EMAIL_URL is not set" in sentences(client.post(f"{RECIPIENTS}add/", form).content.decode())
    assert not AlarmRecipient.objects.exists()


def test_a_managers_webhook_is_of_an_own_store_and_its_secret_is_shown_once(manager: Client, store: Store) -> None:
    form = {"how": "webhook", "url": "https://8.8.8.8/hook", "store": "", "language": "en"}
    refused = manager.post(f"{RECIPIENTS}add/", form)
    assert "Choose the store" in sentences(refused.content.decode())
    made = manager.post(f"{RECIPIENTS}add/", form | {"store": store.pk}, follow=True)
    assert "whsec_" in made.content.decode()
    one = AlarmRecipient.objects.get()
    change = f"{RECIPIENTS}{one.pk}/change/"
    assert "whsec_" not in manager.get(change).content.decode()
    widened = manager.post(change, {"url": one.url, "store": "", "language": "en", "is_active": "on", "seen": ""})
    assert "Choose the store" in sentences(widened.content.decode())
    old = one.secret
    renewed = manager.post(RECIPIENTS, {"action": "new_secret", "_selected_action": one.pk}, follow=True)
    assert "whsec_" in renewed.content.decode()
    one.refresh_from_db()
    assert one.secret != old
    manager.post(RECIPIENTS, {"action": "send_test", "_selected_action": one.pk})
    assert AlarmMessage.objects.get().event == "test"


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("", "Give the address"),
        ("http://8.8.8.8/", "must begin with https"),
        ("https://169.254.169.254/", "no receiver's address"),
        ("https://10.0.0.1/", "private network"),
        ("https://u:p@8.8.8.8/", "Leave user name"),
    ],
)
def test_a_webhook_goes_nowhere_where_it_should_not(manager: Client, store: Store, url: str, said: str) -> None:
    form = {"how": "webhook", "url": url, "store": store.pk, "language": "en"}
    assert said in sentences(manager.post(f"{RECIPIENTS}add/", form).content.decode())
    assert not AlarmRecipient.objects.exists()


def test_a_manager_sees_only_the_own_recipients(manager: Client, store: Store) -> None:
    other = User.objects.create_user("other", email="o@example.com", is_staff=True)
    AlarmRecipient.objects.create(user=other, language="en", store=store)
    AlarmRecipient.objects.create(url="https://all.example/", language="en")
    here = AlarmRecipient.objects.create(url="https://here.example/", language="en", store=store)
    mine = AlarmRecipient.objects.create(user=User.objects.get(username="eva"), language="en")
    assert set(manager.get(RECIPIENTS).context["cl"].result_list) == {here, mine}
