"""A copy says that it is one; the original stays as it is."""

from datetime import UTC, datetime

import pytest
import time_machine
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from receipts import services
from receipts.models import Copy, Format
from tests.receipts import reading
from tests.receipts.conftest import text_of
from tests.receipts.escpos_screen import Line, Printer


@pytest.fixture
def manager(db) -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("ana"))
    return client


def test_a_copy_is_marked_with_its_number_the_stores_time_and_who_made_it(receipt) -> None:
    before = {format: services.document(receipt, format) for format in Format}
    with time_machine.travel(datetime(2026, 12, 24, 2, 30, tzinfo=UTC)):
        first, second = services.reprint(receipt, "ana"), services.reprint(receipt, "luis")
    assert first.mark.endswith("1 · 23/12/2026 23:30 · ana")
    assert second.mark.endswith("2 · 23/12/2026 23:30 · luis")
    assert {format: services.document(receipt, format) for format in Format} == before
    assert text_of(receipt, copy=first).splitlines()[0].strip() == first.mark
    said = text_of(receipt, copy=first).splitlines()[1:]
    assert said == text_of(receipt).splitlines()


def test_receipts_whose_copies_began_with_two_go_on_from_there(receipt) -> None:
    old = Copy.objects.create(
        receipt=receipt, number=2, actor="eva", made_at=timezone.now(), mark="COPIA 2 · 24/11/2026 10:00 · eva"
    )
    assert services.reprint(receipt, "ana").number == 3
    old.refresh_from_db()
    assert text_of(receipt, copy=old).splitlines()[0].strip() == "COPIA 2 · 24/11/2026 10:00 · eva"


def test_a_copy_is_marked_in_every_format_and_keeps_its_mark(receipt) -> None:
    copy = services.reprint(receipt, "ana")
    receipt.store.time_zone = "Asia/Tokyo"
    receipt.store.save()
    mark = "".join(copy.mark.split())
    drawn = {format: services.document(receipt, format, copy=copy)[2] for format in Format}
    assert reading.words_of_html(drawn[Format.HTML]).startswith(mark)
    assert reading.words_of_pdf(drawn[Format.PDF]).startswith(mark)
    assert reading.words_of_escpos(drawn[Format.ESCPOS]).startswith(mark)
    [line] = [t for t in Printer().feed(drawn[Format.ESCPOS]).paper if isinstance(t, Line) and copy.mark in t.text]
    assert line.bold


def test_a_button_makes_a_copy_and_offers_its_pdf(manager, receipt) -> None:
    data = {"action": "print_copy", "_selected_action": receipt.pk}
    answer = manager.post("/admin/receipts/receipt/", data, follow=True)
    copy = Copy.objects.get()
    assert (copy.actor, copy.number) == ("ana", 1)
    page = answer.content.decode()
    url = f"/admin/receipts/receipt/{receipt.pk}/pdf/download/?copy=1"
    assert url in page
    file = manager.get(url)
    assert file["Content-Type"] == "application/pdf"
    assert file["Content-Disposition"] == f'attachment; filename="{receipt.number}-80mm-copy-1.pdf"'
    assert reading.words_of_pdf(file.content).startswith("".join(copy.mark.split()))


@pytest.mark.parametrize("address", ["pdf/download/?copy=9", "pdf/download/?copy=x", "docx/download/"])
def test_what_does_not_exist_cannot_be_downloaded(manager, receipt, address) -> None:
    assert manager.get(f"/admin/receipts/receipt/{receipt.pk}/{address}").status_code == 404


def test_a_stranger_downloads_nothing(client, receipt) -> None:
    answer = client.get(f"/admin/receipts/receipt/{receipt.pk}/pdf/download/")
    assert answer.status_code == 302
    assert "/login/" in answer["Location"]


def test_a_receipts_page_offers_every_format(manager, receipt) -> None:
    page = manager.get(f"/admin/receipts/receipt/{receipt.pk}/change/").content.decode()
    for format in Format:
        url = f"/admin/receipts/receipt/{receipt.pk}/{format}/download/"
        assert url in page
        assert manager.get(url).content == services.document(receipt, format)[2]
    assert "Make a copy" in page
