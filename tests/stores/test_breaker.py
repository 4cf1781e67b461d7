"""An account that Mercado Pago does not answer for: left alone, shown, put off, and gone on with."""

import json
import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import responses
import time_machine
from django.db import DatabaseError, connection
from django.utils import timezone, translation

from gateway.breaker import FAILURES, State
from gateway.errors import NotAsked, TemporaryError
from orders.models import Order
from pos.services import register_due
from stores import breaker, connecting, credentials, renewal
from stores.fields import seal
from stores.models import Account, Credentials, Store
from stores.registration import Registration
from stores.services import connect, register
from tests.factories import AccountFactory, OrderFactory, PosFactory, StoreFactory
from tests.silence import silence
from tests.stores.conftest import API

NOW = datetime(2026, 11, 29, 6, 12, tzinfo=UTC)  # 03:12 in Buenos Aires


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    """Stands still: no pause ends by itself."""
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


def answer(account: Account, mercado_pago: responses.RequestsMock) -> None:
    mercado_pago.get(f"{API}/users/me", json={"id": account.user_id, "site_id": "MLA"})
    connect(account).me()


def test_a_silence_is_written_down_and_said_once_when_it_begins_and_once_when_it_ends(
    account, mercado_pago, caplog, clock
) -> None:
    caplog.set_level(logging.WARNING, "stores.breaker")
    silence(account, mercado_pago)
    clock.shift(2)
    with pytest.raises(TemporaryError):
        connect(account).me()
    account.refresh_from_db()
    assert account.unanswered_since == NOW
    clock.shift(4)
    answer(account, mercado_pago)
    account.refresh_from_db()
    assert account.unanswered_since is None
    assert breaker._PROCESS.states() == {account.pk: State.CLOSED}
    assert [record.message.partition(": ")[2].partition(" since")[0] for record in caplog.records] == [
        "Mercado Pago has not answered",
        "Mercado Pago answers again",
    ]


def test_another_process_that_gets_an_answer_ends_what_was_written_down(account, mercado_pago) -> None:
    Account.objects.update(unanswered_since=NOW)
    account.refresh_from_db()
    answer(account, mercado_pago)
    assert Account.objects.get().unanswered_since is None


def test_healthy_accounts_cost_no_query(account, mercado_pago, django_assert_num_queries) -> None:
    with django_assert_num_queries(0):
        answer(account, mercado_pago)
        answer(account, mercado_pago)
        assert breaker._PROCESS.states() == {account.pk: State.CLOSED}


def test_what_cannot_be_written_down_keeps_nobody_from_working(account, mercado_pago, caplog) -> None:
    def refuse(execute, sql, *rest):
        if "unanswered_since" in sql and sql.startswith("UPDATE"):
            raise DatabaseError("disk full")
        return execute(sql, *rest)

    with connection.execute_wrapper(refuse):
        silence(account, mercado_pago)
    assert "could not be written down" in caplog.text


def test_people_are_told_since_when_and_when_it_is_tried_again_by_their_clocks(account, mercado_pago) -> None:
    silence(account, mercado_pago)
    with pytest.raises(NotAsked) as refused:
        connect(account).me()
    said = "Mercado Pago has not answered for this account since 2026-11-29 03:12; it is asked again at 03:12."
    assert breaker.said(refused.value) == said
    with translation.override("es"):
        assert "03:12" in breaker.said(refused.value)


def test_another_account_is_asked_as_ever(account, mercado_pago) -> None:
    other = AccountFactory.create()
    silence(account, mercado_pago)
    answer(other, mercado_pago)
    assert breaker._PROCESS.states() == {account.pk: State.OPEN, other.pk: State.CLOSED}


def test_rows_of_an_account_that_is_left_alone_are_not_woken_and_then_one_tries(account, mercado_pago, clock) -> None:
    def woken() -> list[int]:
        return breaker.askable(Order.objects.all(), account="pos__account", limit=10)

    mine = [OrderFactory.create(pos=PosFactory.create(store=StoreFactory.create(account=account))) for _ in range(3)]
    other = OrderFactory.create()
    silence(account, mercado_pago)
    assert woken() == [other.pk]
    clock.shift(2)
    assert len({*woken()} & {order.pk for order in mine}) == 1
    answer(account, mercado_pago)
    assert {*woken()} == {other.pk, *(order.pk for order in mine)}


def test_many_rows_of_a_sick_account_keep_none_of_another_waiting(account, mercado_pago) -> None:
    for _ in range(3):
        OrderFactory.create(pos=PosFactory.create(store=StoreFactory.create(account=account)))
    other = OrderFactory.create()
    silence(account, mercado_pago)
    assert breaker.askable(Order.objects.order_by("pk"), account="pos__account", limit=1) == [other.pk]


def test_a_registration_that_was_not_asked_for_is_no_attempt_and_goes_on_by_itself(account, mercado_pago) -> None:
    store = StoreFactory.create(account=account, registration="pending", registration_due_at=timezone.now())
    silence(account, mercado_pago)
    register(store)
    row = Store.objects.get()
    assert (row.registration, row.registration_attempts) == (Registration.PENDING, 0)
    assert row.registration_due_at
    assert row.registration_due_at < timezone.now() + timedelta(seconds=5)
    Store.objects.update(registration_due_at=timezone.now())
    register_due(account, seconds=9)  # the others of this account are not even begun
    assert Store.objects.get().registration_due_at == timezone.now()


def test_a_token_that_was_not_tested_keeps_its_verdict_and_its_turn(account, mercado_pago) -> None:
    credentials.ask_for_test(account)
    silence(account, mercado_pago)
    verdict = credentials.check(account)
    assert verdict.credentials is Credentials.UNREACHABLE
    assert "has not answered for this account since" in verdict.sentence
    account.refresh_from_db()
    assert (account.credentials, account.credentials_checked_at) == (Credentials.UNKNOWN, None)
    assert account.credentials_due_at is not None


def test_an_application_that_gets_no_answers_spends_neither_code_nor_refresh_token(application, mercado_pago) -> None:
    account = AccountFactory.create(
        application=application, refresh_token="TG-unspent", token_due_at=timezone.now(), access_token="APP_USR-1-2-3"
    )
    for _ in range(FAILURES):
        with pytest.raises(TemporaryError):  # nothing is registered: the connection is refused
            connecting.app(application).renew("TG-another")
    mercado_pago.reset()
    assert not renewal.renew(account.pk)
    with pytest.raises(connecting.NotConnected, match=r"has not answered .* Press “Connect a seller” again"):
        connecting.redeem(application, seal(json.dumps(["code", "verifier"])))
    assert not mercado_pago.calls
    account.refresh_from_db()
    assert account.refresh_token == "TG-unspent"
    assert account.token_due_at
    assert account.token_due_at > timezone.now()
