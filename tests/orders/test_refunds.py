"""Money that goes back: once, of the right payments, within the limits, also when the answer is lost."""

import contextlib
import itertools
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.utils import timezone

from orders import refunds, tasks
from orders.errors import Refused
from orders.models import Order, Refund, RefundRequest
from orders.services import cancel
from orders.settlement import move, settle
from orders.states import Attention, Status
from pos.services import create_key
from stores.services import connect
from tests.conftest import controller
from tests.factories import StoreFactory
from tests.orders.conftest import API, SEARCH, found, remote


@pytest.fixture
def sold(order: Order, paid, payment) -> Order:
    """500.00, paid 300 + 200 just now."""
    just_now = timezone.now().isoformat()
    parts = (payment(1, 300, date_approved=just_now), payment(2, 200, date_approved=just_now))
    return settle(order.pk, remote(paid(order, *parts)), actor="test")


@pytest.fixture
def ask(pump):
    def ask(order: Order, key: str = "r1", **body: Any):
        return pump.post(f"/api/v1/orders/{order.pk}/refunds", body, format="json", headers={"Idempotency-Key": key})

    return ask


def answer(mercado_pago, payment_id: int, remote_id: int, amount: float, **options: Any) -> Any:
    body = {"id": remote_id, "payment_id": payment_id, "amount": amount, "status": "approved"}
    return mercado_pago.post(f"{API}/v1/payments/{payment_id}/refunds", json=body, **options)


def sent(mercado_pago) -> list[tuple[str, Any, str]]:
    return [
        (c.request.url.removeprefix(API), json.loads(c.request.body), c.request.headers["X-Idempotency-Key"])
        for c in mercado_pago.calls
        if c.request.method == "POST"
    ]


def test_a_full_refund_takes_every_payment(sold, ask, mercado_pago, paid, payment) -> None:
    answer(mercado_pago, 1, 71, 300), answer(mercado_pago, 2, 72, 200)
    gone = {"last_updated": "2026-12-01T00:00:00Z"}
    found(mercado_pago, paid(sold, payment(1, 300, "refunded"), payment(2, 200, "refunded"), **gone))
    made = ask(sold, reason="wrong product")
    assert made.status_code == 201, made.content
    assert (made.json()["status"], made.json()["amount"], made.json()["reason"]) == (
        "approved", "500.00", "wrong product",
    )  # fmt: skip
    keys = {r.payment.remote_id: str(r.key) for r in Refund.objects.all()}
    assert sorted(sent(mercado_pago)) == [
        ("/v1/payments/1/refunds", {}, keys[1]),
        ("/v1/payments/2/refunds", {}, keys[2]),
    ]
    sold.refresh_from_db()
    assert (sold.status, sold.payment_status, sold.refunded_amount, sold.attention) == (
        "closed", "refunded", Decimal(500), None,
    )  # fmt: skip


def test_a_part_is_spread_over_payments_the_newest_first(sold, ask, mercado_pago) -> None:
    answer(mercado_pago, 1, 71, 50), answer(mercado_pago, 2, 72, 200)
    found(mercado_pago)
    made = ask(sold, amount="250.00")
    assert {r["payment"]: r["amount"] for r in made.json()["refunds"]} == {1: "50.00", 2: "200.00"}
    assert [(url, body) for url, body, _key in sent(mercado_pago)] == [
        ("/v1/payments/1/refunds", {"amount": 50.0}),
        ("/v1/payments/2/refunds", {}),
    ]


def test_a_payment_that_matches_exactly_is_taken_alone(sold, ask, mercado_pago) -> None:
    answer(mercado_pago, 1, 71, 300)
    found(mercado_pago)
    assert [r["payment"] for r in ask(sold, amount="300.00").json()["refunds"]] == [1]


def test_the_row_and_its_key_exist_before_mercado_pago_is_called(sold, ask, mercado_pago) -> None:
    seen: list[tuple[str, str, int]] = []

    def look(request):
        [row] = Refund.objects.all()
        seen.append((str(row.key), request.headers["X-Idempotency-Key"], row.attempts))
        return 201, {}, json.dumps({"id": 71, "amount": 200, "status": "approved"})

    mercado_pago.add_callback("POST", f"{API}/v1/payments/2/refunds", look)
    found(mercado_pago)
    ask(sold, amount="200.00")
    [(kept, told, attempts)] = seen
    assert (kept, attempts) == (told, 1)


def test_a_lost_answer_is_found_by_asking_and_nothing_is_sent_twice(sold, ask, mercado_pago) -> None:
    mercado_pago.post(f"{API}/v1/payments/2/refunds", status=500)
    found(mercado_pago)
    assert ask(sold, amount="200.00").status_code == 202
    made = [{"id": 71, "amount": 200, "status": "approved", "date_created": timezone.now().isoformat()}]
    mercado_pago.get(f"{API}/v1/payments/2/refunds", json=made)
    again()
    assert Refund.objects.get().remote_id == 71
    assert RefundRequest.objects.get().status == "approved"
    assert len(sent(mercado_pago)) == 1
    assert ask(sold, amount="200.00").status_code == 200


NOT_READ = [
    {"status": 201, "json": {"unexpected": True}},
    {"status": 201, "json": {"id": None, "amount": 200, "status": "approved"}},
    {"status": 201, "json": {"id": 71, "amount": "much", "status": "approved"}},
    {"status": 201, "json": [71]},
    {"status": 201, "body": "<html>"},
    {"status": 302, "headers": {"Location": "https://example.com/"}},
    {"status": 424, "json": {"message": "later"}},
]


@pytest.mark.parametrize("answer", NOT_READ, ids=str)
def test_an_answer_that_cannot_be_read_is_no_refusal_of_the_refund(sold, ask, mercado_pago, answer) -> None:
    mercado_pago.post(f"{API}/v1/payments/2/refunds", **answer)
    found(mercado_pago)
    made = ask(sold, amount="200.00")
    assert (made.status_code, made.json()["status"]) == (202, "pending")
    assert ask(sold, key="r2", amount="400.00").status_code == 409, "it may have gone back already"
    mercado_pago.get(f"{API}/v1/payments/2/refunds", status=404, json={"message": "not now"})
    again()
    assert RefundRequest.objects.get().status == "pending", "the list does not say that it was not made"
    there = [{"id": 71, "amount": 200, "status": "approved", "date_created": timezone.now().isoformat()}]
    mercado_pago.replace("GET", f"{API}/v1/payments/2/refunds", json=there)
    again()
    assert RefundRequest.objects.get().status == "approved"
    assert len(sent(mercado_pago)) == 1


def test_a_call_that_never_arrived_is_repeated_with_the_same_key(sold, ask, mercado_pago) -> None:
    mercado_pago.post(f"{API}/v1/payments/2/refunds", status=502)
    found(mercado_pago)
    ask(sold, amount="200.00")
    an_older_one = {"id": 70, "amount": 200, "status": "approved", "date_created": "2026-01-01T00:00:00Z"}
    mercado_pago.get(f"{API}/v1/payments/2/refunds", json=[an_older_one])
    mercado_pago.replace("POST", f"{API}/v1/payments/2/refunds", json={"id": 71, "amount": 200, "status": "approved"})
    again()
    assert Refund.objects.get().remote_id == 71
    assert len({key for _url, _body, key in sent(mercado_pago)}) == 1


def test_a_refund_on_its_way_is_not_sent_by_anybody_else(sold, ask, mercado_pago) -> None:
    mercado_pago.post(f"{API}/v1/payments/2/refunds", status=502)
    found(mercado_pago)
    ask(sold, amount="200.00")
    tasks.send_refund(Refund.objects.get().pk)
    assert len(sent(mercado_pago)) == 1


def test_what_is_on_its_way_is_not_refunded_again(sold, ask, mercado_pago) -> None:
    for number in (1, 2):
        mercado_pago.post(f"{API}/v1/payments/{number}/refunds", status=502)
    found(mercado_pago)
    assert ask(sold).status_code == 202
    refused = ask(sold, key="r2", amount="0.01")
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:problem:refund-too-large")
    assert Refund.objects.count() == 2


def test_what_went_back_elsewhere_does_not_go_back_again(sold, ask, paid, payment) -> None:
    now = timezone.now().isoformat()
    parts = payment(1, 300, date_approved=now, amount_refunded=100), payment(2, 200, date_approved=now)
    settle(sold.pk, remote(paid(sold, *parts, last_updated="2026-12-01T00:00:00Z")), actor="test")
    refused = ask(sold, amount="400.01")
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:problem:refund-too-large")
    assert "400.00" in refused.json()["detail"]


def again() -> None:
    Refund.objects.update(next_attempt_at=timezone.now())
    tasks.send_refund(Refund.objects.get().pk)


def test_what_mercado_pago_refuses_is_said_and_shown(sold, ask, mercado_pago) -> None:
    mercado_pago.post(f"{API}/v1/payments/2/refunds", status=400, json={"message": "insufficient balance"})
    found(mercado_pago)
    refused = ask(sold, amount="200.00")
    assert refused.status_code == 409
    assert "insufficient balance" in refused.json()["detail"]
    sold.refresh_from_db()
    assert (sold.attention, sold.payment_status) == (Attention.REFUND_FAILED, "paid")


def test_a_token_that_expired_is_no_refusal_of_the_refund(sold, ask, mercado_pago) -> None:
    mercado_pago.post(f"{API}/v1/payments/2/refunds", status=401, json={"message": "invalid token"})
    found(mercado_pago)
    assert ask(sold, amount="200.00").json()["status"] == "pending"


@pytest.mark.parametrize("amount", ["500.01", "0", "-1", "1.001", "abc"])
def test_more_than_was_paid_or_no_amount_is_refused_and_nothing_is_sent(sold, ask, mercado_pago, amount) -> None:
    refused = ask(sold, amount=amount)
    assert refused.status_code in (400, 409)
    assert refused["Content-Type"] == "application/problem+json"
    assert not RefundRequest.objects.exists()
    assert not mercado_pago.calls


def test_what_was_asked_back_cannot_be_asked_back_again(sold, ask, mercado_pago) -> None:
    mercado_pago.post(f"{API}/v1/payments/1/refunds", status=502)
    found(mercado_pago)
    ask(sold, amount="300.00")
    refused = ask(sold, key="r2", amount="300.00")
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:problem:refund-too-large")
    assert "200.00" in refused.json()["detail"]


def test_an_order_without_money_has_nothing_to_refund(order, ask) -> None:
    assert ask(order).json()["type"] == "urn:problem:nothing-to-refund"


def test_the_same_key_and_body_refund_once_and_another_body_is_refused(sold, ask, mercado_pago) -> None:
    answer(mercado_pago, 2, 72, 200)
    found(mercado_pago)
    assert ask(sold, amount="200.00").status_code == 201
    assert ask(sold, amount="200.00").status_code == 200
    assert ask(sold, amount="100.00").status_code == 422
    assert len(sent(mercado_pago)) == 1


def test_another_stores_key_refunds_nothing(sold, mercado_pago) -> None:
    stranger = controller(create_key(name="x", store=StoreFactory.create(account=sold.account)))
    url = f"/api/v1/orders/{sold.pk}/refunds"
    assert stranger.post(url, {}, format="json", headers={"Idempotency-Key": "k"}).status_code == 404
    assert stranger.get(url).status_code == 404


def test_of_a_payment_that_is_refunded_in_part_already_only_what_really_goes_back_is_counted(
    sold, ask, mercado_pago
) -> None:
    """Found by the property test: the empty body of a full refund gives back what is left, whatever we think it is."""
    answer(mercado_pago, 2, 72, 150)
    found(mercado_pago)
    made = ask(sold, amount="200.00").json()
    assert (made["status"], made["refunds"][0]["amount"]) == ("approved", "150.00")
    assert "150.00 instead of 200.00" in made["refunds"][0]["error"]


# --- limits ----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("site", "days"), [("MLA", 180), ("MPE", 90)])
def test_after_its_window_a_payment_is_refused_with_a_clear_sentence(sold, ask, account, site, days) -> None:
    account.site_code = site
    account.save()
    sold.merchant_orders.get().payments.update(approved_at=timezone.now() - timedelta(days=days, minutes=1))
    refused = ask(sold)
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:problem:refund-too-late")
    assert str(days) in refused.json()["detail"]


def test_peru_refunds_whole_payments_only(sold, ask, account, mercado_pago) -> None:
    account.site_code = "MPE"
    account.save()
    refused = ask(sold, amount="100.00")
    assert refused.json()["type"] == "urn:problem:refund-of-a-part"
    assert "300.00" in refused.json()["detail"]
    answer(mercado_pago, 1, 71, 300), answer(mercado_pago, 2, 72, 200)
    found(mercado_pago)
    assert ask(sold, key="r2", amount="500.00").status_code == 201


# --- surplus and late money ------------------------------------------------------------------------------------------
@pytest.fixture
def paid_twice(order: Order, paid, payment) -> Order:
    now = timezone.now().isoformat()
    for number in (1, 2):
        settle(order.pk, remote(paid(order, payment(number, 500, date_approved=now), id=number)), actor="test")
    order.refresh_from_db()
    return order


def test_a_surplus_is_proposed_to_a_person(paid_twice) -> None:
    request = RefundRequest.objects.get()
    assert (request.status, request.amount, request.reason) == ("proposed", Decimal(500), "overpaid")
    assert paid_twice.attention == Attention.OVERPAID
    assert not Refund.objects.exists()


def test_an_accepted_proposal_is_sent_and_clears_the_order(paid_twice, mercado_pago) -> None:
    answer(mercado_pago, 2, 72, 500)
    found(mercado_pago)
    request = refunds.accept(RefundRequest.objects.get(), person=User.objects.create_user("ana"))
    refunds.send(request, client=connect(paid_twice.account))
    request.refresh_from_db()
    paid_twice.refresh_from_db()
    assert (request.status, request.decided_by, paid_twice.attention) == ("approved", "ana", None)


def test_a_declined_proposal_is_not_made_again(paid_twice) -> None:
    refunds.decline(RefundRequest.objects.get(), actor="ana")
    order = settle(paid_twice.pk, [], actor="test")
    assert order.attention is None
    assert [r.status for r in RefundRequest.objects.all()] == ["declined"]


def test_what_is_decided_is_decided(paid_twice) -> None:
    request = RefundRequest.objects.get()
    refunds.decline(request, actor="ana")
    with pytest.raises(Refused):
        refunds.accept(request, person=User.objects.create_user("eva"))
    assert not Refund.objects.exists()


def test_a_proposal_follows_the_money(paid_twice, paid, payment) -> None:
    back = paid(paid_twice, payment(2, 500, "refunded"), id=2, last_updated="2026-12-01T00:00:00Z")
    order = settle(paid_twice.pk, remote(back), actor="test")
    assert RefundRequest.objects.get().status == "withdrawn"
    assert order.attention == Attention.REFUNDED_OUTSIDE


def test_a_store_may_let_a_surplus_go_back_by_itself(order, store, paid, payment, mercado_pago) -> None:
    store.surplus_refunds = "auto"
    store.save()
    now = timezone.now().isoformat()
    for number in (1, 2):
        settle(order.pk, remote(paid(order, payment(number, 500, date_approved=now), id=number)), actor="test")
    order.refresh_from_db()
    refund = Refund.objects.get()
    assert (refund.payment.remote_id, refund.amount, refund.request.actor) == (2, Decimal(500), "policy")
    assert order.attention is None
    settle(order.pk, [], actor="test")
    assert Refund.objects.count() == 1


def test_what_was_refunded_elsewhere_is_not_given_back_once_more(order, store, paid, payment, mercado_pago) -> None:
    """Found by the property test: the cent that had gone back elsewhere was taken for a part of our refund."""
    store.surplus_refunds = "auto"
    store.save()
    now = timezone.now().isoformat()
    settle(order.pk, remote(paid(order, payment(1, 500, date_approved=now), id=1)), actor="test")
    second = payment(2, 100, date_approved=now, amount_refunded=0.01)
    settle(order.pk, remote(paid(order, second, id=2, status="opened")), actor="test")
    settle(order.pk, [], actor="test")
    assert [refund.amount for refund in Refund.objects.all()] == [Decimal("99.99")]


@pytest.mark.parametrize(("made_at", "left"), [("2026-11-20T14:00:00Z", "300.00"), ("2026-11-20T12:00:00Z", "500.00")])
def test_a_refund_that_was_made_is_not_made_again_before_it_is_reported(sold, ask, mercado_pago, made_at, left) -> None:
    """Found with eight refunds at once: between its answer and the next news a refund was counted nowhere."""
    sold.merchant_orders.get().payments.update(updated_at=datetime.fromisoformat("2026-11-20T13:00:00Z"))
    body = {"id": 72, "payment_id": 2, "amount": 200, "status": "approved", "date_created": made_at}
    mercado_pago.post(f"{API}/v1/payments/2/refunds", json=body)
    mercado_pago.get(SEARCH, status=500)
    assert ask(sold, amount="200.00").status_code == 201
    assert f"At most {left} ARS" in ask(sold, key="r2", amount="500.01").json()["detail"]


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_eight_refunds_at_once_ask_for_no_more_than_was_paid(order, mercado_pago, paid, payment) -> None:
    now = timezone.now().isoformat()
    settle(order.pk, remote(paid(order, payment(1, 500, date_approved=now))), actor="test")
    numbers = itertools.count(71)

    def make(_request):
        body = {"id": next(numbers), "amount": 200, "status": "approved", "date_created": timezone.now().isoformat()}
        return 201, {}, json.dumps(body)

    mercado_pago.add_callback("POST", f"{API}/v1/payments/1/refunds", make)
    mercado_pago.get(SEARCH, status=500)  # no news of what was made arrives meanwhile

    def run(number: int) -> None:
        key = str(number)
        try:
            with contextlib.suppress(Refused):
                asked, _is_new = refunds.ask(order, amount=Decimal(200), reason="", actor="test", idempotency_key=key)
                refunds.send(asked, client=connect(order.account))
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(run, range(8)))
    assert len(sent(mercado_pago)) == 2


def test_a_failed_refund_stays_on_the_list_until_a_person_drops_it(sold, ask, mercado_pago) -> None:
    """Found by a stranger: a later refund that succeeded hid it."""
    mercado_pago.post(f"{API}/v1/payments/1/refunds", status=400, json={"message": "no balance"})
    answer(mercado_pago, 2, 72, 200)
    found(mercado_pago)
    assert ask(sold, amount="300.00").status_code == 409
    assert ask(sold, key="r2", amount="200.00").status_code == 201
    sold.refresh_from_db()
    assert sold.attention == Attention.REFUND_FAILED
    refunds.decline(RefundRequest.objects.get(status="failed"), actor="ana")
    sold.refresh_from_db()
    assert sold.attention is None
    assert RefundRequest.objects.get(status="withdrawn").decided_by == "ana"


def test_a_part_that_was_paid_and_abandoned_is_proposed_so_that_the_pump_is_free_again(order, paid, payment) -> None:
    """Found by a stranger: nobody was told that a refund would free the pump."""
    Order.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    part = paid(order, payment(1, 100, date_approved=timezone.now().isoformat()), status="opened")
    after = settle(order.pk, remote(part), actor="test")
    assert (after.status, after.attention) == ("open", "partially_paid")
    request = RefundRequest.objects.get()
    assert (request.status, request.amount, request.reason) == ("proposed", Decimal(100), "partially_paid")


def test_a_refund_by_itself_that_fails_is_left_to_a_person(order, store, paid, payment, mercado_pago) -> None:
    store.surplus_refunds = "auto"
    store.save()
    now = timezone.now().isoformat()
    for number in (1, 2):
        settle(order.pk, remote(paid(order, payment(number, 500, date_approved=now), id=number)), actor="test")
    mercado_pago.post(f"{API}/v1/payments/2/refunds", status=400, json={"message": "no balance"})
    found(mercado_pago)
    tasks.send_refund(Refund.objects.get().pk)
    order.refresh_from_db()
    assert order.attention == Attention.REFUND_FAILED
    assert sorted(r.status for r in RefundRequest.objects.all()) == ["failed", "proposed"]


@pytest.mark.parametrize(
    ("policy", "status", "attention"),
    [("manual", "proposed", Attention.PAID_AFTER_EXPIRY), ("auto", "pending", None)],
)
def test_late_money_goes_back_as_the_store_says(order, store, paid, payment, policy, status, attention) -> None:
    store.late_refunds = policy
    store.save()
    locked = Order.objects.get(pk=order.pk)
    move(locked, Status.EXPIRED, reason="test", actor="test")
    now = timezone.now().isoformat()
    settle(order.pk, remote(paid(order, payment(1, 500, date_approved=now))), actor="test")
    order.refresh_from_db()
    request = RefundRequest.objects.get()
    assert (order.status, order.attention, request.status, request.amount) == (
        "closed", attention, status, Decimal(500),
    )  # fmt: skip


def test_a_refund_made_elsewhere_is_shown_and_ours_is_not_taken_for_one(sold, ask, mercado_pago, paid, payment) -> None:
    answer(mercado_pago, 2, 72, 200)
    later = {"last_updated": "2026-12-01T00:00:00Z"}
    found(mercado_pago, paid(sold, payment(1, 300), payment(2, 200, "refunded"), **later))
    ask(sold, amount="200.00")
    sold.refresh_from_db()
    assert (sold.attention, sold.payment_status) == (None, "partially_refunded")
    elsewhere = paid(sold, payment(1, 300, amount_refunded=10), payment(2, 200, "refunded"),
                     last_updated="2026-12-02T00:00:00Z")  # fmt: skip
    order = settle(sold.pk, remote(elsewhere), actor="test")
    assert (order.attention, order.refunded_amount) == (Attention.REFUNDED_OUTSIDE, Decimal(210))


def test_a_part_that_was_paid_can_go_back_and_then_the_order_can_be_cancelled(
    order, ask, mercado_pago, paid, payment
) -> None:
    now = timezone.now().isoformat()
    part = paid(order, payment(1, 100, date_approved=now), status="opened")
    settle(order.pk, remote(part), actor="test")
    answer(mercado_pago, 1, 71, 100)
    gone = paid(order, payment(1, 100, "refunded"), status="opened", last_updated="2026-12-01T00:00:00Z")
    found(mercado_pago, gone)
    assert ask(order).status_code == 201
    assert cancel(Order.objects.with_site().get(pk=order.pk), actor="test").status == "canceled"
