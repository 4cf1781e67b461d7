"""A refund's slip refers to the receipt of what was paid."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from orders import refunds
from orders.models import Refund, RefundRequest
from receipts import services, tasks
from receipts.models import Kind, PrintJob, Receipt
from stores.services import connect
from tests.factories import OrderFactory
from tests.orders.conftest import API, SEARCH
from tests.receipts.conftest import close, give_back, text_of
from tests.receipts.printer import READY, printer


def test_a_slip_says_what_went_back_of_which_payment_and_receipt(closed, receipt) -> None:
    slip = services.issue_slip(give_back(closed, 200))
    services.draw(slip)
    text = text_of(slip)
    for words in (f"{receipt.number}-R1", receipt.number, "$ 200,00", "71", closed.external_reference):
        assert words in text
    assert slip.kind == Kind.REFUND
    assert slip.sale == closed
    assert text_of(receipt).count("200,00") == 0  # the receipt itself stays as it is


def test_a_request_has_one_slip_and_the_next_one_the_next_number(closed, receipt) -> None:
    first, second = give_back(closed, 100), give_back(closed, 50, remote_id=72)
    assert services.issue_slip(first) == services.issue_slip(first)
    assert services.issue_slip(second).number == f"{receipt.number}-R2"
    assert services.issue_slip(second).sequence == 2


def test_receipts_are_counted_without_the_slips(closed, receipt, payload, pos) -> None:
    services.issue_slip(give_back(closed, 100))
    assert services.issue(close(OrderFactory.create(pos=pos), payload, 2)).sequence == 2


@pytest.mark.parametrize("status", ["proposed", "pending", "failed", "declined", "withdrawn"])
def test_what_did_not_go_back_has_no_slip(closed, receipt, status) -> None:
    request = RefundRequest.objects.create(order=closed, amount=1, actor="ana", status=status)
    with pytest.raises(ValueError, match="only what went back"):
        services.issue_slip(request)
    assert not receipt.slips.exists()


def test_without_a_receipt_there_is_nothing_to_refer_to(closed) -> None:
    request = give_back(closed, 100)
    tasks.issue_slip(request.pk)
    assert not Receipt.objects.exists()
    with pytest.raises(ValueError, match="no receipt"):
        services.issue_slip(request)


def test_a_refund_that_succeeds_wakes_its_slip(
    closed, receipt, mercado_pago, monkeypatch, django_capture_on_commit_callbacks
) -> None:
    woken: list[int] = []
    monkeypatch.setattr(tasks.issue_slip, "delay", woken.append)
    body = {"id": 71, "payment_id": 1, "amount": 200, "status": "approved"}
    mercado_pago.post(f"{API}/v1/payments/1/refunds", json=body)
    mercado_pago.get(SEARCH, status=500)
    closed.merchant_orders.get().payments.update(approved_at=timezone.now())
    with django_capture_on_commit_callbacks(execute=True):
        request, _new = refunds.ask(closed, amount=Decimal(200), reason="", actor="ana", idempotency_key="r1")
        refunds.send(request, client=connect(closed.account))
    assert woken == [request.pk]
    tasks.issue_slip(request.pk)
    assert text_of(receipt.slips.get()).count("$ 200,00") == 2


def test_the_sweep_finds_a_slip_nobody_was_woken_for(closed, receipt, monkeypatch) -> None:
    woken: list[int] = []
    monkeypatch.setattr(tasks.issue_slip, "delay", woken.append)
    request = give_back(closed, 100)
    tasks.sweep()
    assert woken == []  # somebody was woken just now
    Refund.objects.update(answered_at=timezone.now() - timedelta(seconds=20))
    tasks.sweep()
    services.issue_slip(request)  # the worker died between the number and the drawing
    tasks.sweep()
    assert woken == [request.pk, request.pk]
    tasks.issue_slip(request.pk)
    tasks.sweep()
    assert len(woken) == 2


def test_the_customer_opens_a_slip_by_its_own_link(closed, receipt, client) -> None:
    tasks.issue_slip(give_back(closed, 100).pk)
    slip = receipt.slips.get()
    page = client.get(slip.public_url.removeprefix("http://localhost:8000"))
    assert slip.number in page.content.decode()
    assert receipt.public_url != slip.public_url


# --- on paper by themselves ------------------------------------------------------------------------------------------
@pytest.mark.usefixtures("impatient")
def test_a_slip_is_printed_once_where_the_receipt_was(closed, receipt, make_printer) -> None:
    with printer(status=READY) as machine:
        to = make_printer(
            host=machine.host, port=machine.port, prints_automatically=True, automatic_since=receipt.issued_at
        )
        tasks.print_new(receipt)
        request = give_back(closed, 200)
        for _ in range(3):
            tasks.issue_slip(request.pk)
            tasks.sweep_new_receipts()
            tasks.print_due(to.pk)
        slip = receipt.slips.get()
        assert len(machine.paper) == 2
        assert slip.number.encode() in machine.paper[1]
    assert [job.receipt for job in PrintJob.objects.order_by("pk")] == [receipt, slip]
    assert PrintJob.objects.get(receipt=slip).state == "printed"


def test_a_slip_goes_to_the_point_of_sales_own_printer_before_its_stores(closed, receipt, make_printer) -> None:
    make_printer(prints_automatically=True)
    own = make_printer(pos=closed.pos, prints_automatically=True)
    make_printer(pos=closed.pos)
    tasks.issue_slip(give_back(closed, 200).pk)
    assert [job.printer for job in PrintJob.objects.all()] == [own]


def test_the_sweep_prints_a_slip_that_a_dead_worker_only_drew(closed, receipt, make_printer) -> None:
    make_printer(prints_automatically=True)
    slip = services.issue_slip(give_back(closed, 200))
    services.draw(slip)
    tasks.sweep_new_receipts()
    tasks.sweep_new_receipts()
    assert PrintJob.objects.get(receipt=slip).actor == "automatic"


def test_money_that_went_back_long_ago_is_not_printed_any_more(closed, receipt, make_printer) -> None:
    make_printer(prints_automatically=True)
    request = give_back(closed, 200)
    request.refunds.update(answered_at=timezone.now() - timedelta(hours=2))
    tasks.issue_slip(request.pk)  # after a long outage
    tasks.sweep_new_receipts()
    assert receipt.slips.get().drawn_at
    assert not PrintJob.objects.filter(receipt__kind=Kind.REFUND).exists()


# --- for the customer ------------------------------------------------------------------------------------------------
def test_the_receipts_page_leads_to_its_slips_and_a_slips_page_back(closed, receipt, client) -> None:
    for amount, remote_id in ((100, 71), (50, 72)):
        tasks.issue_slip(give_back(closed, amount, remote_id).pk)
    first, second = receipt.slips.order_by("pk")
    page = client.get(path(receipt)).content.decode()
    for slip, spelled in ((first, "$ 100,00"), (second, "$ 50,00")):
        assert f'href="{slip.public_url}">' in page
        assert f"{slip.number} · {spelled}" in page.replace("\xa0", " ")
        assert client.get(f"{path(slip)}?format=pdf")["Content-Type"] == "application/pdf"
        assert f'href="{receipt.public_url}"' in client.get(path(slip)).content.decode()
    assert page.index(first.number) < page.index(second.number)


def test_a_slip_that_is_not_drawn_yet_is_not_on_the_receipts_page(closed, receipt, client) -> None:
    before = client.get(path(receipt)).content.decode()
    slip = services.issue_slip(give_back(closed, 100))
    page = client.get(path(receipt)).content.decode()
    assert slip.number not in page
    assert 'class="tools refunds"' not in before + page


def path(receipt: Receipt) -> str:
    return receipt.public_url.removeprefix("http://localhost:8000")
