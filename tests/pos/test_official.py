"""Mercado Pago's own files are kept, and the code is read from its picture and checked before it is believed."""

from datetime import timedelta

import pytest
from django.utils import timezone

from pos import official, tasks
from pos.models import OfficialFile, PointOfSale
from tests.codes import payload, picture, sealed, tlv
from tests.factories import PosFactory

BASE = "https://www.mercadopago.com/instore/merchant/qr/2711382"
IMAGE, DOCUMENT, POSTER = f"{BASE}/0977.png", f"{BASE}/template_0977.pdf", f"{BASE}/template_0977.png"
TEXT = payload(2711382)


@pytest.fixture
def pos(store) -> PointOfSale:
    return PosFactory.create(
        store=store, remote_id=2711382, qr_image=IMAGE, qr_template_document=DOCUMENT, qr_template_image=POSTER
    )


@pytest.fixture
def pictures(mercado_pago):
    """Mercado Pago's three files; the texts in its two pictures."""

    def serve(image: str = TEXT, poster: str = TEXT) -> None:
        mercado_pago.upsert("GET", IMAGE, body=picture(image), content_type="image/png")
        mercado_pago.upsert("GET", POSTER, body=picture(poster), content_type="image/png")
        mercado_pago.upsert("GET", DOCUMENT, body=picture(TEXT, "pdf"), content_type="application/pdf")

    serve()
    return serve


def fetch(pos: PointOfSale) -> PointOfSale:
    official.fetch(PointOfSale.objects.select_related("store__account").get(pk=pos.pk))
    pos.refresh_from_db()
    return pos


def due() -> list[PointOfSale]:
    return list(official.due(timezone.now()))


def test_the_three_files_are_kept_and_the_code_is_read(pos, pictures) -> None:
    assert due() == [pos]
    assert fetch(pos).qr_payload == TEXT
    kept = {file.kind: (file.url, file.content_type, bytes(file.content)[:4]) for file in OfficialFile.objects.all()}
    assert kept == {
        "image": (IMAGE, "image/png", b"\x89PNG"),
        "template_image": (POSTER, "image/png", b"\x89PNG"),
        "template_document": (DOCUMENT, "application/pdf", b"%PDF"),
    }
    assert (pos.qr_problem, pos.qr_due_at, due()) == ("", None, [])


def test_what_is_here_already_is_not_asked_for_again(pos, pictures, mercado_pago) -> None:
    fetch(pos)
    asked = len(mercado_pago.calls)
    fetch(pos)
    assert (asked, len(mercado_pago.calls)) == (3, 3)


def test_a_new_picture_replaces_the_old_one(pos, pictures, mercado_pago) -> None:
    fetch(pos)
    renamed, url = payload(2711382, name="Renamed"), f"{BASE}/1111.png"
    PointOfSale.objects.update(qr_image=url)
    mercado_pago.get(url, body=picture(renamed), content_type="image/png")
    assert due() == [pos]
    assert fetch(pos).qr_payload == renamed
    assert OfficialFile.objects.filter(kind="image").values_list("url", flat=True).get() == url


def test_the_picture_of_another_point_of_sale_is_not_believed(pos, pictures) -> None:
    pictures(image=payload(999), poster=payload(999))
    fetch(pos)
    assert pos.qr_payload == ""
    assert "names point of sale 999" in pos.qr_problem


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (TEXT[:-4] + "0000", "checksum"),
        ("https://example.com", "no payment code"),
        (sealed("000201" + tlv("26", tlv("00", "br.gov.bcb.pix")) + "5802BR"), "not one of Mercado Pago's"),
    ],
)
def test_a_code_that_is_not_right_is_not_kept_and_said_why(pos, pictures, text: str, says: str) -> None:
    pictures(image=text, poster=text)
    fetch(pos)
    assert pos.qr_payload == ""
    assert says in pos.qr_problem
    assert OfficialFile.objects.count() == 3  # to look at


def test_the_poster_is_read_when_the_bare_picture_cannot_be(pos, pictures, mercado_pago) -> None:
    mercado_pago.upsert("GET", IMAGE, body=b"\x89PNG\r\n\x1a\nbroken", content_type="image/png")
    assert fetch(pos).qr_payload == TEXT


def test_a_code_that_names_no_point_of_sale_is_taken_from_its_own_address(pos, pictures) -> None:
    """Codes outside of Argentina are not documented."""
    unnamed = sealed("000201010211" + tlv("43", tlv("00", "COM.MERCADOLIBRE") + tlv("03", "0a1b")) + "5802BR")
    pictures(image=unnamed)
    assert fetch(pos).qr_payload == unnamed


def test_what_came_is_kept_when_the_rest_fails_and_only_the_rest_is_asked_for_later(
    pos, pictures, mercado_pago
) -> None:
    mercado_pago.upsert("GET", DOCUMENT, status=404)
    fetch(pos)
    assert (pos.qr_payload, OfficialFile.objects.count()) == (TEXT, 2)
    assert "404" in pos.qr_problem
    pictures()
    fetch(pos)
    assert (pos.qr_problem, OfficialFile.objects.count()) == ("", 3)
    assert [call.request.url for call in mercado_pago.calls][3:] == [DOCUMENT]


def test_failures_are_tried_again_at_longer_and_longer_intervals(pos, mercado_pago) -> None:
    for url in (IMAGE, DOCUMENT, POSTER):
        mercado_pago.get(url, status=503)
    pauses = []
    for _ in range(14):
        fetch(pos)
        assert due() == []
        pauses.append(round((pos.qr_due_at - timezone.now()).total_seconds() / 60))
    assert pauses == [2, 4, 8, 16, 32, 64, 128, 256, *[360] * 6]  # minutes
    assert list(official.due(timezone.now() + timedelta(hours=7))) == [pos]


def test_a_sweep_wakes_each_once_and_again_when_nothing_came_of_it(pos) -> None:
    assert official.lease(timezone.now(), limit=10) == [pos.pk]
    assert official.lease(timezone.now(), limit=10) == []
    assert official.lease(timezone.now() + timedelta(minutes=2), limit=10) == [pos.pk]


def test_the_sweep_takes_one_after_the_other_for_a_turn(pos, mercado_pago, monkeypatch) -> None:
    PosFactory.create(store=pos.store, remote_id=4, qr_image=pos.qr_image)
    mercado_pago.get(pos.qr_image, status=503)
    monkeypatch.setattr(tasks, "_FILES_TURN", 0)
    tasks.sweep_official_files()
    assert len(due()) == 2
    monkeypatch.setattr(tasks, "_FILES_TURN", 14)
    tasks.sweep_official_files()
    assert due() == []
    assert PointOfSale.objects.filter(qr_attempts=1).count() == 2


def test_who_is_not_registered_is_not_due(store) -> None:
    PosFactory.create(store=store)
    assert due() == []


def test_a_foreign_address_is_never_asked(pos, mercado_pago) -> None:
    PointOfSale.objects.update(qr_image="https://evil.example/qr.png", qr_template_document="", qr_template_image="")
    fetch(pos)
    assert len(mercado_pago.calls) == 0
    assert "not an address of Mercado Pago" in pos.qr_problem


def test_registered_anew_while_it_was_fetched_nothing_is_mixed_up(pos, pictures) -> None:
    stale = PointOfSale.objects.get(pk=pos.pk)
    PointOfSale.objects.update(remote_id=5, qr_image=f"{BASE}/5.png")
    official.fetch(stale)
    pos.refresh_from_db()
    assert (pos.qr_payload, OfficialFile.objects.count()) == ("", 0)


def test_the_code_of_a_point_of_sale_that_was_made_anew_is_forgotten(pos, pictures, mercado_pago) -> None:
    fetch(pos)
    PointOfSale.objects.update(remote_id=5, qr_image=f"{BASE}/5.png")
    mercado_pago.get(f"{BASE}/5.png", status=500)
    assert fetch(pos).qr_payload == ""
