"""Why can this customer not pay? Each rule by a situation that really brings it about."""

import re
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
import responses
from django.contrib.auth.models import User
from django.utils import timezone

from backoffice.diagnosis import diagnose, facts_of
from backoffice.diagnosis.over import ENDED, OVER
from backoffice.diagnosis.paper import PAPER
from backoffice.diagnosis.refunds import REFUNDS
from backoffice.diagnosis.selling import SELLING
from backoffice.diagnosis.troubles import BESIDES, TROUBLES
from backoffice.diagnosis.waiting import WAITING
from gateway.errors import TemporaryError
from notifications import services as notifications
from orders import attention, refunds, services
from orders.models import Order, Payment, Refund, RefundRequest
from orders.polling import answer_poll
from orders.refusals import REASONS, why_not
from orders.settlement import settle
from orders.states import Status
from pos import doctor
from pos.models import ControllerStatus, Finding, PointOfSale
from pos.services import register, report
from receipts.models import Printer, PrintJob
from receipts.services import draw, issue
from stores.credentials import check
from stores.models import Account, Store
from stores.services import connect
from tests.deliveries import delivered
from tests.factories import PosFactory
from tests.orders.conftest import remote

API = "https://api.mercadopago.com"


def names(pos: PointOfSale, order: Order | None = None, *, later: timedelta = timedelta()) -> list[str]:
    """The rules that speak, for what stands in the database now."""
    pos = PointOfSale.objects.select_related("store__account").get(pk=pos.pk)
    order = Order.objects.with_site().get(pk=order.pk) if order else None
    return [verdict.name for verdict in diagnose(facts_of(pos, order, timezone.now() + later))]


def sentence(pos: PointOfSale, order: Order | None = None) -> str:
    pos = PointOfSale.objects.select_related("store__account").get(pk=pos.pk)
    order = Order.objects.with_site().get(pk=order.pk) if order else None
    return diagnose(facts_of(pos, order, timezone.now()))[0].sentence


def scan(pos: PointOfSale) -> int:
    return answer_poll(pos.poll_token).status


# --- the place -------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("name", "switch_off"),
    [
        ("pos_off", lambda pos: PointOfSale.objects.filter(pk=pos.pk).update(is_active=False)),
        ("store_off", lambda pos: type(pos.store).objects.update(is_active=False)),
        ("account_off", lambda pos: Account.objects.update(is_active=False)),
    ],
)
def test_what_is_switched_off_is_said_first(pos, order, name, switch_off) -> None:
    switch_off(pos)
    assert names(pos, order) == [name, "not_served_out_of_service"]
    assert names(pos) == [name, "switched_off"]


@pytest.mark.parametrize(
    ("answer", "name"),
    [
        ((403, {"message": "host must be enabled"}), "host_not_enabled"),
        ((400, {"error": "INVALID_CATEGORY"}), "refused"),
        ((502, {}), "not_registered_yet"),
    ],
)
def test_a_registration_that_failed(pos, mercado_pago, answer, name) -> None:
    PointOfSale.objects.update(registration="pending", remote_id=None, registration_due_at=timezone.now())
    status, body = answer
    mercado_pago.post(f"{API}/pos", status=status, json=body)
    pos.refresh_from_db()
    register(pos)
    assert names(pos)[0] == name


def test_a_store_that_mercado_pago_does_not_know(pos) -> None:
    PointOfSale.objects.update(registration="pending", remote_id=None)
    type(pos.store).objects.update(registration="refused", remote_id=None)
    assert names(pos)[0] == "store_not_registered"


def theirs(pos: PointOfSale, **changes: object) -> dict[str, object]:
    whole = {"id": pos.remote_id, "external_id": pos.external_id, "name": pos.name, "url": pos.poll_url}
    return whole | {"fixed_amount": True, "external_store_id": pos.store.external_id, "category": 621102} | changes


@pytest.mark.parametrize(
    ("results", "name"),
    [
        (lambda pos: [theirs(pos, url="https://old.example/")], "url_differs"),
        (lambda pos: [theirs(pos, name="Pump one")], "differs"),
        (lambda pos: [], "missing_there"),
    ],
)
def test_what_the_doctor_found(pos, mercado_pago, results, name) -> None:
    mercado_pago.get(f"{API}/users/{pos.store.account.user_id}/stores/search", json={"results": []})
    rows = results(pos)
    mercado_pago.get(f"{API}/pos", json={"results": rows, "paging": {"total": len(rows)}})
    doctor.compare(pos.store.account, client=connect(pos.store.account))
    Finding.objects.filter(is_store=True).delete()
    assert name in names(pos)


def test_credentials_that_are_wrong(pos, order, mercado_pago) -> None:
    mercado_pago.get(f"{API}/users/me", status=401, json={})
    check(pos.store.account)
    assert names(pos, order)[0] == "wrong_credentials"
    assert "withdrawn" in sentence(pos)


def test_mercado_pago_fails_lately_until_it_answers_again(order, mercado_pago) -> None:
    client = connect(order.account, about=order)
    mercado_pago.get(f"{API}/merchant_orders/search", status=500, json={})
    for _ in range(3):
        assert "api_fails" not in names(order.pos, order)
        with pytest.raises(TemporaryError):
            client.search_merchant_orders(external_reference=order.external_reference)
    assert names(order.pos, order) == ["never_polled", "api_fails"]
    mercado_pago.replace(responses.GET, f"{API}/merchant_orders/search", json={"elements": None, "total": 0})
    client.search_merchant_orders(external_reference=order.external_reference)
    assert names(order.pos, order) == ["never_polled"]


def test_news_that_could_not_be_followed(order, mercado_pago) -> None:
    mercado_pago.get(f"{API}/merchant_orders/9", status=503)
    delivery = delivered(order.account, "topic=merchant_order&id=9")
    notifications.process(delivery, client=connect(order.account, about=delivery))
    scan(order.pos)
    assert names(order.pos, order) == ["showing", "news_waits"]
    assert "news_waits" not in names(PosFactory.create())


def test_a_controller_that_is_offline_or_silent(pos) -> None:
    report(pos, ControllerStatus.OFFLINE)
    assert names(pos) == ["offline", "unreachable"]
    report(pos, ControllerStatus.IDLE)
    PointOfSale.objects.update(heartbeat=30)
    assert names(pos, later=timedelta(seconds=31)) == ["silent", "unreachable"]


def test_a_controller_that_is_offline_does_not_matter_once_there_is_an_order(pos, order) -> None:
    report(pos, ControllerStatus.OFFLINE)
    assert scan(pos) == 200
    assert names(pos, order) == ["showing"]


def test_a_code_that_could_not_be_fetched(pos) -> None:
    PointOfSale.objects.update(qr_problem="the picture holds no QR code")
    assert names(pos) == ["never_polled", "no_code"]


# --- nothing to pay yet ----------------------------------------------------------------------------------------------
def test_a_sale_is_running_with_and_without_a_phone(pos) -> None:
    report(pos, ControllerStatus.IN_PROCESS)
    assert names(pos) == ["running"]
    scan(pos)
    assert names(pos) == ["running_and_scanned"]
    assert names(pos, later=timedelta(minutes=11)) == ["running_for_long"]


def test_a_phone_waits_but_no_sale_was_reported(pos) -> None:
    report(pos, ControllerStatus.IDLE)
    scan(pos)
    assert names(pos) == ["scanned_without_order"]


def test_nobody_ever_scanned_or_not_for_long(pos) -> None:
    assert names(pos) == ["never_polled"]
    scan(pos)
    assert names(pos, later=timedelta(minutes=2)) == ["ready"]
    assert names(pos, later=timedelta(days=3)) == ["quiet"]


def test_a_phone_waits_at_the_pump_beside(pos, order) -> None:
    other = PosFactory.create(store=pos.store, name="Pump 2")
    scan(other)
    assert names(pos, order) == ["neighbour"]
    assert "Pump 2" in sentence(pos, order)
    Order.objects.update(status=Status.CANCELED)
    assert names(pos) == ["neighbour"]


# --- an open order ---------------------------------------------------------------------------------------------------
def test_from_never_scanned_to_shown(pos, order) -> None:
    assert names(pos, order) == ["never_polled"]
    PointOfSale.objects.update(last_polled_at=order.created_at - timedelta(hours=1))
    assert names(pos, order) == ["not_scanned"]
    scan(pos)
    assert names(pos, order) == ["showing"]
    assert names(pos, order, later=timedelta(minutes=5)) == ["shown_not_paid"]
    assert names(pos, order, later=timedelta(minutes=16)) == ["overdue"]


def test_asked_about_but_not_served(pos, order) -> None:
    PointOfSale.objects.update(last_polled_at=timezone.now())
    assert names(pos, order) == ["not_served"]


@pytest.mark.parametrize("detail", ["cc_rejected_insufficient_amount", "cc_rejected_call_for_authorize", "new_reason"])
def test_a_rejected_payment_is_explained(order, paid, payment, detail) -> None:
    scan(order.pos)
    refused = payment(1, 500, "rejected", status_detail=detail)
    settle(order.pk, remote(paid(order, refused, status="opened")), actor="test")
    assert names(order.pos, order) == ["rejected"]
    assert str(why_not(detail)) in sentence(order.pos, order)


def test_a_later_payment_silences_the_rejected_one(order, paid, payment) -> None:
    both = paid(order, payment(1, 500, "rejected"), payment(2, 500, "in_process"), status="opened")
    settle(order.pk, remote(both), actor="test")
    assert names(order.pos, order) == ["pending"]


def test_paid_in_part(order, paid, payment) -> None:
    scan(order.pos)
    settle(order.pk, remote(paid(order, payment(1, 300), status="opened")), actor="test")
    assert names(order.pos, order) == ["partially_paid"]
    assert "300.00 ARS of 500.00 ARS" in sentence(order.pos, order)


def test_a_part_of_the_part_that_went_back_is_owed_again(order, paid, payment) -> None:
    part = payment(1, 300, amount_refunded=100)
    settle(order.pk, remote(paid(order, part, status="opened")), actor="test")
    attention.set_aside(Order.objects.get(), actor="ana", reason="it was given back at Mercado Pago")
    assert names(order.pos, order) == ["partially_paid", "given_back_in_part"]
    said = sentence(order.pos, order)
    assert "200.00 ARS of 500.00 ARS" in said
    assert "the rest, 300.00 ARS" in said


def test_an_order_that_is_held_open_names_no_time_at_which_it_expires(order, paid, payment) -> None:
    settle(order.pk, remote(paid(order, payment(1, 300), status="opened")), actor="test")
    Order.objects.update(expires_at=timezone.now() + timedelta(seconds=40), attention="partially_paid")
    assert names(order.pos, order) == ["held_open"]
    told = sentence(order.pos, order)
    assert "the rest, 200.00 ARS" in told
    assert not re.search(r"\d\d:\d\d", told)


def test_paid_there_but_open_here(order, paid, payment) -> None:
    settle(order.pk, remote(paid(order, payment(1, 500), status="opened")), actor="test")
    assert names(order.pos, order) == ["paid_but_open"]


def test_what_mercado_pago_reports_is_not_counted(order, paid) -> None:
    settle(order.pk, remote(paid(order, collector={"id": 1})), actor="test")
    assert names(order.pos, order) == ["not_counted"]


def test_an_answer_that_is_not_understood(order) -> None:
    Order.objects.update(attention="not_understood")
    assert names(order.pos, order) == ["needs_a_person"]


def test_an_amount_that_may_be_too_small(order) -> None:
    Order.objects.update(total_amount=Decimal("10.00"))
    scan(order.pos)
    assert names(order.pos, order) == ["small"]


# --- over ------------------------------------------------------------------------------------------------------------
def test_paid_is_fine_until_the_receipt_is_late(order, paid) -> None:
    settle(order.pk, remote(paid(order)), actor="test")
    assert names(order.pos, order) == ["paid"]
    assert names(order.pos, order, later=timedelta(minutes=2)) == ["paid", "receipt_missing"]
    draw(issue(Order.objects.with_site().get()))
    assert names(order.pos, order, later=timedelta(minutes=2)) == ["paid"]


def test_canceled_expired_and_never_seen(order) -> None:
    Order.objects.update(status=Status.CANCELED)
    assert names(order.pos, order) == ["canceled"]
    Order.objects.update(status=Status.EXPIRED)
    assert names(order.pos, order) == ["expired_unseen"]
    Order.objects.update(first_served_at=timezone.now())
    assert names(order.pos, order) == ["expired"]


def test_paid_twice_and_paid_late(order, paid, payment, mercado_pago) -> None:
    settle(order.pk, remote(paid(order, payment(1, 500), payment(2, 500))), actor="test")
    assert names(order.pos, order) == ["overpaid"]


def test_paid_after_it_was_canceled(order, paid) -> None:
    services.cancel(order, actor="test")
    settle(order.pk, remote(paid(order)), actor="test")
    assert names(order.pos, order) == ["paid_late"]


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"attention": "refund_failed"}, "refund_failed"),
        ({"attention": "charged_back"}, "needs_a_person"),
    ],
)
def test_what_came_after_the_payment(order, paid, change, name) -> None:
    settle(order.pk, remote(paid(order)), actor="test")
    Order.objects.update(**change)
    assert names(order.pos, order) == [name]


def ask_back(order: Order, amount: int, person: User | None = None) -> RefundRequest:
    asked, _is_new = refunds.ask(
        order, amount=Decimal(amount), reason="leak", actor="ana", idempotency_key=f"{amount}", person=person
    )
    return asked


def test_a_refund_on_its_way_is_the_headline(order, paid) -> None:
    settle(order.pk, remote(paid(order)), actor="test")
    ask_back(order, 200)
    assert names(order.pos, order) == ["refund_on_its_way"]
    said = sentence(order.pos, order)
    assert "200.00" in said
    assert "500.00" in said
    assert "fine" not in said


def test_what_was_given_back_is_the_headline_in_whole_and_in_part(order, paid) -> None:
    settle(order.pk, remote(paid(order)), actor="test")
    Payment.objects.update(refunded=200)
    settle(order.pk, [], actor="test")
    assert names(order.pos, order) == ["needs_a_person", "given_back_in_part"], (
        "refunded at Mercado Pago, not from here"
    )
    Order.objects.update(attention=None)
    assert names(order.pos, order) == ["given_back_in_part"]
    for amount in ("500.00", "200.00", "300.00"):
        assert amount in sentence(order.pos, order)
    Payment.objects.update(status="refunded", refunded=500)
    settle(order.pk, [], actor="test")
    Order.objects.update(attention=None)
    assert names(order.pos, order) == ["given_back"]


def test_of_a_sale_paid_twice_the_one_that_went_back_is_said(order, paid, payment) -> None:
    """It is paid, neither less nor more: nothing else tells that a customer has their money back."""
    settle(order.pk, remote(paid(order, payment(1, 500), payment(2, 500))), actor="test")
    assert names(order.pos, order) == ["overpaid"]
    ask_back(order, 500)
    assert names(order.pos, order) == ["refund_on_its_way"]
    Refund.objects.update(status="approved")
    RefundRequest.objects.update(status="approved")
    Payment.objects.filter(remote_id=2).update(status="refunded", refunded=500)
    assert settle(order.pk, [], actor="test").payment_status == "paid"
    assert names(order.pos, order) == ["given_back_in_part"]
    assert "1,000.00" in sentence(order.pos, order)


def test_late_money_on_its_way_back_is_no_order_that_was_never_paid(order, paid) -> None:
    services.cancel(order, actor="test")
    settle(order.pk, remote(paid(order)), actor="test")
    assert names(order.pos, order) == ["paid_late"]
    ask_back(order, 500)
    assert names(order.pos, order) == ["refund_on_its_way"]


def test_a_refund_that_failed_is_said_before_and_after_somebody_set_it_aside(order, paid) -> None:
    settle(order.pk, remote(paid(order)), actor="test")
    asked = ask_back(order, 200)
    Refund.objects.update(status="failed")
    RefundRequest.objects.filter(pk=asked.pk).update(status="failed")
    settle(order.pk, [], actor="test")
    assert names(order.pos, order) == ["refund_failed"]
    attention.set_aside(order, actor="ana", reason="the customer agrees")
    assert names(order.pos, order) == ["refund_failed_before"]
    assert "200.00" in sentence(order.pos, order)


def test_a_refund_that_waits_for_a_second_person_is_said(order, paid) -> None:
    settle(order.pk, remote(paid(order)), actor="test")
    Store.objects.update(refund_limit=100)
    ask_back(Order.objects.with_site().get(), 200, person=User.objects.create_user("ana"))
    assert names(order.pos, order) == ["refund_waits"]
    assert "ana asked to give back" in sentence(order.pos, order)


# --- paper -----------------------------------------------------------------------------------------------------------
def test_the_printer_and_its_paper(order, paid) -> None:
    settle(order.pk, remote(paid(order)), actor="test")
    receipt = issue(Order.objects.with_site().get())
    printer = Printer.objects.create(
        store=order.pos.store, name="Counter", host="127.0.0.1", prints_automatically=True, state="paper_out"
    )
    assert names(order.pos, order) == ["paid", "paper_out"]
    Printer.objects.update(state="offline", trouble="unreachable")
    assert names(order.pos, order) == ["paid", "printer_offline"]
    PrintJob.objects.create(printer=printer, receipt=receipt, actor="automatic", state="failed", trouble="too_late")
    Printer.objects.update(state="ready")
    assert names(order.pos, order) == ["paid", "print_failed"]
    PrintJob.objects.update(state="unknown")
    assert names(order.pos, order) == ["paid", "print_doubtful"]


# --- the tables ------------------------------------------------------------------------------------------------------
def test_every_rule_has_a_test_here() -> None:
    source = Path(__file__).read_text()
    for table in (TROUBLES, BESIDES, SELLING, WAITING, OVER, ENDED, REFUNDS, PAPER):
        for rule in table:
            assert f'"{rule.name}"' in source, rule.name


def test_every_reason_is_a_sentence() -> None:
    assert all(str(reason).endswith(".") for reason in REASONS.values())


def test_the_diagnosis_asks_few_questions(order, paid, payment, django_assert_max_num_queries) -> None:
    settle(order.pk, remote(paid(order, payment(1, 500, "rejected"), status="opened")), actor="test")
    order = Order.objects.with_site().get()
    with django_assert_max_num_queries(12):
        diagnose(facts_of(order.pos, order, timezone.now()))
