import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from gateway.sites import SITES
from orders.models import Order
from receipts import services, tasks
from receipts.drawing import draw
from receipts.layout import spell
from receipts.models import Document, Format, Receipt, receipt_id_of
from stores.queues import Depth
from tests.factories import ITEM, AccountFactory, OrderFactory, PosFactory, StoreFactory
from tests.receipts.conftest import close, text_of


def test_numbers_run_without_gaps_per_store(pos, payload) -> None:
    other = PosFactory.create(store__branch_number=7)
    receipts = []
    for id, where in enumerate((pos, pos, other, pos), start=1):
        receipts.append(services.issue(close(OrderFactory.create(pos=where), payload, id)))
    branch = pos.store.branch_number
    assert [r.number for r in receipts] == [
        f"{branch:04}-00000001", f"{branch:04}-00000002", "0007-00000001", f"{branch:04}-00000003"
    ]  # fmt: skip


def test_a_rolled_back_receipt_leaves_no_gap(pos, payload) -> None:
    first, second = (close(OrderFactory.create(pos=pos), payload, id) for id in (1, 2))
    with transaction.atomic():
        services.issue(first)
        transaction.set_rollback(True)
    assert services.issue(second).sequence == 1
    assert services.issue(first).sequence == 2


def test_an_order_has_one_receipt_however_often_it_is_issued(closed) -> None:
    assert services.issue(closed) == services.issue(closed)
    with pytest.raises(IntegrityError), transaction.atomic():
        Receipt.objects.create(order=closed, store=closed.pos.store, sequence=9, number="x", content={},
                               issued_at=timezone.now())  # fmt: skip


def test_an_open_order_has_none(order) -> None:
    with pytest.raises(ValueError, match="only closed orders"):
        services.issue(order)
    assert not Receipt.objects.exists()


def test_it_says_what_was_sold_and_paid(pos, payload) -> None:
    item = ITEM | {"title": "Súper <b>", "quantity": "10.5", "unit_measure": "L", "unit_price": "1200.00",
                   "total_amount": "12600.00"}  # fmt: skip
    order = close(OrderFactory.create(pos=pos, items=[item], total_amount=Decimal(12600), reference="T-7"), payload, 99)
    tasks.issue_receipt(order.pk)
    receipt = Receipt.objects.get(order=order)
    text = text_of(receipt)
    for words in ("Estación Caseros", "Súper <b>", "10,5 L × $ 1.200,00", "$ 12.600,00", "99", "T-7", receipt.number):
        assert words in text
    assert order.external_reference in text
    assert max(len(line) for line in text.splitlines() if "/r/" not in line) <= 42
    html = services.document(receipt, "html")[2].decode()
    assert "Súper &lt;b&gt;" in html
    assert "$ 12.600,00" in html


def test_a_reprint_says_what_the_first_said(closed) -> None:
    receipt = services.issue(closed)
    before = [services.document(receipt, format) for format in Format]
    closed.pos.store.name = "Another name"
    closed.pos.store.save()
    again = Receipt.objects.get(pk=receipt.pk)
    assert [services.document(again, format) for format in Format] == before


def test_its_date_is_that_of_the_stores_clock(closed) -> None:
    receipt = services.issue(closed)
    local = receipt.issued_at.astimezone(closed.pos.store.tz)
    assert local.strftime("%d/%m/%Y %H:%M") in str(receipt.content)


@pytest.mark.parametrize(
    ("site", "text"), [("MLA", "$ 1.234,50"), ("MLB", "R$ 1.234,50"), ("MLM", "$ 1,234.50"), ("MPE", "S/ 1,234.50")]
)
def test_amounts_are_spelt_as_in_their_country(site, text) -> None:
    assert spell(Decimal("1234.5"), SITES[site]) == text


@pytest.mark.parametrize("site", ["MLC", "MCO"])
def test_where_there_are_no_decimals_none_are_printed(site) -> None:
    assert spell(Decimal("1234"), SITES[site]) == "$ 1.234"


def test_a_long_name_wraps_and_its_amount_is_never_cut(pos, payload) -> None:
    item = ITEM | {"title": "Aceite sintético para motores de alto rendimiento 5W-30 bidón de cuatro litros"}
    order = close(OrderFactory.create(pos=pos, items=[item]), payload)
    tasks.issue_receipt(order.pk)
    lines = [line for line in text_of(order.receipt).splitlines() if "/r/" not in line]
    assert max(map(len, lines)) <= 42
    assert any(line.endswith(" $ 500,00") for line in lines)


def test_the_sweep_finds_a_closed_order_nobody_drew_a_receipt_for(closed, monkeypatch) -> None:
    woken: list[int] = []
    monkeypatch.setattr(tasks.issue_receipts, "delay", woken.extend)
    tasks.sweep()
    assert woken == []  # a worker was woken for it just now
    Order.objects.filter(pk=closed.pk).update(closed_at=timezone.now() - timedelta(seconds=20))
    tasks.sweep()
    services.issue(closed)  # the worker died between the number and the drawing
    tasks.sweep()
    assert woken == [closed.pk, closed.pk]
    tasks.issue_receipt(closed.pk)
    tasks.sweep()
    assert len(woken) == 2
    assert Document.objects.count() == len(Format)


@pytest.mark.parametrize(("waiting", "most"), [(50, 500), (51, 20)])
def test_a_long_queue_gets_only_the_oldest(pos, monkeypatch, waiting: int, most: int) -> None:
    """Behind by an hour, each round would add as much again; yet what was lost must not wait until it is short."""
    monkeypatch.setattr(tasks, "depths", lambda: [Depth("celery", 9999, 0), Depth("receipts", waiting, 1)])
    woken: list[int] = []
    monkeypatch.setattr(tasks.issue_receipts, "delay", woken.extend)
    now, lost = timezone.now(), {"pos": pos, "status": "closed", "payment_status": "paid"}
    made = [OrderFactory.create(**lost, closed_at=now - timedelta(seconds=60 + second)) for second in range(25)]
    tasks.sweep()
    assert woken == [order.pk for order in reversed(made)][:most]


def test_one_that_is_woken_for_again_while_it_waits_is_drawn_once(closed, monkeypatch) -> None:
    drawn: list[Receipt] = []

    def draw_and_note(receipt: Receipt) -> None:
        drawn.append(receipt)
        draw(receipt)

    monkeypatch.setattr(services, "draw", draw_and_note)
    for _ in range(3):  # the sweep looks every ten seconds, and a queue may be longer than that
        tasks.issue_receipt(closed.pk)
    assert drawn == [Receipt.objects.get()]


# --- how it is had ---------------------------------------------------------------------------------------------------
def test_a_controller_gets_it_in_the_format_it_accepts(pump, closed) -> None:
    tasks.issue_receipt(closed.pk)
    url = f"/api/v1/orders/{closed.pk}/receipt"
    assert pump.get(url)["Content-Type"] == "text/html; charset=utf-8"
    assert pump.get(url, headers={"Accept": "text/plain"})["Content-Type"] == "text/plain; charset=utf-8"
    assert pump.get(f"{url}?format=txt", headers={"Accept": "text/html"})["Content-Type"].startswith("text/plain")
    assert pump.get(f"{url}?format=").status_code == 406
    refused = pump.get(f"{url}?format=docx")
    assert (refused.status_code, refused["Content-Type"]) == (406, "application/problem+json")
    assert pump.get(url, headers={"Accept": "image/png"}).status_code == 406


def test_until_the_order_is_closed_there_is_none(pump, order) -> None:
    answer = pump.get(f"/api/v1/orders/{order.pk}/receipt")
    assert (answer.status_code, answer.json()["type"]) == (404, "urn:problem:not-closed")


def test_a_receipt_that_is_being_drawn_says_so(pump, closed) -> None:
    answer = pump.get(f"/api/v1/orders/{closed.pk}/receipt")
    assert (answer.status_code, answer.json()["type"]) == (404, "urn:problem:being-drawn")
    assert answer["Retry-After"]


def test_an_order_promises_no_receipt_that_cannot_be_fetched_yet(pump, closed) -> None:
    """Found by the homologation tests: the number is there before the drawing is."""
    url = f"/api/v1/orders/{closed.pk}"
    services.issue(closed)
    assert pump.get(url).json()["receipt"] is None
    assert pump.get(f"{url}/receipt").json()["type"] == "urn:problem:being-drawn"
    tasks.issue_receipt(closed.pk)
    for link in pump.get(url).json()["receipt"]["links"].values():
        assert pump.get(link.removeprefix("http://localhost:8000")).status_code == 200


def test_the_order_tells_where_its_receipt_is(pump, closed, client) -> None:
    tasks.issue_receipt(closed.pk)
    receipt = pump.get(f"/api/v1/orders/{closed.pk}").json()["receipt"]
    assert receipt["number"] == closed.receipt.number
    assert set(receipt["links"]) == {"html", "pdf", "escpos", "txt", "public"}
    page = client.get(receipt["links"]["public"].removeprefix("http://localhost:8000"))
    assert page.status_code == 200
    assert closed.receipt.number in page.content.decode()


@pytest.mark.parametrize("token", ["1", "1.x", "1.AAAA", "x" * 60, ".", "%00"])
def test_a_made_up_link_opens_nothing(client, closed, token) -> None:
    tasks.issue_receipt(closed.pk)
    assert client.get(f"/r/{token}").status_code == 404
    assert receipt_id_of(token) is None


def test_in_brazil_it_is_in_portuguese_money(db, payload) -> None:
    account = AccountFactory.create(site_code="MLB")
    store = StoreFactory.create(account=account, time_zone="America/Sao_Paulo")
    order = close(OrderFactory.create(pos=PosFactory.create(store=store), currency="BRL"), payload)
    assert "R$ 500,00" in str(services.issue(order).content)


def test_a_page_is_as_long_as_its_receipt(pos, payload) -> None:
    """Browsers print on Letter when the size is not one that CSS knows: both sides must be lengths."""
    lengths = []
    for id, count in enumerate((1, 40), start=1):
        items = [ITEM | {"total_amount": "500.00"}] * count
        order = OrderFactory.create(pos=pos, items=items, total_amount=500 * count)
        receipt = services.issue(close(order, payload, id))
        services.draw(receipt)
        html = services.document(receipt, "html")[2].decode()
        [length] = re.findall(r"@page { size: 80mm (\d+)mm;", html)
        lengths.append(int(length))
    assert 130 < lengths[0] < 190
    assert lengths[1] > lengths[0] + 39 * 4
