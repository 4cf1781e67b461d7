"""The door: passwords that are guessed, codes that are given twice, sessions that last too long."""

import hashlib
import re
import time
from base64 import b32decode
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from axes.models import AccessFailureLog
from axes.utils import reset
from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_otp.oath import TOTP

from backoffice import roles, second_factor
from backoffice.models import SecondFactor
from backoffice.roles import Role
from stores.visitors import address_of

LOGIN, CODE, PAGE = "/admin/login/", "/admin/login/code/", "/admin/two-factor/"


@pytest.fixture
def ana(db: None) -> User:
    user = User.objects.create_user("ana", password="right", is_staff=True)
    roles.give(user, Role.STATION_MANAGER)
    return user


def log_in(client: Client, password: str = "right", name: str = "ana", **headers: str) -> Any:  # noqa: S107 - a guess
    place: dict[str, Any] = {"REMOTE_ADDR": headers.pop("REMOTE_ADDR", "127.0.0.1")}
    return client.post(LOGIN, {"username": name, "password": password, "next": "/admin/"}, headers=headers, **place)


def code_of(user: User, steps: int = 0) -> str:
    factor = SecondFactor.objects.get(user=user)
    totp = TOTP(b32decode(factor.secret), drift=steps)
    totp.time = time.time()
    return f"{totp.token():06}"


@pytest.fixture
def enrolled(ana: User) -> tuple[User, list[str]]:
    factor = SecondFactor.objects.create(user=ana, name="ana")
    return ana, factor.new_recovery_codes()


# --- the password ----------------------------------------------------------------------------------------------------
def test_after_five_wrong_passwords_there_is_a_pause_that_ends(ana) -> None:
    client = Client()
    assert [log_in(client, "wrong").status_code for _ in range(5)] == [200] * 4 + [429]
    refused = log_in(client, "right")
    assert refused.status_code == 429
    assert "Wait 15 minutes" in refused.content.decode()
    assert refused["Retry-After"] == "900"
    with time_machine.travel(timezone.now() + timedelta(minutes=16)):
        assert log_in(client).status_code == 302


def test_a_colleague_behind_the_same_address_logs_in_meanwhile(ana) -> None:
    User.objects.create_user("eva", password="right", is_staff=True)
    client = Client()
    for _ in range(6):
        log_in(client, "wrong")
    assert log_in(Client(), name="eva").status_code == 302


def test_a_right_password_forgives_the_wrong_ones_before(ana) -> None:
    for _ in range(3):
        for _number in range(4):
            log_in(Client(), "wrong")
        assert log_in(Client()).status_code == 302


def test_guesses_at_one_person_from_many_places_come_to_an_end_for_an_hour(ana, settings) -> None:
    settings.LOGIN_FAILURES_PER_HOUR, settings.TRUSTED_PROXIES = 7, 1

    def try_from(number: int, password: str = "wrong", name: str = "ana") -> int:  # noqa: S107
        return int(log_in(Client(), password, name, **{"X-Forwarded-For": f"198.51.100.{number}"}).status_code)

    User.objects.create_user("eva", password="right", is_staff=True)
    assert [try_from(number) for number in range(9)] == [200] * 7 + [429] * 2
    assert [try_from(10, "right"), try_from(10, "right", "eva")] == [429, 302], "only this person has to wait"
    with time_machine.travel(timezone.now() + timedelta(minutes=59)):
        assert try_from(11, "right") == 429
    with time_machine.travel(timezone.now() + timedelta(minutes=61)):
        assert try_from(11) == 200
        assert AccessFailureLog.objects.count() == 1, "what counts no more is gone"
        assert try_from(11, "right") == 302


def test_one_password_tried_with_many_names_comes_to_an_end_for_an_hour(ana, settings) -> None:
    settings.LOGIN_FAILURES_PER_HOUR = 7
    assert [log_in(Client(), "wrong", f"name{number}").status_code for number in range(7)] == [200] * 7
    refused = log_in(Client())
    assert (refused.status_code, "Wait an hour" in refused.content.decode()) == (429, True)
    assert refused["Retry-After"] == "3600"
    assert log_in(Client(), REMOTE_ADDR="198.51.100.7").status_code == 302, "the others' places are open"


def test_ones_own_log_in_does_not_forgive_the_guesses_at_others(ana, settings) -> None:
    settings.LOGIN_FAILURES_PER_HOUR = 7
    for number in range(7):
        log_in(Client(), "wrong", f"name{number}")
        answer = log_in(Client())
    assert answer.status_code == 429


@pytest.mark.parametrize(
    "way", [{"ip": "127.0.0.1"}, {"ip": "127.0.0.1", "username": "eva", "ip_or_username": True}, {}]
)
def test_a_place_can_be_unlocked(ana, settings, way) -> None:
    settings.LOGIN_FAILURES_PER_HOUR = 3
    for number in range(3):
        log_in(Client(), "wrong", f"name{number}")
    reset(username="ana")
    assert log_in(Client()).status_code == 429, "hers were not the wrong ones"
    reset(**way)
    assert log_in(Client()).status_code == 302


def test_without_a_limit_there_is_the_short_pause_only(ana, settings) -> None:
    settings.LOGIN_FAILURES_PER_HOUR = 0
    assert {log_in(Client(), "wrong", f"name{number}").status_code for number in range(7)} == {200}


def test_the_place_is_what_our_own_proxy_says_not_what_anybody_can_invent(ana, settings) -> None:
    def try_from(hops: str) -> int:
        return int(log_in(Client(), "wrong", **{"X-Forwarded-For": hops}).status_code)

    assert [try_from(f"198.51.100.{n}") for n in range(6)][-1] == 429, "no proxy of ours: all from one place"
    settings.TRUSTED_PROXIES = 1
    assert [try_from(f"198.51.100.{n}, 203.0.113.9") for n in range(6)][-1] == 429
    assert log_in(Client(), **{"X-Forwarded-For": "203.0.113.9, 203.0.113.10"}).status_code == 302


def test_what_is_no_address_is_not_taken_for_one(settings) -> None:
    settings.TRUSTED_PROXIES = 1
    for hop in ("unknown", "'; --", "203.0.113.9:443", ""):
        assert address_of(RequestFactory().get("/", headers={"X-Forwarded-For": hop})) == "127.0.0.1"


def test_polls_and_the_api_ask_nobody_who_they_are(order, pump, enrolled) -> None:
    browser = Client()
    browser.force_login(enrolled[0])
    with CaptureQueriesContext(connection) as seen:
        assert browser.get(order.pos.poll_url).status_code == 200
        assert pump.get(f"/api/v1/pos/{order.pos.external_id}").status_code == 200
    assert seen.captured_queries
    for query in seen.captured_queries:
        assert not re.search("django_session|auth_user|axes_|secondfactor", query["sql"])


# --- the code --------------------------------------------------------------------------------------------------------
def test_who_has_a_second_factor_is_nobody_before_its_code_was_given(enrolled) -> None:
    client = Client()
    answer = log_in(client)
    assert (answer.status_code, answer.headers["Location"]) == (302, f"{CODE}?next=%2Fadmin%2F")
    for url in ("/admin/", PAGE, "/admin/password_change/", "/admin/orders/order/"):
        assert client.get(url).headers["Location"].startswith(LOGIN), url
    assert client.get(LOGIN).headers["Location"].startswith(CODE)
    assert "The password of “ana” is right" in client.get(CODE).content.decode()
    answer = client.post(f"{CODE}?next=/admin/orders/order/", {"code": code_of(enrolled[0])})
    assert answer.headers["Location"] == "/admin/orders/order/"
    assert client.get("/admin/").status_code == 200


def test_a_code_counts_once_and_a_wrong_one_makes_a_pause(enrolled) -> None:
    first, second = Client(), Client()
    log_in(first), log_in(second)
    code = code_of(enrolled[0])
    assert first.post(CODE, {"code": code}).status_code == 302
    again = second.post(CODE, {"code": code})
    assert "was used before" in again.content.decode()
    assert "there is a pause" in second.post(CODE, {"code": code_of(enrolled[0], 1)}).content.decode()
    assert second.get("/admin/").status_code == 302
    with time_machine.travel(timezone.now() + timedelta(seconds=60)):
        assert second.post(CODE, {"code": code_of(enrolled[0])}).status_code == 302


def test_a_recovery_code_lets_in_once(enrolled) -> None:
    user, codes = enrolled
    client = Client()
    log_in(client)
    assert client.post(CODE, {"code": f" {codes[3].upper()} "}).status_code == 302
    other = Client()
    log_in(other)
    assert other.post(CODE, {"code": codes[3]}).status_code == 200
    assert len(SecondFactor.objects.get(user=user).recovery) == 9


def test_recovery_codes_hold_120_bits_and_those_of_before_go_on_working(enrolled) -> None:
    user, codes = enrolled
    assert {len(code.replace("-", "")) * 5 for code in codes} == {120}
    assert {*"".join(codes)} <= {*"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567-"}
    before = "01ab-cdef-2345-6789"
    hashed = hashlib.sha256(before.replace("-", "").encode()).hexdigest()
    SecondFactor.objects.filter(user=user).update(recovery=[hashed])
    client = Client()
    log_in(client)
    assert client.post(CODE, {"code": before}).status_code == 302


def test_a_code_may_be_typed_with_spaces(enrolled) -> None:
    client = Client()
    log_in(client)
    assert client.post(CODE, {"code": f" {enrolled[1][0].replace('-', ' - ')} "}).status_code == 302


def test_somebody_else_can_go_back_to_the_password(enrolled) -> None:
    client = Client()
    log_in(client)
    assert client.post(CODE, {"other": "1"}).headers["Location"] == LOGIN
    assert "_auth_user_id" not in client.session


def test_the_way_on_stays_within_the_site(enrolled) -> None:
    client = Client()
    log_in(client)
    answer = client.post(f"{CODE}?next=https://evil.example/", {"code": code_of(enrolled[0])})
    assert answer.headers["Location"] == "/admin/"


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_of_two_who_give_the_same_code_at_once_one_gets_in() -> None:
    user = User.objects.create_user("ana", password="right", is_staff=True)
    SecondFactor.objects.create(user=user, name="ana")
    clients = [Client() for _ in range(6)]
    for client in clients:
        log_in(client)
    code = code_of(user)

    def give(client: Client) -> int:
        try:
            return int(client.post(CODE, {"code": code}).status_code)
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as threads:
        assert sorted(threads.map(give, clients)).count(302) == 1


# --- setting it up ---------------------------------------------------------------------------------------------------
def test_a_person_sets_it_up_reads_the_recovery_codes_once_and_takes_it_away_with_the_password(ana) -> None:
    client = Client()
    log_in(client)
    client.post(PAGE, {"begin": "1"})
    page = client.get(PAGE).content.decode()
    assert "<svg" in page
    assert client.get("/admin/").status_code == 200, "not in use before its first code"
    assert "This is not the code of now" in client.post(PAGE, {"confirm": "1", "code": "000000"}).content.decode()
    with time_machine.travel(timezone.now() + timedelta(seconds=5)):
        page = client.post(PAGE, {"confirm": "1", "code": code_of(ana)}).content.decode()
    assert page.count("<li><code>") == 10
    assert client.get("/admin/").status_code == 200
    page = client.get(PAGE).content.decode()
    assert "Recovery codes left: 10" in page
    factor = SecondFactor.objects.get()
    assert factor.secret not in page
    assert "not your password" in client.post(PAGE, {"remove": "1", "password": "wrong"}).content.decode()
    assert SecondFactor.objects.exists()
    client.post(PAGE, {"remove": "1", "password": "right"})
    assert not SecondFactor.objects.exists()
    assert [e.change_message for e in LogEntry.objects.order_by("pk")] == [
        "Second factor set up.", "Second factor removed.",
    ]  # fmt: skip


def test_secrets_are_sealed_in_the_database(enrolled) -> None:
    user, codes = enrolled
    with connection.cursor() as cursor:
        cursor.execute("SELECT secret, recovery FROM backoffice_secondfactor")
        row = str(cursor.fetchall())
    assert SecondFactor.objects.get(user=user).secret not in row
    assert codes[0].replace("-", "").lower() not in row.lower()


def test_a_session_from_before_needs_the_code_too(ana) -> None:
    old, new = Client(), Client()
    log_in(old), log_in(new)
    new.post(PAGE, {"begin": "1"})
    new.post(PAGE, {"confirm": "1", "code": code_of(ana)})
    assert new.get("/admin/").status_code == 200
    assert old.get("/admin/").status_code == 302


@pytest.mark.parametrize(
    ("required", "is_led"),
    [(["off"], False), (["all"], True), (["station-manager"], True), (["auditor", "chain-administrator"], False)],
)
def test_who_must_have_one_sets_it_up_before_anything_else(ana, settings, required, is_led) -> None:
    settings.TWO_FACTOR_REQUIRED = required
    client = Client()
    log_in(client)
    for url in ("/admin/", "/admin/orders/order/"):
        answer = client.get(url)
        assert (answer.status_code == 302 and answer.headers["Location"] == PAGE) == is_led
    assert client.get(PAGE).status_code == 200
    if is_led:
        assert "Your role needs a second factor" in client.get(PAGE).content.decode()
        client.post(PAGE, {"begin": "1"})
        client.post(PAGE, {"confirm": "1", "code": code_of(ana)})
        assert client.get("/admin/").status_code == 200


def test_superusers_count_as_chain_administrators(db, settings) -> None:
    settings.TWO_FACTOR_REQUIRED = ["chain-administrator"]
    assert roles.needs_second_factor(User.objects.create_superuser("root"))


# --- sessions --------------------------------------------------------------------------------------------------------
def test_the_password_begins_a_new_session(ana) -> None:
    client = Client()
    client.get(LOGIN)
    session = client.session
    session["of"] = "whoever had this browser before"
    session.save()
    client.cookies[settings.SESSION_COOKIE_NAME] = str(session.session_key)
    log_in(client)
    assert client.session.session_key != session.session_key
    assert not Session.objects.filter(pk=session.session_key).exists()


def test_the_code_begins_a_new_session(enrolled) -> None:
    client, thief = Client(), Client()
    log_in(client)
    before = client.session.session_key
    assert client.post(CODE, {"code": "000000"}).status_code == 200
    assert client.session.session_key == before
    with time_machine.travel(timezone.now() + timedelta(seconds=60)):
        client.post(CODE, {"code": code_of(enrolled[0])})
        assert client.session.session_key != before
        assert client.get("/admin/").status_code == 200
        thief.cookies[settings.SESSION_COOKIE_NAME] = str(before)
        assert thief.get("/admin/").status_code == 302


def test_setting_up_a_second_factor_begins_a_new_session(ana) -> None:
    client = Client()
    log_in(client)
    client.post(PAGE, {"begin": "1"})
    before = client.session.session_key
    client.post(PAGE, {"confirm": "1", "code": code_of(ana)})
    assert client.session.session_key != before
    assert client.get("/admin/").status_code == 200


def test_an_idle_session_ends(ana) -> None:
    client = Client()
    log_in(client)
    now = timezone.now()
    with time_machine.travel(now + timedelta(hours=7)):
        assert client.get("/admin/").status_code == 200
    with time_machine.travel(now + timedelta(hours=14)):
        assert client.get("/admin/").status_code == 200, "each page begins the idle time anew"
    with time_machine.travel(now + timedelta(hours=23)):
        assert client.get("/admin/").status_code == 302


def test_a_board_that_refreshes_goes_on_for_a_week_and_no_longer(ana) -> None:
    client = Client()
    log_in(client)
    now = timezone.now()
    for hour in range(0, 168, 6):
        with time_machine.travel(now + timedelta(hours=hour)):
            assert client.get("/admin/").status_code == 200, hour
    with time_machine.travel(now + timedelta(hours=169)):
        assert client.get("/admin/").status_code == 302
    assert not client.session.get("_auth_user_id")


def test_a_page_that_refreshes_does_not_write_the_session_each_time(ana, django_assert_num_queries) -> None:
    client = Client()
    log_in(client)
    client.get("/admin/")
    before = client.session.get_expiry_date()
    assert "Set-Cookie" not in str(client.get("/admin/").headers)
    assert before


def test_a_new_password_ends_all_other_sessions(ana) -> None:
    here, elsewhere = Client(), Client()
    log_in(here), log_in(elsewhere)
    new = {"old_password": "right", "new_password1": "an-other-phrase", "new_password2": "an-other-phrase"}
    assert here.post("/admin/password_change/", new).status_code == 302
    assert here.get("/admin/").status_code == 200
    assert elsewhere.get("/admin/").status_code == 302


def test_reset_is_the_way_back_in(enrolled) -> None:
    second_factor.remove(enrolled[0])
    client = Client()
    assert log_in(client).headers["Location"] == "/admin/"
