"""Each kind of case: what it tells, what its buttons do, and that it comes back when something new happens."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from backoffice.closing import services
from backoffice.models import Case, Closing, Decision
from notifications.models import Notification
from orders.models import Difference, Order, Payment, Refund, RefundRequest
from orders.settlement import settle
from pos.models import Finding, HookDelivery, PointOfSale
from receipts.models import Printer, PrintJob
from stores.models import Account
from tests.backoffice.conftest import pay_late, sentences
from tests.backoffice.queue_page import DECIDED, QUEUE, case_of, count, page, press, said
from tests.orders.conftest import remote


def is_resolved_by_the_system(source: str) -> bool:
    return Decision.objects.filter(source=source, outcome="resolved", actor="system").exclude(reason="").exists()


def test_what_was_paid_twice_is_told_proposed_and_given_back(ana, twice) -> None:
    told = case_of(ana, "order")
    words = page(ana)
    for sentence in (
        "Paid twice or too much",
        "Pump 1",
        "Payment 2: 500.00 ARS, approved",
        "Give back 500.00 ARS that",
    ):
        assert sentence in words, sentence
    answer = press(ana, told, "refund")
    assert "written down with your name" in said(answer)
    request = RefundRequest.objects.get()
    assert (request.status, request.decided_by, request.decided_because) == ("pending", "ana", "the customer rang us")
    made = Decision.objects.get()
    assert (made.outcome, made.action, made.actor, made.reason, made.amount, made.currency) == (
        "acted", "refund", "ana", "the customer rang us", Decimal(500), "ARS",
    )  # fmt: skip
    assert (made.label, made.store_id) == (twice.external_reference, twice.pos.store_id)
    assert count() == 0


def test_money_that_is_kept_is_not_proposed_again(ana, twice) -> None:
    press(ana, case_of(ana, "order"), "keep", reason="it was a tip")
    assert (RefundRequest.objects.get().status, Decision.objects.get().reason) == ("declined", "it was a tip")
    settle(twice.pk, [], actor="test")
    assert case_of(ana, "order") is None


def test_what_is_set_aside_stays_away_until_another_payment_comes(ana, twice, paid, payment) -> None:
    press(ana, case_of(ana, "order"), "set_aside")
    twice.refresh_from_db()
    assert twice.attention is None
    trace = twice.transitions.last()
    assert (trace.from_status, trace.to_status, trace.actor) == ("closed", "closed", "ana")
    assert "the customer rang us" in trace.reason
    settle(twice.pk, [], actor="test")
    assert case_of(ana, "order") is None
    third = paid(twice, payment(3, 500), id=99, last_updated="2026-12-01T00:00:00Z")
    settle(twice.pk, remote(third), actor="test")
    assert "Give back 1,000.00 ARS" in str(case_of(ana, "order").story.proposal)
    assert [d.outcome for d in Decision.objects.all()] == ["set_aside"]


@pytest.mark.parametrize(
    ("status", "label"), [("charged_back", "Charged back"), ("in_mediation", "The customer disputes a payment")]
)
def test_a_dispute_is_told_and_set_aside(ana, order, paid, payment, status, label) -> None:
    settle(order.pk, remote(paid(order)), actor="test")
    settle(order.pk, remote(paid(order, payment(23, 500, status), last_updated="2026-12-01T00:00:00Z")), actor="test")
    told = case_of(ana, "order")
    assert label in page(ana)
    assert "in Mercado Pago" in str(told.story.proposal)
    press(ana, told, "set_aside", reason="answered with the receipt")
    assert case_of(ana, "order") is None


def test_late_money_says_that_the_order_had_been_canceled(ana, order, paid) -> None:
    Order.objects.filter(pk=order.pk).update(status="canceled")
    settle(order.pk, remote(paid(order)), actor="test")
    assert "Give back 500.00 ARS: the order had been canceled before it was paid." in page(ana)


def test_a_part_is_given_back_when_its_time_is_over(ana, order, paid, payment) -> None:
    Order.objects.filter(pk=order.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    settle(order.pk, remote(paid(order, payment(1, 200, date_approved=timezone.now().isoformat()))), actor="test")
    assert "Give back the part of 200.00 ARS" in page(ana)
    press(ana, case_of(ana, "order"), "refund")
    assert RefundRequest.objects.get().status == "pending"


def test_a_part_that_is_kept_says_so_while_its_order_waits_on(ana, order, paid, payment) -> None:
    Order.objects.filter(pk=order.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    settle(order.pk, remote(paid(order, payment(1, 200, date_approved=timezone.now().isoformat()))), actor="test")
    press(ana, case_of(ana, "order"), "keep", reason="he comes back at noon")
    words = page(ana)
    assert "200.00 ARS: kept by ana: he comes back at noon" in words
    assert "The part is kept, as decided" in words
    assert not any(action.name in ("refund", "keep") for action in case_of(ana, "order").actions)


def test_money_that_is_not_ours_is_looked_up_and_set_aside(ana, order, paid) -> None:
    settle(order.pk, remote(paid(order, collector={"id": 1})), actor="test")
    assert "not counted for the order" in page(ana)
    press(ana, case_of(ana, "order"), "set_aside")
    settle(order.pk, remote(paid(order, collector={"id": 1})), actor="test")
    assert case_of(ana, "order") is None


@pytest.mark.parametrize(("action", "status"), [("retry", "pending"), ("keep", None)])
def test_a_refused_refund_is_tried_again_or_dropped(ana, twice, action, status) -> None:
    RefundRequest.objects.all().delete()
    payment = twice.merchant_orders.get().payments.first()
    failed = RefundRequest.objects.create(order=twice, amount=500, actor="eva", status="failed")
    Refund.objects.create(request=failed, payment=payment, amount=500, status="failed", error="not enough money")
    settle(twice.pk, [], actor="test")
    RefundRequest.objects.filter(status="proposed").delete()
    assert "refused to give back 500.00 ARS: not enough money" in page(ana)
    press(ana, case_of(ana, "order"), action)
    failed.refresh_from_db()
    assert (failed.status, failed.decided_by, failed.decided_because) == ("withdrawn", "ana", "the customer rang us")
    again = RefundRequest.objects.filter(actor="ana").first()
    assert (again.status if again else None, Decision.objects.get().action) == (status, action)


def test_a_check_leaves_the_case_and_names_who_asked(ana, twice, paid, payment) -> None:
    assert "looked at again" in said(press(ana, case_of(ana, "order"), "check", reason=""))
    twice.refresh_from_db()
    assert twice.next_check_at is not None
    assert case_of(ana, "order").case.asked_by == "ana"
    gone = paid(twice, payment(1, 500), payment(2, 500, "refunded"), last_updated="2026-12-01T00:00:00Z")
    settle(twice.pk, remote(gone), actor="test")
    Order.objects.update(attention=None)
    page(ana)
    made = Decision.objects.get()
    assert (made.outcome, made.actor, made.reason) == ("resolved", "ana", "It was checked again, and is in order now.")


def test_what_is_decided_on_its_own_page_is_on_record_too(ana, boss, twice) -> None:
    page(ana)
    proposal = RefundRequest.objects.get()
    fields = {"action": "decline", "_selected_action": [proposal.pk], "apply": "1", "reason": "agreed by phone"}
    boss.post("/admin/orders/refundrequest/", fields)
    page(ana)
    made = Decision.objects.get()
    assert (made.outcome, made.actor, made.reason) == ("resolved", "boss", "agreed by phone")


def test_a_case_whose_cause_is_gone_leaves_with_the_systems_name(ana, twice) -> None:
    page(ana)
    RefundRequest.objects.all().delete()
    Order.objects.update(attention=None)
    assert "All is well" in page(ana)
    assert "Last looked at" in page(ana)
    assert is_resolved_by_the_system("order")
    assert "the system" in ana.get(DECIDED).content.decode()


def test_what_was_deleted_leaves_saying_so(ana, waiting_row) -> None:
    finding = waiting_row("finding")
    page(ana)
    finding.delete()
    page(ana)
    made = Decision.objects.get()
    assert (made.actor, made.outcome) == ("system", "resolved")
    assert "not there any more" in made.reason


ASIDE: list[tuple[str, str]] = [
    ("refund", "giving back 1.00 ARS was asked for"), ("difference", "Here “open”, at Mercado Pago “paid”"),
    ("closing", "payment, known since the close only: 1 · 70.00 ARS"),
    ("notification", "about no order of ours"), ("account", "new access token"),
    ("store", "Mercado Pago does not know"), ("pos", "Mercado Pago does not know"),
    ("finding", "name: Pump 1 → Pump I"),
    ("hook", "Last answer: 500 oh"), ("job", "perhaps printed"), ("printer", "out of paper"),
]  # fmt: skip


@pytest.mark.parametrize(("source", "words"), ASIDE)
def test_each_kind_tells_what_happened_and_is_set_aside_with_name_and_reason(ana, waiting_row, source, words) -> None:
    row = waiting_row(source)
    assert words in page(ana)
    told = case_of(ana, source)
    press(ana, told, "set_aside", reason=" ")
    assert case_of(ana, source).case.pk == told.case.pk
    assert not Decision.objects.exists()
    press(ana, told, "set_aside")
    assert case_of(ana, source) is None
    made = Decision.objects.get()
    assert (made.source, made.object_id, made.outcome, made.actor, made.reason) == (
        source, row.pk, "set_aside", "ana", "the customer rang us",
    )  # fmt: skip


def _again_refund(row: Any) -> None:
    Refund.objects.filter(pk=row.pk).update(error="503 again")


def _again_difference(row: Any) -> None:
    Difference.objects.create(audit=row.audit, kind="not_closed", order=row.order, ours="expired", theirs="paid")


def _again_notification(row: Any) -> None:
    Notification.objects.filter(pk=row.pk).update(attempts=9, set_aside_at=None)  # replayed, in vain


def _again_account(row: Any) -> None:
    Account.objects.update(credentials="wrong_user")


def _again_store(row: Any) -> None:
    row.tell_again()
    type(row).objects.update(registration="refused", registration_message="no such street")


def _again_finding(row: Any) -> None:
    Finding.objects.filter(pk=row.pk).update(differences={"name": ["Pump 1", "P1"]}, set_aside_at=None)


def _again_hook(row: Any) -> None:
    HookDelivery.objects.create(hook=row, event="order.closed", body="{}", failed_at=timezone.now())


def _again_job(row: Any) -> None:
    PrintJob.objects.filter(pk=row.pk).update(state="failed", decided_by="", attempts=2)


def _again_printer(row: Any) -> None:
    Printer.objects.filter(pk=row.pk).update(state="offline", state_since=timezone.now())


AGAIN: dict[str, Any] = {
    "refund": _again_refund, "difference": _again_difference, "closing": pay_late,
    "notification": _again_notification,
    "account": _again_account, "store": _again_store, "pos": _again_store, "finding": _again_finding,
    "hook": _again_hook, "job": _again_job, "printer": _again_printer,
}  # fmt: skip


@pytest.mark.parametrize("source", AGAIN)
def test_each_kind_comes_back_when_something_new_happens(ana, waiting_row, source) -> None:
    row = waiting_row(source)
    press(ana, case_of(ana, source), "set_aside")
    assert case_of(ana, source) is None
    AGAIN[source](row)
    assert case_of(ana, source) is not None


@pytest.mark.parametrize(
    ("source", "action", "is_done"),
    [
        ("notification", "replay", lambda row: Notification.objects.get().next_attempt_at is not None),
        ("store", "tell", lambda row: type(row).objects.get().registration == "pending"),
        ("pos", "tell", lambda row: PointOfSale.objects.get().registration == "pending"),
        ("finding", "heal", lambda row: not Finding.objects.exists()),
        ("hook", "redeliver", lambda row: HookDelivery.objects.get().due_at is not None),
        ("job", "print", lambda row: PrintJob.objects.count() == 2 and PrintJob.objects.get(pk=row.pk).decided_by),
    ],
)
def test_what_leaves_by_a_button_is_done_and_written_down(ana, waiting_row, source, action, is_done) -> None:
    row = waiting_row(source)
    told = case_of(ana, source)
    press(ana, told, action, reason="")
    assert (case_of(ana, source).case.pk, Decision.objects.count()) == (told.case.pk, 0)
    press(ana, told, action)
    assert is_done(row)
    assert case_of(ana, source) is None
    made = Decision.objects.get()
    assert (made.source, made.outcome, made.action, made.actor) == (source, "acted", action, "ana")


@pytest.mark.parametrize(("source", "action"), [("refund", "ask"), ("account", "test"), ("difference", "check"),
                                                ("closing", "compare")])  # fmt: skip
def test_what_is_only_asked_again_stays(ana, waiting_row, source, action) -> None:
    waiting_row(source)
    press(ana, case_of(ana, source), action, reason="")
    assert case_of(ana, source).case.asked_by == "ana"
    assert not Decision.objects.exists()


def test_a_closed_day_that_differs_waits_until_it_is_opened_again(ana, waiting_row) -> None:
    row = waiting_row("closing")
    told = case_of(ana, "closing")
    address = f"/admin/closing/{row.store_id}/{row.day}/"
    assert told.story.url == address
    assert f'<a href="{address}">Open its page</a>' in page(ana)
    ana.post(address, {"action": "reopen", "reason": "a payment came late"})
    assert case_of(ana, "closing") is None
    made = Decision.objects.get()
    assert (made.source, made.outcome, made.actor, made.reason) == ("closing", "resolved", "ana", "a payment came late")
    ana.post(address, {"action": "close"})
    assert case_of(ana, "closing") is None


def test_a_closed_day_that_is_as_it_was_again_leaves_by_itself(ana, waiting_row) -> None:
    row = waiting_row("closing")
    assert case_of(ana, "closing")
    Order.objects.filter(closed_at=row.begin).update(closed_at=row.end)
    Payment.objects.filter(approved_at=row.begin).update(approved_at=row.end)
    services.compare(Closing.objects.get())
    assert case_of(ana, "closing") is None
    assert is_resolved_by_the_system("closing")


def test_who_set_a_closed_day_aside_stands_on_its_page(ana, waiting_row) -> None:
    row = waiting_row("closing")
    press(ana, case_of(ana, "closing"), "set_aside", reason="known at the bank")
    text = ana.get(f"/admin/closing/{row.store_id}/{row.day}/").content.decode()
    assert "It differs now" in text
    assert "ana has looked at it" in text
    assert "known at the bank" in text


def test_a_shift_that_differs_waits_too(ana, pos, store) -> None:
    shift = services.open_shift(store, actor="eva")
    closing = services.close_shift(shift, actor="eva")
    Closing.objects.update(begin=timezone.now() - timedelta(hours=1))
    pay_late(Closing.objects.get(pk=closing.pk))
    told = case_of(ana, "closing")
    assert told.story.url == f"/admin/closing/{store.pk}/{shift.day}/shift/{shift.pk}/"
    assert "The shift of eva" in page(ana)


def test_closed_days_of_other_stores_wait_for_others(ana, waiting_row, store) -> None:
    waiting_row("closing")
    store.managers.clear()
    assert case_of(ana, "closing") is None


def test_a_case_that_changes_its_reason_stays_the_same_case(ana, twice) -> None:
    before = case_of(ana, "order").case
    Order.objects.update(attention="charged_back")
    after = case_of(ana, "order").case
    assert (after.pk, after.kind) == (before.pk, "charged_back")


def test_the_queue_is_filtered_and_paged(ana, twice, waiting_row, pos, store) -> None:
    waiting_row("difference")
    assert 'id="case-' not in page(ana, kind="charged_back")
    assert "Nothing waits that fits this filter" in page(ana, age="168")
    assert len(ana.get(QUEUE, {"kind": "overpaid", "store": store.pk}).context["told"]) == 1
    assert len(ana.get(QUEUE, {"kind": "nonsense", "store": "x", "age": "y", "page": "z"}).context["told"]) == 2
    Case.objects.all().delete()
    audit = Difference.objects.get().audit
    for number in range(25):
        Difference.objects.create(audit=audit, kind="not_closed", ours=str(number))
    assert len(ana.get(QUEUE).context["told"]) == 20
    assert len(ana.get(QUEUE, {"page": 2}).context["told"]) == 7


def test_money_comes_first_then_what_waits_longest(ana, twice, waiting_row) -> None:
    waiting_row("job")
    waiting_row("difference")
    assert [one.case.source for one in ana.get(QUEUE).context["told"]] == ["order", "difference", "job"]


def test_decisions_are_append_only_and_never_without_a_name_and_a_reason(ana, twice) -> None:
    press(ana, case_of(ana, "order"), "keep")
    made = Decision.objects.get()
    with pytest.raises(TypeError):
        made.save()
    with pytest.raises(TypeError):
        made.delete()
    for nothing in ({"actor": ""}, {"reason": ""}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Decision.objects.filter(pk=made.pk).update(**nothing)


def test_a_close_names_its_store_once(boss, waiting_row) -> None:
    closing = waiting_row("closing")
    told = case_of(boss, "closing")
    assert (told.place, told.about) == (str(closing.store), closing.day.isoformat())
    assert f"{closing.store} · {closing.store}" not in sentences(page(boss))


def test_an_old_decision_is_shown_without_the_amount_of_another_language(boss, order, store) -> None:
    for source, kind, label in (
        ("request", "second_person", "700.00 · ABC"),
        ("closing", "closing", f"{store} · 2026-11-29"),
    ):
        Decision.objects.create(
            case_id=1, source=source, object_id=1, kind=kind, label=label, outcome="acted", actor="eva", reason="so",
            since=timezone.now(), store=store,
        )  # fmt: skip
    shown = boss.get(DECIDED).content.decode()
    assert f"<td>ABC<br>{store}</td>" in shown
    assert f"<td>2026-11-29<br>{store}</td>" in shown
