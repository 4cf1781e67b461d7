"""Tokens are renewed before they expire, by one worker only: the refresh token works once."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest
import time_machine
from django.db import connection

from stores import renewal, tasks
from stores.models import Account, Application, Credentials
from tests.factories import AccountFactory
from tests.stores.conftest import API, grant

TOKEN = f"{API}/oauth/token"
NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


@pytest.fixture
def connected(application: Application) -> Account:
    """Due for a renewal since a second ago."""
    return AccountFactory.create(
        application=application,
        refresh_token="TG-first",
        token_expires_at=NOW + timedelta(days=30),
        token_due_at=NOW - timedelta(seconds=1),
    )


def sent(mercado_pago) -> list[dict[str, str]]:
    return [json.loads(call.request.body) for call in mercado_pago.calls]


@time_machine.travel(NOW, tick=False)
def test_both_tokens_are_replaced_thirty_days_before_the_end(connected: Account, application, mercado_pago) -> None:
    mercado_pago.post(TOKEN, json=grant(connected.user_id, "second"))
    assert renewal.renew(connected.pk)
    assert sent(mercado_pago) == [
        {
            "client_id": application.client_id,
            "client_secret": "client-secret-of-ours",
            "grant_type": "refresh_token",
            "refresh_token": "TG-first",
        }
    ]
    connected.refresh_from_db()
    assert "-second-" in connected.access_token
    assert connected.refresh_token == f"TG-second-{connected.user_id}"
    assert connected.token_expires_at == NOW + timedelta(days=180)
    assert connected.token_due_at == NOW + timedelta(days=150)
    assert connected.credentials_due_at == NOW


@time_machine.travel(NOW, tick=False)
def test_a_short_life_is_renewed_at_its_half(connected: Account, mercado_pago) -> None:
    mercado_pago.post(TOKEN, json=grant(connected.user_id, expires_in=3600))
    renewal.renew(connected.pk)
    connected.refresh_from_db()
    assert connected.token_due_at == NOW + timedelta(minutes=30)


@time_machine.travel(NOW, tick=False)
@pytest.mark.parametrize("due", [NOW + timedelta(seconds=1), None])
def test_what_is_not_due_is_left_alone(connected: Account, mercado_pago, due) -> None:
    Account.objects.update(token_due_at=due)
    assert not renewal.renew(connected.pk)
    assert not mercado_pago.calls


@pytest.mark.parametrize(
    "answer", [{"status": 503}, {"status": 429}, {"status": 400, "json": {"error": "invalid_client"}}, {"json": {}}]
)
def test_what_may_pass_is_tried_again_after_the_lease(connected: Account, mercado_pago, answer) -> None:
    mercado_pago.post(TOKEN, **answer)
    with time_machine.travel(NOW, tick=False):
        assert not renewal.renew(connected.pk)
        assert not renewal.renew(connected.pk)
        assert len(mercado_pago.calls) == 1
    before, connected = connected, Account.objects.get()
    assert connected.token_due_at == NOW + renewal.LEASE
    assert (connected.access_token, connected.refresh_token) == (before.access_token, "TG-first")
    assert connected.credentials == Credentials.UNKNOWN
    with time_machine.travel(NOW + renewal.LEASE, tick=False):
        renewal.renew(connected.pk)
    assert len(mercado_pago.calls) == 2


@time_machine.travel(NOW, tick=False)
@pytest.mark.parametrize(
    "answer",
    [
        {"status": 400, "json": {"error": "invalid_grant"}},
        {"status": 401, "json": {"error": "unauthorized"}},
        {"json": grant(999)},
    ],
)
def test_what_will_never_be_is_given_up_and_waits_for_a_person(connected: Account, mercado_pago, answer) -> None:
    mercado_pago.post(TOKEN, **answer)
    assert not renewal.renew(connected.pk)
    before, connected = connected, Account.objects.get()
    assert connected.token_due_at is None
    assert connected.credentials == Credentials.WRONG_TOKEN
    assert "connected again, before 2026-12-24" in connected.credentials_sentence
    assert connected.access_token == before.access_token  # good until its end
    assert list(Account.objects.with_wrong_credentials(NOW)) == [connected]


@time_machine.travel(NOW, tick=False)
def test_a_token_that_is_found_good_stays_on_the_list_when_it_cannot_be_renewed(connected: Account) -> None:
    assert not Account.objects.with_wrong_credentials(NOW)
    Account.objects.update(token_due_at=None, credentials=Credentials.GOOD)
    assert Account.objects.with_wrong_credentials(NOW)
    Account.objects.update(is_active=False)
    assert not Account.objects.with_wrong_credentials(NOW)


@time_machine.travel(NOW, tick=False)
def test_a_token_that_soon_ends_is_on_the_list_although_it_is_tried_again(connected: Account) -> None:
    Account.objects.update(token_expires_at=NOW + timedelta(days=7), credentials=Credentials.GOOD)
    assert Account.objects.with_wrong_credentials(NOW)


@pytest.mark.parametrize("status", [200, 400])
@time_machine.travel(NOW, tick=False)
def test_a_seller_who_is_connected_anew_meanwhile_keeps_the_younger_tokens(
    connected: Account, mercado_pago, status: int
) -> None:
    def answer(_request):
        Account.objects.update(refresh_token="TG-anew", token_due_at=NOW + timedelta(days=150))
        return status, {}, json.dumps(grant(connected.user_id, "late") if status == 200 else {"error": "invalid_grant"})

    mercado_pago.add_callback("POST", TOKEN, answer)
    assert not renewal.renew(connected.pk)
    connected.refresh_from_db()
    assert (connected.refresh_token, connected.credentials) == ("TG-anew", Credentials.UNKNOWN)
    assert connected.token_due_at == NOW + timedelta(days=150)
    assert "late" not in connected.access_token


def test_no_token_is_logged(connected: Account, mercado_pago, caplog) -> None:
    caplog.set_level("DEBUG")
    mercado_pago.post(TOKEN, json=grant(connected.user_id, "second"))
    with time_machine.travel(NOW):
        renewal.renew(connected.pk)
    assert "token renewed" in caplog.text
    for secret in ("TG-first", "TG-second", "-second-", "client-secret-of-ours", connected.access_token):
        assert secret not in caplog.text


def test_the_beat_wakes_the_renewal_of_what_is_due_and_nothing_else(connected: Account, monkeypatch) -> None:
    AccountFactory.create(token_due_at=NOW + timedelta(days=1))
    woken: list[int] = []
    monkeypatch.setattr(tasks.renew_token, "apply_async", lambda arguments, **_: woken.extend(arguments))
    with time_machine.travel(NOW, tick=False):
        tasks.renew_tokens()
    assert woken == [connected.pk]


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_eight_workers_at_once_use_the_refresh_token_once(connected: Account, mercado_pago) -> None:
    mercado_pago.post(TOKEN, json=grant(connected.user_id, "second"))
    together = Barrier(8)

    def run(_number: int) -> bool:
        try:
            together.wait(10)
            return renewal.renew(connected.pk)
        finally:
            connection.close()

    with time_machine.travel(NOW, tick=False), ThreadPoolExecutor(8) as threads:
        done = list(threads.map(run, range(8)))
    assert sorted(done) == [False] * 7 + [True]
    assert len(mercado_pago.calls) == 1
    connected.refresh_from_db()
    assert connected.refresh_token == f"TG-second-{connected.user_id}"
