"""Wrong token, wrong user and unreachable are told apart; nothing of the account moves."""

import json
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
import requests
from django.core.management import CommandError, call_command
from django.utils import timezone

from stores import credentials, tasks
from stores.models import Account, Credentials
from tests.factories import AccountFactory
from tests.stores.conftest import API

ME = f"{API}/users/me"


def me(account: Account, **changes: Any) -> dict[str, Any]:
    return {"id": account.user_id, "nickname": "TETE2870021", "site_id": "MLA", "tags": ["normal"]} | changes


@pytest.mark.parametrize(
    ("answer", "verdict", "says"),
    [
        ({}, "good", "is good"),
        ({"site_id": None, "tags": None}, "good", "is good"),
        ({"id": 999}, "wrong_user", "belongs to user 999 (MLA)"),
        ({"site_id": "MLB"}, "wrong_user", "is of MLB, but this account says MLA"),
        ({"tags": ["normal", "test_user"]}, "wrong_user", "is a test user, but this account is live"),
    ],
)
def test_whose_token_it_is(account: Account, mercado_pago, answer, verdict: str, says: str) -> None:
    mercado_pago.get(ME, json=me(account, **answer))
    found = credentials.check(account)
    assert found.credentials == verdict
    assert says in found.sentence
    before, account = account, Account.objects.get()
    assert (account.credentials, account.credentials_sentence) == (verdict, found.sentence)
    assert account.credentials_checked_at is not None
    assert (account.user_id, account.site_code, account.is_test) == (before.user_id, "MLA", False)
    assert mercado_pago.calls[0].request.headers["Authorization"] == f"Bearer {account.access_token}"


@pytest.mark.parametrize(
    ("answer", "verdict"),
    [
        ({"status": 401, "json": {"message": "invalid access token", "error": "unauthorized"}}, "wrong_token"),
        ({"status": 403, "json": {"message": "forbidden"}}, "wrong_token"),
        ({"status": 500}, "unreachable"),
        ({"status": 429}, "unreachable"),
        ({"status": 302, "headers": {"Location": "/"}}, "unreachable"),
        ({"body": "<html>"}, "unreachable"),
        ({"json": {"nickname": "x"}}, "unreachable"),
        ({"body": requests.ConnectTimeout()}, "unreachable"),
        ({"body": requests.ReadTimeout()}, "unreachable"),
    ],
)
def test_a_refusal_is_not_taken_for_silence(account: Account, mercado_pago, answer, verdict: str) -> None:
    mercado_pago.get(ME, **answer)
    found = credentials.check(account)
    assert found.credentials == verdict
    assert account.access_token not in found.sentence
    assert Account.objects.get().credentials == verdict


def test_a_test_users_token_fits_a_test_account(db, mercado_pago) -> None:
    account = AccountFactory.create(is_test=True)
    mercado_pago.get(ME, json=me(account, tags=["test_user"]))
    assert credentials.check(account).credentials == Credentials.GOOD


def test_the_answer_about_an_old_token_is_not_kept_for_a_new_one(account: Account, mercado_pago) -> None:
    stale = Account.objects.get()
    Account.objects.update(access_token=f"APP_USR-1-2-renewed-{account.user_id}", credentials_due_at=timezone.now())
    mercado_pago.get(ME, status=401)
    assert credentials.check(stale).credentials == Credentials.WRONG_TOKEN
    account.refresh_from_db()
    assert account.credentials == Credentials.UNKNOWN
    assert account.credentials_due_at is not None


def test_a_token_that_no_key_opens_says_so_and_asks_nobody(account: Account, mercado_pago, settings) -> None:
    settings.FIELD_ENCRYPTION_KEYS = ["ZGV2ZWxvcG1lbnQtb25seS1ub3QtYS1zZWNyZXQtISE="]
    found = credentials.check(Account.objects.get())
    assert found.credentials == Credentials.WRONG_TOKEN
    assert "FIELD_ENCRYPTION_KEYS" in found.sentence
    assert Account.objects.values_list("credentials", flat=True).get() == Credentials.WRONG_TOKEN


def test_who_waits_for_a_test_is_leased_once_and_tested(account: Account, mercado_pago) -> None:
    AccountFactory.create()
    assert credentials.lease(timezone.now(), limit=10) == []
    credentials.ask_for_test(account)
    now = timezone.now()
    assert credentials.lease(now, limit=10) == [account.pk]
    assert credentials.lease(now, limit=10) == []
    assert credentials.lease(now + timedelta(minutes=2), limit=10) == [account.pk]  # a worker that died
    mercado_pago.get(ME, json=me(account))
    tasks.check_credentials(account.pk)
    account.refresh_from_db()
    assert (account.credentials, account.credentials_due_at) == (Credentials.GOOD, None)


def test_the_beat_wakes_a_test_that_nobody_was_woken_for(account: Account, monkeypatch) -> None:
    woken: list[int] = []
    monkeypatch.setattr(tasks.check_credentials, "delay", woken.append)
    tasks.sweep_credentials()
    credentials.ask_for_test(account)
    tasks.sweep_credentials()
    tasks.sweep_credentials()
    assert woken == [account.pk]


def run(*arguments: str) -> tuple[Any, str]:
    out, error = StringIO(), ""
    try:
        call_command("check_credentials", "--json", *arguments, stdout=out)
    except CommandError as caught:
        error = str(caught)
    return json.loads(out.getvalue()), error


def test_the_command_asks_for_every_active_account_and_ends_with_an_error_when_one_is_bad(db, mercado_pago) -> None:
    good, bad = AccountFactory.create(), AccountFactory.create()
    AccountFactory.create(is_active=False)

    def answer(request):
        token = request.headers["Authorization"]
        return (200, {}, json.dumps(me(good))) if token.endswith(good.access_token) else (401, {}, "{}")

    mercado_pago.add_callback("GET", ME, answer)
    printed, error = run()
    assert [one["credentials"] for one in printed["accounts"]] == ["good", "wrong_token"]
    assert error.startswith("1 accounts")
    assert run(f"--account={good.pk}")[1] == ""
    assert run(f"--account={bad.user_id}")[1] != ""
