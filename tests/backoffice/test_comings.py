"""The log says who came and went, from where, and who was not let in; it never says with what."""

import logging
from typing import Any

import pytest
from django.contrib.auth import authenticate
from django.contrib.auth.models import User
from django.test import Client, RequestFactory

from backoffice.models import SecondFactor
from tests.backoffice.test_login import CODE, LOGIN, PAGE, code_of

PASSWORD = "a-right-pass-phrase"
FROM = "from 127.0.0.1"


@pytest.fixture
def ana(db: None) -> User:
    return User.objects.create_superuser("ana", password=PASSWORD)


@pytest.fixture
def said(caplog: pytest.LogCaptureFixture) -> Any:
    """What the log said of it since it was asked last, by level."""

    def lines() -> list[tuple[str, str]]:
        found = [(one.levelname, one.getMessage()) for one in caplog.records if one.name == "backoffice.comings"]
        caplog.clear()
        return found

    caplog.set_level(logging.INFO)
    return lines


def log_in(client: Client, password: str = PASSWORD, name: str = "ana") -> None:
    client.post(LOGIN, {"username": name, "password": password, "next": "/admin/"})


def test_a_log_in_and_a_log_out_are_a_line_each(ana, said) -> None:
    client = Client()
    log_in(client)
    assert said() == [("INFO", f"ana: right password, {FROM}")]
    client.post("/admin/logout/")
    assert said() == [("INFO", f"ana: logged out, {FROM}")]
    client.post("/admin/logout/")
    assert said() == [], "there was nobody"


def test_wrong_passwords_are_a_line_each_and_their_pause_is_named(ana, said, caplog) -> None:
    for _ in range(4):
        log_in(Client(), "a-guess")
    assert said() == [("WARNING", f"ana: not let in, not the right password, {FROM}")] * 4
    log_in(Client(), "a-guess")
    log_in(Client())
    assert said() == [("WARNING", f"ana: not let in, a pause after too many wrong passwords, {FROM}")] * 2


def test_what_is_typed_where_the_name_belongs_is_not_logged(ana, said) -> None:
    log_in(Client(), "ana", name=PASSWORD)
    assert said() == [("WARNING", f"somebody unknown: not let in, not the right password, {FROM}")]
    assert authenticate(RequestFactory().get("/"), name="x") is None
    assert said() == [("WARNING", f"somebody unknown: not let in, not the right password, {FROM}")]


def test_codes_are_a_line_each_right_wrong_and_during_the_pause(ana, said) -> None:
    recovery = SecondFactor.objects.create(user=ana, name="ana").new_recovery_codes()
    client = Client()
    log_in(client)
    said()
    client.post(CODE, {"code": recovery[0]})
    assert said() == [("INFO", f"ana: right code, {FROM}")]
    other = Client()
    log_in(other)
    said()
    other.post(CODE, {"code": recovery[0]})
    assert said() == [("WARNING", f"ana: not let in, a wrong code, or one that was used before, {FROM}")]
    other.post(CODE, {"code": recovery[1]})
    assert said() == [("WARNING", f"ana: not let in, a code during the pause after a wrong one, {FROM}")]


def test_a_second_factor_that_is_set_up_or_taken_away_is_a_line(ana, said) -> None:
    client = Client()
    log_in(client)
    client.post(PAGE, {"begin": "1"})
    said()
    client.post(PAGE, {"confirm": "1", "code": code_of(ana)})
    client.post(PAGE, {"renew": "1", "password": PASSWORD})
    client.post(PAGE, {"remove": "1", "password": PASSWORD})
    assert [line for _level, line in said()] == [
        f"ana: {what}, {FROM}" for what in ("Second factor set up", "New recovery codes", "Second factor removed")
    ]


def test_neither_passwords_nor_codes_are_in_any_line(ana, caplog) -> None:
    caplog.set_level(logging.DEBUG)
    factor = SecondFactor.objects.create(user=ana, name="ana")
    recovery = factor.new_recovery_codes()
    client = Client()
    log_in(client, "a-wrong-guess")
    log_in(client)
    client.post(CODE, {"code": recovery[0]})
    client.post(PAGE, {"remove": "1", "password": PASSWORD})
    text = " ".join(one.getMessage() for one in caplog.records if not one.name.startswith("django.db"))
    assert "ana: right password" in text
    for secret in (PASSWORD, "a-wrong-guess", recovery[0], recovery[0].replace("-", ""), factor.secret):
        assert secret not in text
