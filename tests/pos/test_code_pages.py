"""The QR code in the admin: its picture, its posters, Mercado Pago's own files, and many posters at once."""

import re
from html import unescape

import pypdfium2
import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client

from pos.admin import codes
from pos.models import OfficialFile, PointOfSale
from tests.codes import payload, picture
from tests.errands import ask_and_work
from tests.factories import PosFactory
from tests.pos.test_posters import codes_of

LIST = "/admin/pos/pointofsale/"


@pytest.fixture
def staff(db) -> Client:
    user = User.objects.create_user("staff", is_staff=True)
    user.user_permissions.set(
        Permission.objects.filter(codename__in=("view_pointofsale", "change_pointofsale", "see_all_stores"))
    )
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def pos(store) -> PointOfSale:
    return PosFactory.create(store=store, name="Pump 3", external_id="POS0003", remote_id=3, qr_payload=payload(3))


def page_of(client: Client, pos: PointOfSale) -> str:
    return unescape(client.get(f"{LIST}{pos.pk}/change/").content.decode())


def act(client: Client, action: str, *points: PointOfSale, **more: str):
    return ask_and_work(client, LIST, {"action": action, "_selected_action": [p.pk for p in points]} | more)


def test_the_page_shows_the_code_and_links_that_lead_somewhere(staff, pos) -> None:
    page = page_of(staff, pos)
    for size in ("a4", "a6", "sticker"):
        for format in ("pdf", "png", "svg"):
            address = f"{LIST}{pos.pk}/poster/{size}.{format}"
            assert address in page
    answer = staff.get(f"{LIST}{pos.pk}/poster/a6.pdf")
    assert answer["Content-Type"] == "application/pdf"
    assert "-POS0003-a6.pdf" in answer["Content-Disposition"]
    assert codes_of(answer.content) == [[payload(3)]]


def test_official_files_are_given_as_they_came(staff, pos) -> None:
    assert "None yet." in page_of(staff, pos)
    OfficialFile.objects.create(pos=pos, kind="image", url="https://x", content_type="image/png", content=b"\x89PNG-")
    address = f"{LIST}{pos.pk}/official/image"
    assert address in page_of(staff, pos)
    answer = staff.get(address)
    assert (answer.content, answer["Content-Type"], answer["X-Content-Type-Options"]) == (
        b"\x89PNG-", "image/png", "nosniff",
    )  # fmt: skip


@pytest.mark.parametrize("path", ["poster/a3.pdf", "poster/a4.exe", "official/image", "official/x"])
def test_what_is_not_there_is_not_found(staff, pos, path: str) -> None:
    assert staff.get(f"{LIST}{pos.pk}/{path}").status_code == 404
    assert staff.get(f"{LIST}{pos.pk + 1}/{path}").status_code == 404


@pytest.mark.parametrize("path", ["poster/a4.pdf", "official/image"])
def test_only_who_may_see_points_of_sale(client: Client, pos, path: str) -> None:
    assert client.get(f"{LIST}{pos.pk}/{path}").status_code == 302
    client.force_login(User.objects.create_user("nobody", is_staff=True))
    assert client.get(f"{LIST}{pos.pk}/{path}").status_code == 403


def test_without_a_code_the_page_says_what_to_do(staff, store) -> None:
    pos = PosFactory.create(store=store, remote_id=None, registration="pending")
    assert "made known to Mercado Pago" in page_of(staff, pos)
    assert staff.get(f"{LIST}{pos.pk}/poster/a4.pdf").status_code == 404


def test_the_chosen_ones_are_one_pdf(staff, pos) -> None:
    other = PosFactory.create(store=pos.store, name="Pump 4", remote_id=4, qr_payload=payload(4))
    nobody = PosFactory.create(store=pos.store, name="Pump 5", remote_id=None, registration="pending")
    asked = act(staff, "print_posters", pos, other, nobody).content.decode()
    assert "made known to Mercado Pago" in asked
    answer = act(staff, "print_posters", pos, other, nobody, apply="1", size="a6")
    assert codes_of(answer.content) == [[payload(3)], [payload(4)]]
    sheets = act(staff, "print_posters", pos, other, apply="1", size="sheets")
    assert sorted(codes_of(sheets.content)[0]) == [payload(3), payload(4)]


def test_a_size_that_does_not_exist_is_asked_for_again(staff, pos) -> None:
    answer = act(staff, "print_posters", pos, apply="1", size="a3")
    assert "a3 is not one of the available choices" in answer.content.decode()


def test_many_posters_are_drawn_by_a_worker(staff, pos, monkeypatch) -> None:
    monkeypatch.setattr(codes, "FEW", 1)
    other = PosFactory.create(store=pos.store, remote_id=4, qr_payload=payload(4))
    nobody = PosFactory.create(store=pos.store, remote_id=None, registration="pending")
    assert "and the others that you chose" in act(staff, "print_posters", pos, other, nobody).content.decode()
    page = act(staff, "print_posters", pos, other, nobody, apply="1", size="a6").content.decode()
    assert "3 of 3 done" in page
    assert "1 failed" in page
    assert "made known to Mercado Pago" in page, "what to do about the one that has no code"
    [address] = re.findall(r'href="([^"]+/file/)"', page)
    answer = staff.get(address)
    assert answer["Content-Disposition"] == 'attachment; filename="qr-a6.pdf"'
    assert len(pypdfium2.PdfDocument(answer.content)) == 2


def test_none_of_them_printable_is_said(staff, store) -> None:
    pos = PosFactory.create(store=store, remote_id=None, registration="pending")
    assert "made known to Mercado Pago" in act(staff, "print_posters", pos).content.decode()


def test_the_code_is_fetched_on_demand(staff, pos, mercado_pago) -> None:
    url = "https://www.mercadopago.com/instore/merchant/qr/3/0977.png"
    PointOfSale.objects.update(qr_payload="", qr_image=url)
    mercado_pago.get(url, status=503)
    assert "503" in unescape(act(staff, "fetch_code", pos).content.decode())
    mercado_pago.replace("GET", url, body=picture(payload(3)), content_type="image/png")
    assert "files are here" in unescape(act(staff, "fetch_code", pos).content.decode())
    pos.refresh_from_db()
    assert pos.qr_payload == payload(3)
