"""Who may decide what, and two people at once."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client

from backoffice import roles
from backoffice.cases import deciding, queue
from backoffice.cases.sources import SOURCES
from backoffice.models import Case, Decision
from backoffice.roles import Role
from orders.models import RefundRequest
from stores.models import Store
from tests.backoffice.conftest import ACTS, SEES, person
from tests.backoffice.queue_page import DECIDED, QUEUE, buttons, case_of, count, page, press, said
from tests.factories import PosFactory, StoreFactory


@pytest.mark.parametrize("reason", ["", "   ", "ok", "\t \n x \n"])
def test_without_a_reason_nothing_happens(ana, twice, reason) -> None:
    told = case_of(ana, "order")
    for action in ("refund", "keep", "set_aside"):
        assert "Say why" in said(press(ana, told, action, reason=reason))
    twice.refresh_from_db()
    assert (RefundRequest.objects.get().status, twice.attention, count()) == ("proposed", "overpaid", 1)
    assert not Decision.objects.exists()


def test_what_was_typed_is_not_lost(ana, twice) -> None:
    answer = press(ana, case_of(ana, "order"), "keep", reason="it was a tip", facts="old")
    assert "has changed since you saw it" in said(answer)
    assert 'value="it was a tip"' in answer.content.decode()
    assert RefundRequest.objects.get().status == "proposed"


def test_an_action_that_there_is_not_changes_nothing(ana, twice) -> None:
    assert "has changed" in said(press(ana, case_of(ana, "order"), "explode"))
    assert (count(), Decision.objects.count()) == (1, 0)


def test_who_comes_second_is_told_who_decided_and_why(ana, boss, twice) -> None:
    told = case_of(boss, "order")
    press(ana, told, "keep", reason="it was a tip")
    answer = press(boss, told, "refund")
    assert "decided already, by ana" in said(answer)
    assert "it was a tip" in said(answer)
    assert (RefundRequest.objects.get().status, Decision.objects.count()) == ("declined", 1)


@pytest.mark.parametrize("role", Role)
def test_who_may_decide_nothing_is_told_who_may(twice, role) -> None:
    user = User.objects.create_user("luis", is_staff=True)
    roles.give(user, role)
    twice.pos.store.managers.add(user)
    client = Client()
    client.force_login(user)
    told = case_of(client, "order")
    if role in (Role.CHAIN_ADMINISTRATOR, Role.STATION_MANAGER):
        assert (told.whom_to_tell, bool(told.actions)) == ("", True)
    else:
        assert told.whom_to_tell in page(client)
        assert told.whom_to_tell.endswith("Tell who may decide: station manager, chain administrator.")


@pytest.mark.parametrize("source", [name for name in SOURCES if name != "request"])  # as the refunds of orders
def test_of_every_kind_of_case_some_role_may_decide(boss, waiting_row, source) -> None:
    waiting_row(source)
    case = case_of(boss, source).case
    nobody = User.objects.create_user("nobody")
    row = SOURCES[source].rows([case.object_id])[case.object_id]
    assert "chain administrator." in deciding.told(case, row, nobody).whom_to_tell


def test_cases_of_other_stores_are_not_shown_and_not_there(twice) -> None:
    other = StoreFactory.create(account=twice.account)
    eva = person("eva", *ACTS, store=other)
    queue.look()
    case = Case.objects.get()
    assert 'id="case-' not in page(eva)
    fields = {"action": "keep", "facts": "", "reason": "it was a tip"}
    assert eva.post(f"{QUEUE}{case.pk}/", fields).status_code == 404
    assert (RefundRequest.objects.get().status, count()) == ("proposed", 1)
    assert eva.post(f"{QUEUE}999999/", fields).status_code == 404


def test_what_was_decided_in_other_stores_is_not_shown_either(ana, twice) -> None:
    told = case_of(ana, "order")
    press(ana, told, "keep")
    eva = person("eva", *ACTS, store=StoreFactory.create(account=twice.account))
    assert twice.external_reference in ana.get(DECIDED).content.decode()
    assert twice.external_reference not in eva.get(DECIDED).content.decode()
    assert eva.post(f"{QUEUE}{told.case.pk}/", {"action": "keep"}).status_code == 404


def test_who_may_only_look_sees_no_buttons_and_is_refused(twice, store) -> None:
    looker = person("looker", *SEES, store=store)
    told = case_of(looker, "order")
    assert buttons(page(looker)) == set()
    for action in ("refund", "keep", "set_aside", "check"):
        assert press(looker, told, action).status_code == 403
    assert (RefundRequest.objects.get().status, count()) == ("proposed", 1)


def test_who_may_only_look_is_refused_before_anything_is_said_of_a_decided_case(ana, twice, store) -> None:
    told = case_of(ana, "order")
    press(ana, told, "keep")
    looker = person("looker", *SEES, store=store)
    assert press(looker, told, "keep").status_code == 403


def test_who_may_decide_but_not_refund_cannot_refund(twice, store) -> None:
    clerk = person("clerk", *SEES, "add_decision", store=store)
    assert buttons(page(clerk)) == {"check", "set_aside"}
    assert press(clerk, case_of(clerk, "order"), "refund").status_code == 403
    assert RefundRequest.objects.get().status == "proposed"


def test_who_agreed_first_is_told_to_wait_for_another(ana, boss, twice, store) -> None:
    Store.objects.filter(pk=store.pk).update(refund_limit=100)
    press(ana, case_of(ana, "order"), "agree")
    mine, others = case_of(ana, "order"), case_of(boss, "order")
    assert "refund" not in [action.name for action in mine.actions]
    assert "You have agreed to give this back" in page(ana)
    assert "refund" in [action.name for action in others.actions]
    assert "You have agreed" not in page(boss)
    assert "somebody else must agree" in said(press(ana, mine, "refund"))


def test_what_is_of_a_whole_account_is_for_who_sees_all_its_stores(ana, waiting_row, store) -> None:
    waiting_row("notification")
    waiting_row("account")
    told = case_of(ana, "notification")
    assert told is not None
    PosFactory.create(store=StoreFactory.create(account=store.account))  # one that ana does not manage
    assert case_of(ana, "notification") is None
    assert case_of(ana, "account") is None
    assert ana.post(f"{QUEUE}{told.case.pk}/", {"action": "replay"}).status_code == 404
    head = person("head", *ACTS, "see_all_stores")
    assert case_of(head, "notification") is not None


def test_who_sees_nothing_that_can_wait_has_no_queue(db) -> None:
    nobody = person("nobody")
    assert [nobody.get(url).status_code for url in (QUEUE, DECIDED, f"{QUEUE}1/")] == [403, 403, 403]


def test_decisions_are_filtered(ana, twice) -> None:
    press(ana, case_of(ana, "order"), "keep", reason="it was a tip")
    for query, is_shown in (({"by": "ana"}, True), ({"by": "eva"}, False), ({"outcome": "acted"}, True),
                            ({"outcome": "resolved"}, False), ({"kind": "overpaid"}, True)):  # fmt: skip
        assert ("it was a tip" in ana.get(DECIDED, query).content.decode()) is is_shown, query


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_of_two_people_at_once_one_decides_and_the_other_is_told(twice) -> None:
    users = [User.objects.create_superuser(name) for name in ("ana", "eva")]
    queue.look()
    case = Case.objects.get()
    facts = deciding.told(case, twice, users[0]).story.facts
    start = Barrier(2)

    def decide(user: User) -> str:
        try:
            start.wait()
            deciding.decide(case.pk, user=user, action="keep", facts=facts, reason=f"because of {user}")
        except deciding.Refused as refusal:
            return str(refusal)
        finally:
            connection.close()
        return "done"

    with ThreadPoolExecutor(2) as pool:
        outcomes = sorted(pool.map(decide, users), key=len)
    made = Decision.objects.get()
    assert outcomes[0] == "done"
    assert f"decided already, by {made.actor}" in outcomes[1]
    assert RefundRequest.objects.get().decided_by == made.actor


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_looks_at_the_same_moment_open_a_case_once(twice) -> None:
    def look(_number: int) -> None:
        try:
            queue.look()
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(look, range(6)))
    assert count() == 1
    assert not Decision.objects.exists()
