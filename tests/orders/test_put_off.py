"""What wants to ask Mercado Pago about an account that is left alone: put off, not failed, and people are told why."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.contrib.auth.models import User
from django.utils import timezone

from gateway.errors import NotAsked
from orders import loyalty, reconciliation, refunds, tasks
from orders.errands import CHECK, SEND
from orders.models import Order, Refund, RefundRequest
from orders.settlement import settle
from orders.states import RefundStatus, RequestStatus
from stores import working
from stores.models import Account, ErrandStep
from stores.services import connect
from tests.errands import work
from tests.factories import OrderFactory
from tests.orders.conftest import API, remote
from tests.silence import silence

SOON = timedelta(seconds=5)
WHY = "Mercado Pago has not answered for this account since "


@pytest.fixture(autouse=True)
def _clock() -> Iterator[None]:
    """Stands still: no pause ends by itself."""
    with time_machine.travel(timezone.now(), tick=False):
        yield


@pytest.fixture
def sold(order: Order, paid, payment) -> Order:
    just_now = timezone.now().isoformat()
    return settle(order.pk, remote(paid(order, payment(1, 500, date_approved=just_now))), actor="test")


@pytest.fixture
def refund(sold: Order) -> Refund:
    refunds.ask(sold, amount=None, reason="", actor="test", idempotency_key="r1")
    return Refund.objects.get()


def send(refund: Refund) -> Refund:
    refunds.send_one(refund, client=connect(refund.request.order.account))
    return Refund.objects.get()


def is_soon(moment: datetime | None) -> bool:
    return moment is not None and timedelta() < moment - timezone.now() < SOON


def told_of(work_wanted: working.Work, row, actor: User) -> tuple[str, str]:
    """What the person who asked for it reads."""
    working.ask(work=work_wanted, user_id=actor.pk, keys=[row.pk], back="/", action="x", rows_url="/")
    work()
    step = ErrandStep.objects.get()
    return step.state, step.sentence


def test_a_check_that_asked_nobody_is_soon_due_again_and_not_counted(order, mercado_pago) -> None:
    Order.objects.update(checks=7)
    order.refresh_from_db()
    silence(order.account, mercado_pago)
    with pytest.raises(NotAsked):
        reconciliation.check(order, client=connect(order.account))
    order.refresh_from_db()
    assert order.checks == 7
    assert is_soon(order.next_check_at)


def test_the_last_check_of_an_order_is_not_lost(order, mercado_pago) -> None:
    Order.objects.update(expires_at=timezone.now() - timedelta(days=2), status="expired")
    order.refresh_from_db()
    silence(order.account, mercado_pago)
    tasks.check_order(order.pk)
    order.refresh_from_db()
    assert is_soon(order.next_check_at)


def test_who_was_never_served_expires_all_the_same(pos, mercado_pago, monkeypatch) -> None:
    woken: list[int] = []
    monkeypatch.setattr(tasks.expire_order, "apply_async", lambda arguments, **_: woken.append(*arguments))
    past = timezone.now() - timedelta(seconds=1)
    unseen = OrderFactory.create(pos=pos, expires_at=past)
    other_pump = type(pos).objects.create(store=pos.store, account=pos.account, external_id="OTHER", name="Other")
    OrderFactory.create(pos=other_pump, expires_at=past, first_served_at=past)
    silence(pos.account, mercado_pago)
    tasks.expire_due()
    assert woken == [unseen.pk]


def test_points_that_nobody_was_asked_about_are_soon_due_again(order, mercado_pago, paid) -> None:
    settle(order.pk, remote(paid(order)), actor="test")
    Order.objects.update(loyalty_due_at=timezone.now(), closed_at=timezone.now() - timedelta(days=4))
    order.refresh_from_db()
    silence(order.account, mercado_pago)
    with pytest.raises(NotAsked):
        loyalty.ask(order, client=connect(order.account))
    order.refresh_from_db()
    assert is_soon(order.loyalty_due_at)


def test_a_refund_that_was_not_sent_is_as_if_it_had_not_been_tried(refund, mercado_pago) -> None:
    silence(refund.request.order.account, mercado_pago)
    kept = send(refund)
    assert (kept.status, kept.attempts, kept.asked_at, kept.key) == (RefundStatus.PENDING, 0, None, refund.key)
    assert is_soon(kept.next_attempt_at)
    assert kept.error.startswith(WHY)
    assert not Refund.objects.unanswered(timezone.now() + timedelta(days=1)).exists()
    assert not mercado_pago.calls


def test_it_is_sent_once_afterwards_with_its_key_and_without_a_question_before(refund, mercado_pago) -> None:
    account = refund.request.order.account
    silence(account, mercado_pago)
    send(refund)
    answered = {"id": account.user_id, "site_id": "MLA"}
    Refund.objects.update(next_attempt_at=timezone.now())
    mercado_pago.get(f"{API}/users/me", json=answered)
    made = {"id": 71, "payment_id": 1, "amount": 500, "status": "approved"}
    post = mercado_pago.post(f"{API}/v1/payments/1/refunds", json=made, status=201)
    _answer_again(account)
    sent = send(Refund.objects.get())
    assert (sent.status, sent.attempts) == (RefundStatus.APPROVED, 1)
    assert [call.request.headers["X-Idempotency-Key"] for call in post.calls] == [str(refund.key)]
    assert not [call for call in mercado_pago.calls if call.request.method == "GET" and "refunds" in call.request.url]


def test_a_refund_whose_answer_was_lost_stays_uncertain_while_nobody_is_asked(refund, mercado_pago) -> None:
    mercado_pago.post(f"{API}/v1/payments/1/refunds", status=502, json={})
    lost = send(refund)
    assert lost.attempts == 1
    asked_at = lost.asked_at
    silence(refund.request.order.account, mercado_pago)
    Refund.objects.update(next_attempt_at=timezone.now())
    kept = send(lost)
    assert (kept.attempts, kept.asked_at) == (1, asked_at)  # so the next one asks before it sends


def test_a_controller_is_told_that_its_refund_waits(sold, pump, mercado_pago) -> None:
    silence(sold.account, mercado_pago)
    url = f"/api/v1/orders/{sold.pk}/refunds"
    answer = pump.post(url, {}, format="json", headers={"Idempotency-Key": "r1"})
    assert (answer.status_code, answer.json()["status"]) == (202, "pending")


def test_a_controller_is_told_why_its_order_cannot_be_canceled_now(order, pump, mercado_pago) -> None:
    Order.objects.update(first_served_at=timezone.now())
    silence(order.account, mercado_pago)
    answer = pump.post(f"/api/v1/orders/{order.pk}/cancel", {}, format="json")
    assert answer.status_code == 503
    assert answer.json()["detail"].startswith(WHY)
    assert answer.json()["detail"].endswith("Nothing was changed.")
    order.refresh_from_db()
    assert order.status == "open"


def test_who_checks_now_is_told_at_once_that_there_are_no_answers(order, mercado_pago) -> None:
    silence(order.account, mercado_pago)
    state, sentence = told_of(CHECK, order, User.objects.create_user("ana"))
    assert state == "failed"
    assert sentence.startswith(WHY)
    assert "it is asked again at" in sentence


def test_who_refunds_is_told_that_it_is_sent_later_and_why(refund, mercado_pago) -> None:
    silence(refund.request.order.account, mercado_pago)
    state, sentence = told_of(SEND, refund.request, User.objects.create_user("ana"))
    assert state == "done"
    assert "is not sent yet, and will be by itself." in sentence
    assert WHY in sentence
    assert RefundRequest.objects.get().status == RequestStatus.PENDING
    assert RefundRequest.objects.get().amount == Decimal(500)


def _answer_again(account: Account) -> None:
    """An answer to a call that had begun before ends the silence, as any does."""
    client = connect(account)
    client._breaker.ends = 0.0
    client.me()
