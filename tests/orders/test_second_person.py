"""Refunds above a store's limit: two people, whichever way the money would go."""

import re
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test import Client
from django.utils import timezone
from django.utils.translation import override

from backoffice.models import Case
from orders import refunds
from orders.errors import Refused
from orders.models import Order, Refund, RefundRequest
from orders.settlement import settle
from stores.models import Errand, Store
from stores.services import connect
from stores.tasks import run_errand
from tests.orders.conftest import API, found, remote


@pytest.fixture
def sold(order: Order, paid, payment) -> Order:
    """500.00, paid just now, at a store where one person refunds at most 100.00."""
    Store.objects.update(refund_limit=100)
    body = paid(order, payment(1, 500, date_approved=timezone.now().isoformat()))
    return settle(order.pk, remote(body), actor="test")


@pytest.fixture
def ana(db: None) -> User:
    return User.objects.create_user("ana")


@pytest.fixture
def eva(db: None) -> User:
    return User.objects.create_user("eva")


def ask(order: Order, amount: int, key: str, person: User | None) -> RefundRequest:
    made, _is_new = refunds.ask(
        order, amount=Decimal(amount), reason="spilled", actor=str(person), idempotency_key=key, person=person
    )
    return made


def test_up_to_the_limit_one_person_decides(sold, ana) -> None:
    assert ask(sold, 100, "a", ana).status == "pending"


def test_above_it_nothing_goes_out_before_somebody_else_agrees(sold, ana, eva, mercado_pago) -> None:
    proposal = ask(sold, 101, "a", ana)
    assert (proposal.status, proposal.actor, proposal.first_person) == ("proposed", "ana", ana)
    refunds.send(proposal, client=connect(sold.account))
    with pytest.raises(Refused, match="somebody else"):
        refunds.accept(proposal, person=ana)
    assert not Refund.objects.exists()
    assert not mercado_pago.calls
    agreed = refunds.accept(proposal, person=eva)
    assert (agreed.status, agreed.decided_by, agreed.refunds.get().amount) == ("pending", "eva", 101)


def test_a_superuser_is_one_person_too(sold) -> None:
    root = User.objects.create_superuser("root")
    with pytest.raises(Refused):
        refunds.accept(ask(sold, 500, "a", root), person=root)
    assert not Refund.objects.exists()


def test_two_halves_are_a_whole_also_of_two_people(sold, ana, eva) -> None:
    assert ask(sold, 60, "a", ana).status == "pending"
    assert ask(sold, 40, "b", eva).status == "pending"
    assert ask(sold, 1, "c", ana).status == "proposed"


def test_what_cannot_be_refunded_is_refused_at_once(sold, ana) -> None:
    with pytest.raises(Refused, match="At most"):
        ask(sold, 501, "a", ana)
    assert not RefundRequest.objects.exists()


def test_it_waits_until_it_is_decided_whatever_news_comes(sold, ana, paid, payment) -> None:
    proposal = ask(sold, 300, "a", ana)
    settle(sold.pk, remote(paid(sold, payment(1, 500), last_updated="2026-12-01T00:00:00Z")), actor="test")
    proposal.refresh_from_db()
    assert proposal.status == "proposed"


def test_what_is_declined_is_not_kept_back_from_a_customer_who_pays_twice(sold, ana, eva, paid, payment) -> None:
    refunds.decline(ask(sold, 300, "a", ana), actor="eva")
    twice = settle(sold.pk, remote(paid(sold, payment(2, 500), id=2)), actor="test")
    assert twice.attention == "overpaid"
    assert twice.refund_requests.get(status="proposed").amount == 500


def test_a_controller_has_nobody_to_ask_and_is_refused(sold, pump, mercado_pago) -> None:
    answer = pump.post(
        f"/api/v1/orders/{sold.pk}/refunds", {"amount": "200.00"}, format="json", headers={"Idempotency-Key": "r1"}
    )
    assert answer.status_code == 409
    assert answer.json()["type"].endswith("refund-above-limit")
    assert "100.00 ARS" in answer.json()["detail"]
    assert not RefundRequest.objects.exists()
    assert not mercado_pago.calls


def test_what_the_rules_propose_above_the_limit_needs_two_as_well(sold, ana, eva, paid, payment) -> None:
    settle(sold.pk, remote(paid(sold, payment(2, 500), id=2)), actor="test")
    proposal = RefundRequest.objects.get(status="proposed", amount=500)
    assert refunds.accept(proposal, person=ana).status == "proposed"
    with pytest.raises(Refused):
        refunds.accept(proposal, person=ana)
    assert refunds.accept(proposal, person=eva).status == "pending"


def test_another_amount_is_another_question(sold, ana, paid, payment) -> None:
    settle(sold.pk, remote(paid(sold, payment(2, 500), id=2)), actor="test")
    refunds.accept(RefundRequest.objects.get(), person=ana)
    settle(sold.pk, remote(paid(sold, payment(3, 500), id=3)), actor="test")
    proposal = RefundRequest.objects.get()
    assert (proposal.amount, proposal.first_person) == (1000, None)


def test_the_policy_of_the_store_asks_nobody(sold, paid, payment) -> None:
    Store.objects.update(surplus_refunds="auto")
    body = paid(sold, payment(2, 500, date_approved=timezone.now().isoformat()), id=2)
    settle(sold.pk, remote(body), actor="test")
    assert RefundRequest.objects.get().status == "pending"


# --- in the back-office ----------------------------------------------------------------------------------------------
def client_of(person: User, store: Store) -> Client:
    person.is_staff = True
    person.save()
    person.user_permissions.set(Permission.objects.filter(codename__in=(
        "view_order", "view_refundrequest", "add_refundrequest", "change_refundrequest")))  # fmt: skip
    store.managers.add(person)
    client = Client()
    client.force_login(person)
    return client


def act(client: Client, of: str, action: str, row: Any, **fields: str) -> Any:
    return client.post(f"/admin/orders/{of}/", {"action": action, "_selected_action": row.pk} | fields, follow=True)


def worked(client: Client) -> str:
    """What came of what was asked for last, once a worker had its turn."""
    errand = Errand.objects.latest("pk")
    run_errand(errand.pk)
    return str(client.get(f"/admin/stores/errand/{errand.pk}/change/").content.decode())


def said(answer: Any) -> str:
    return " ".join(str(message) for message in answer.context["messages"])


def test_one_asks_the_front_page_says_so_and_another_agrees(sold, ana, eva, mercado_pago) -> None:
    mercado_pago.post(f"{API}/v1/payments/1/refunds", json={"id": 7, "amount": 300, "status": "approved"})
    found(mercado_pago)
    first, second = (client_of(person, sold.pos.store) for person in (ana, eva))
    page = act(first, "order", "refund", sold)
    assert "more than 100.00 ARS, a second person must agree" in page.content.decode()
    form = {"apply": "1", "amount": "300", "reason": "spilled", "key": str(page.context["form"]["key"].value())}
    form["confirmed"] = "1"
    assert "waits for a second person" in said(act(first, "order", "refund", sold, **form))
    assert [(one.source, one.label) for one in Case.objects.all()] == [("request", str(sold))]  # before anybody looks
    waiting = {str(one.label): one.count for one in second.get("/admin/").context["waiting"]}
    assert waiting == {"refund that a second person must agree to": 1}
    proposal = RefundRequest.objects.get()
    why = {"apply": "1", "reason": "I saw it"}
    act(first, "refundrequest", "accept", proposal, **why)
    assert "somebody else must agree" in worked(first)
    assert not mercado_pago.calls
    act(second, "refundrequest", "accept", proposal, **why)
    assert "300.00 ARS went back to the customer" in worked(second)
    proposal.refresh_from_db()
    assert (proposal.status, proposal.actor, proposal.decided_by, proposal.reason) == (
        "approved", "ana", "eva", "spilled",
    )  # fmt: skip
    shown = second.get(f"/admin/orders/refundrequest/{proposal.pk}/change/").content.decode()
    assert all(word in shown for word in ("ana", "eva", "spilled"))


@pytest.mark.parametrize(
    ("amount", "button"), [("100", "Give back 100.00 ARS"), ("101", "Propose to give back 101.00 ARS")]
)
def test_above_the_limit_the_page_says_before_that_it_only_proposes(sold, ana, amount: str, button: str) -> None:
    key = "0b0b0b0b-0000-4000-8000-000000000000"
    form = {"apply": "1", "amount": amount, "reason": "spilled", "key": key}
    page = act(client_of(ana, sold.pos.store), "order", "refund", sold, **form).content.decode()
    assert f'value="{button}"' in page
    assert ("until a second person agrees" in page) is button.startswith("Propose")
    assert not RefundRequest.objects.exists()


@pytest.mark.parametrize(
    ("amount", "told"),
    [("1600", "no máximo 1.500,00 ARS"), ("0", "Escreva um valor maior"), ("-1", "Escreva um valor maior")],
)  # fmt: skip
def test_the_form_writes_amounts_as_its_reader_does(order, paid, payment, ana, amount: str, told: str) -> None:
    body = paid(order, payment(1, 1500, date_approved=timezone.now().isoformat()))
    sold = settle(order.pk, remote(body), actor="test")
    client = client_of(ana, sold.pos.store)
    client.cookies["django_language"] = "pt-br"
    form = {"apply": "1", "amount": amount, "reason": "spilled", "key": "0b0b0b0b-0000-4000-8000-000000000000"}
    with override(None):  # whatever the request leaves behind
        page = act(client, "order", "refund", sold, **form).content.decode()
    assert told in page
    assert not re.search(r"0\.01 *<|1500\.00 ARS", page)


def test_what_one_person_decided_alone_says_who(sold, ana, eva) -> None:
    alone, open_ = ask(sold, 60, "a", ana), ask(sold, 300, "b", ana)
    assert (alone.who_decided, open_.who_decided) == ("ana", "-")
    assert refunds.accept(open_, person=eva).who_decided == "eva"
    client = client_of(eva, sold.pos.store)
    for url in ("", f"{alone.pk}/change/"):
        assert "Decided by" in client.get(f"/admin/orders/refundrequest/{url}").content.decode()
    rows = client.get("/admin/orders/refundrequest/").content.decode()
    assert '<td class="field-who_decided">ana</td>' in rows


# --- at once ---------------------------------------------------------------------------------------------------------
def at_once(number: int, act: Any) -> list[str]:
    def run(which: int) -> str:
        try:
            return str(act(which).status)
        except Refused as refusal:
            return refusal.kind
        finally:
            connection.close()

    with ThreadPoolExecutor(number) as threads:
        return sorted(threads.map(run, range(number)))


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_two_who_agree_at_once_send_one_refund(sold, ana, mercado_pago) -> None:
    mercado_pago.post(f"{API}/v1/payments/1/refunds", json={"id": 7, "amount": 300, "status": "approved"})
    found(mercado_pago)
    proposal = ask(sold, 300, "a", ana)
    others = [User.objects.create_user(f"other {n}") for n in range(6)]

    def agree(which: int) -> RefundRequest:
        made = refunds.accept(RefundRequest.objects.get(pk=proposal.pk), person=others[which])
        return refunds.send(made, client=connect(sold.account))

    assert at_once(6, agree) == ["approved"] + ["decided"] * 5
    assert len([call for call in mercado_pago.calls if call.request.method == "POST"]) == 1


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_halves_that_are_asked_for_at_once_do_not_pass_the_limit(sold, ana) -> None:
    assert at_once(4, lambda which: ask(sold, 60, str(which), ana)) == ["pending", "proposed", "proposed", "proposed"]
    assert Refund.objects.get().amount == 60
