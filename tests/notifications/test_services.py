from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from gateway.errors import NotAsked
from notifications import services, tasks
from notifications.models import Notification, Outcome
from orders.models import Order
from stores.services import connect
from tests.deliveries import delivered
from tests.factories import OrderFactory
from tests.silence import silence

API = "https://api.mercadopago.com"


@pytest.fixture
def notification(account):
    def make(query="topic=merchant_order&id=23603350837", body=b""):
        return delivered(account, query, body)

    return make


def work(notification):
    services.process(notification, client=connect(notification.account))
    notification.refresh_from_db()
    return notification


@pytest.fixture
def closed(order, payload):
    """The merchant order that covers `order`."""
    ours = {"external_reference": order.external_reference, "collector": {"id": order.account.user_id}}
    return payload("merchant_order_closed") | ours | {"payments": [payload("payment_approved")]}


def test_news_of_a_paid_merchant_order_closes_its_order(notification, order, closed, mercado_pago) -> None:
    mercado_pago.get(f"{API}/merchant_orders/23603350837", json=closed)
    done = work(notification())
    order.refresh_from_db()
    assert (order.status, done.outcome, done.order, done.next_attempt_at) == ("closed", "processed", order, None)
    assert order.transitions.get(to_status="closed").actor == f"notification {done.pk}"


def test_news_of_a_payment_leads_to_its_merchant_order(notification, order, closed, mercado_pago, payload) -> None:
    of = {"order": {"id": "23603350837", "type": "mercadopago"}}
    mercado_pago.get(f"{API}/v1/payments/150211668619", json=payload("payment_approved") | of)
    mercado_pago.get(f"{API}/merchant_orders/23603350837", json=closed)
    assert work(notification("type=payment&data.id=150211668619")).outcome == Outcome.PROCESSED
    order.refresh_from_db()
    assert order.status == "closed"


def test_the_body_is_believed_in_nothing(notification, order, mercado_pago, payload) -> None:
    opened = payload("merchant_order_opened") | {"external_reference": order.external_reference}
    opened["collector"] = {"id": order.account.user_id}
    mercado_pago.get(f"{API}/merchant_orders/23603350837", json=opened)
    work(notification(body=b'{"status":"closed","payments":[{"id":1,"status":"approved","transaction_amount":500}]}'))
    order.refresh_from_db()
    assert (order.status, order.paid_amount) == ("open", 0)


@pytest.mark.parametrize(
    ("query", "outcome"),
    [
        ("topic=chargebacks&id=1", Outcome.IGNORED),
        ("topic=merchant_order&id=abc", Outcome.UNREADABLE),
        ("", Outcome.UNREADABLE),
    ],
)
def test_what_cannot_be_followed_is_set_aside_without_asking(notification, mercado_pago, query, outcome) -> None:
    done = work(notification(query))
    assert (done.outcome, done.next_attempt_at) == (outcome, None)
    assert not mercado_pago.calls


def test_what_is_about_no_order_of_ours_is_tried_again_later(notification, mercado_pago, payload) -> None:
    mercado_pago.get(f"{API}/merchant_orders/23603350837", json=payload("merchant_order_closed"))
    done = work(notification())
    assert (done.outcome, done.attempts) == (Outcome.UNMATCHED, 1)
    assert done.next_attempt_at > timezone.now()


def test_another_accounts_order_is_not_touched(notification, mercado_pago, payload) -> None:
    foreign = OrderFactory.create()
    body = payload("merchant_order_closed") | {"external_reference": foreign.external_reference}
    mercado_pago.get(f"{API}/merchant_orders/23603350837", json=body | {"payments": [payload("payment_approved")]})
    assert work(notification()).outcome == Outcome.UNMATCHED
    foreign.refresh_from_db()
    assert (foreign.status, foreign.paid_amount) == ("open", 0)


def test_when_mercado_pago_does_not_answer_it_is_tried_again_with_growing_pauses(notification, mercado_pago) -> None:
    mercado_pago.get(f"{API}/merchant_orders/23603350837", status=503)
    row = notification()
    pauses = []
    for _ in range(3):
        work(row)
        pauses.append(row.next_attempt_at - row.processed_at)
    assert row.outcome == Outcome.FAILED
    assert "503" in row.error
    assert pauses == sorted(set(pauses))


def test_mercado_pago_is_left_alone_for_as_long_as_it_asks(notification, mercado_pago) -> None:
    mercado_pago.get(f"{API}/merchant_orders/23603350837", status=429, headers={"Retry-After": "600"})
    done = work(notification())
    assert done.next_attempt_at - done.processed_at == timedelta(seconds=600)


def test_after_a_day_it_is_left_to_people(notification, mercado_pago) -> None:
    mercado_pago.get(f"{API}/merchant_orders/23603350837", status=404, json={})
    row = notification()
    Notification.objects.filter(pk=row.pk).update(received_at=timezone.now() - timedelta(hours=25))
    row.refresh_from_db()
    assert work(row).next_attempt_at is None


def test_an_account_may_refuse_what_is_not_signed(notification, order, account, closed, mercado_pago) -> None:
    account.refuse_invalid_signatures = True
    account.save()
    assert work(notification()).outcome == Outcome.REFUSED
    order.refresh_from_db()
    assert order.status == "open"


def test_the_sweep_finds_what_nobody_was_woken_for(notification, order, closed, mercado_pago, monkeypatch) -> None:
    mercado_pago.get(f"{API}/merchant_orders/23603350837", json=closed)
    fresh, forgotten = notification(), notification()
    Notification.objects.filter(pk=forgotten.pk).update(next_attempt_at=timezone.now() - timedelta(seconds=1))
    woken: list[int] = []
    monkeypatch.setattr(tasks.process_notifications, "delay", woken.extend)
    tasks.sweep()
    tasks.sweep()
    assert woken == [forgotten.pk]
    tasks.process_notifications([forgotten.pk])
    assert Order.objects.get(pk=order.pk).status == "closed"
    assert Notification.objects.get(pk=fresh.pk).outcome == Outcome.RECEIVED


def test_old_deliveries_are_forgotten_in_batches_and_what_is_not_done_is_kept(notification, monkeypatch) -> None:
    rows = [notification() for _ in range(4)]
    old = timezone.now() - timedelta(days=91)
    Notification.objects.filter(pk__in=[r.pk for r in rows[:3]]).update(received_at=old, next_attempt_at=None)
    Notification.objects.filter(pk=rows[0].pk).update(next_attempt_at=timezone.now())
    monkeypatch.setattr(tasks, "BATCH", 1)
    woken: list[int] = []
    monkeypatch.setattr(tasks.purge, "delay", lambda: woken.append(1))
    tasks.purge()
    assert (Notification.objects.count(), len(woken)) == (3, 1)
    tasks.purge()
    tasks.purge()
    assert sorted(Notification.objects.values_list("pk", flat=True)) == [rows[0].pk, rows[3].pk]
    assert len(woken) == 2


@time_machine.travel("2026-11-29T06:12:00Z", tick=False)
def test_a_delivery_that_nobody_was_asked_about_is_put_off_and_was_no_attempt(account, mercado_pago) -> None:
    delivery = delivered(account, "topic=merchant_order&id=1")
    silence(account, mercado_pago)
    tasks.process_notifications([delivery.pk])
    delivery.refresh_from_db()
    assert (delivery.attempts, delivery.outcome, delivery.processed_at) == (0, "received", None)
    assert "not asked: no answers since" in delivery.error
    assert delivery.next_attempt_at
    assert timedelta() < delivery.next_attempt_at - timezone.now() < timedelta(seconds=5)
    assert not mercado_pago.calls


@time_machine.travel("2026-11-29T06:12:00Z", tick=False)
def test_a_delivery_that_was_put_off_for_days_is_never_given_up(account, mercado_pago) -> None:
    delivery = delivered(account, "topic=merchant_order&id=1")
    Notification.objects.update(received_at=timezone.now() - timedelta(days=3))
    silence(account, mercado_pago)
    tasks.process_notifications([delivery.pk])
    delivery.refresh_from_db()
    assert delivery.next_attempt_at is not None


@time_machine.travel("2026-11-29T06:12:00Z", tick=False)
def test_who_rehearses_a_replay_is_told_that_there_are_no_answers(notification, account, mercado_pago) -> None:
    silence(account, mercado_pago)
    with pytest.raises(NotAsked):
        services.rehearse(notification(), client=connect(account))
