"""Staff verifies that the sticker on pump 3 is pump 3's: told large and plainly, and never with a page of errors."""

import io
from html import unescape
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image
from playwright.sync_api import sync_playwright

from gateway import qr
from pos import stickers
from pos.models import OfficialFile, PointOfSale
from tests.codes import payload, picture, sealed, tlv
from tests.factories import PosFactory
from tests.pos.test_pictures import _bomb as bomb

PAGE = "/admin/pos/pointofsale/scan/"


@pytest.fixture
def staff(db) -> Client:
    """Who may look at points of sale, and no more."""
    user = User.objects.create_user("staff", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=("view_pointofsale", "see_all_stores")))
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def pumps(store) -> list[PointOfSale]:
    return [
        PosFactory.create(store=store, name=f"Pump {n}", external_id=f"POS000{n}", remote_id=n, qr_payload=payload(n))
        for n in (1, 2, 3)
    ]


def photo_of(*texts: str, name: str = "IMG_1.jpg") -> SimpleUploadedFile:
    """A photo of stickers that hang beside each other."""
    sheet = Image.new("RGB", (900 * len(texts), 900), "#dddddd")
    for n, text in enumerate(texts):
        code = Image.open(io.BytesIO(picture(text, scale=10))).convert("RGB").resize((800, 800))
        sheet.paste(code, (900 * n + 50, 50))
    out = io.BytesIO()
    sheet.rotate(3, fillcolor="#dddddd").save(out, "JPEG", quality=70)
    return SimpleUploadedFile(name, out.getvalue(), "image/jpeg")


def told(client: Client, *, pos: PointOfSale | None = None, **sent: Any) -> str:
    answer = client.post(f"{PAGE}?pos={pos.pk}" if pos else PAGE, sent)
    assert answer.status_code == 200
    return " ".join(unescape(answer.content.decode()).split())


def test_whose_sticker_it_is(staff, pumps) -> None:
    page = told(staff, photo=photo_of(payload(3)))
    assert "This is the code of Pump 3 (POS0003), store Estación Caseros." in page
    assert 'class="finding right"' in page


def test_the_right_sticker(staff, pumps) -> None:
    page = told(staff, pos=pumps[2], photo=photo_of(payload(3)))
    assert "Right." in page
    assert 'class="finding right"' in page


def test_the_sticker_of_another_pump(staff, pumps) -> None:
    page = told(staff, pos=pumps[2], photo=photo_of(payload(2)))
    assert "Wrong: this is not the code of Pump 3." in page
    assert "This is the code of Pump 2 (POS0002)" in page
    assert 'class="finding wrong"' in page


@pytest.mark.parametrize("numbers", [(2, 3), (3, 2), (1, 2), (3, 99)])
def test_several_stickers_in_a_photo_are_not_judged(staff, pumps, numbers: tuple[int, ...]) -> None:
    for pos in (None, pumps[2]):
        page = told(staff, pos=pos, photo=photo_of(*map(payload, numbers)))
        assert "There are 2 codes in this photo: take one of a single sticker." in page
        assert "finding right" not in page
        assert "Right." not in page


def test_the_same_code_twice_is_one(staff, pumps) -> None:
    assert "Right." in told(staff, pos=pumps[2], photo=photo_of(payload(3), payload(3)))


def test_the_text_of_a_code_will_do(staff, pumps) -> None:
    assert "code of Pump 2" in told(staff, text=f"  {payload(2)}\n")


def test_a_sticker_from_before_a_change_of_name_is_still_right(staff, pumps) -> None:
    assert "Right." in told(staff, pos=pumps[0], text=payload(1, name="Old name"))


def test_a_code_that_names_nobody_is_known_by_its_text(staff, pumps) -> None:
    unnamed = sealed("000201010211" + tlv("43", tlv("00", "COM.MERCADOLIBRE") + tlv("03", "0a1b")) + "5802BR")
    PointOfSale.objects.filter(pk=pumps[0].pk).update(qr_payload=unnamed)
    assert "code of Pump 1" in told(staff, text=unnamed)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (payload(99), "not one of ours"),
        ("https://example.com/pay", "no payment code"),
        (payload(3)[:80], "cut short"),
        (payload(3)[:-1] + ("0" if payload(3)[-1] != "0" else "1"), "checksum is wrong"),
        (sealed("000201" + tlv("26", tlv("00", "br.gov.bcb.pix")) + "5802BR"), "not one of Mercado Pago's"),
        (sealed("000201" + tlv("43", tlv("00", "com.mercadolibre")) + "5802AR"), "not that of a point of sale"),
    ],
)
def test_what_is_nobodys_is_said_why(staff, pumps, text: str, says: str) -> None:
    for pos in (None, pumps[2]):
        page = told(staff, pos=pos, text=text)
        assert says in page
        assert 'class="finding wrong"' in page
        assert "Right." not in page


def test_every_kind_of_bad_code_has_its_sentence() -> None:
    assert set(stickers._WHY) == set(qr.BadCode.__subclasses__())


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (photo_of(payload(3)).read()[:500], "no picture that can be read"),
        (b"", "no picture that can be read"),
        (b"%PDF-1.7", "no picture that can be read"),
        (bomb(60_000, 60_000), "no picture that can be read"),
        (b"0" * (10 * 1024 * 1024 + 1), "larger than 10 MB"),
    ],
)
def test_what_is_no_photo_is_refused_with_a_sentence(staff, pumps, content: bytes, says: str) -> None:
    assert says in told(staff, photo=SimpleUploadedFile("x.jpg", content, "image/jpeg"))


def test_a_photo_without_a_code_asks_for_a_better_one(staff, pumps) -> None:
    out = io.BytesIO()
    Image.new("RGB", (800, 600), "gray").save(out, "JPEG")
    assert "Go closer" in told(staff, photo=SimpleUploadedFile("x.jpg", out.getvalue()))


@pytest.mark.parametrize(
    "sent",
    [{}, {"text": "0" * 5000}, {"photo": "a text"}, {"text": "000201" + "é" * 400}, {"text": "💥"}],
)
def test_no_form_breaks_it(staff, pumps, sent: dict[str, Any]) -> None:
    assert "finding right" not in told(staff, **sent)


@pytest.mark.parametrize("key", ["", "x", "0", "99999999999999999999", "-1", "١"])
def test_a_point_of_sale_that_is_not_there_is_not_expected(staff, pumps, key: str) -> None:
    answer = staff.get(PAGE, {"pos": key})
    assert answer.status_code == 200
    assert "Take a photo of a sticker to see whose it is." in answer.content.decode()


def test_a_point_of_sale_that_is_switched_off_is_said(staff, pumps) -> None:
    PointOfSale.objects.filter(pk=pumps[0].pk).update(is_active=False)
    assert "switched off" in told(staff, text=payload(1))


def test_nothing_is_kept(staff, pumps) -> None:
    before = list(PointOfSale.objects.order_by("pk").values())
    told(staff, photo=photo_of(payload(3)))
    assert list(PointOfSale.objects.order_by("pk").values()) == before
    assert not OfficialFile.objects.exists()


def test_only_who_may_see_points_of_sale(pumps, client: Client) -> None:
    assert client.get(PAGE).status_code == 302
    client.force_login(User.objects.create_user("nobody", is_staff=True))
    assert client.get(PAGE).status_code == 403
    assert client.post(PAGE, {"text": payload(1)}).status_code == 403


def test_it_is_reached_from_the_list_and_from_each_point_of_sale(staff, pumps) -> None:
    assert PAGE in staff.get("/admin/pos/pointofsale/").content.decode()
    assert "Verify the sticker" in staff.get(f"/admin/pos/pointofsale/{pumps[2].pk}/change/").content.decode()
    action = {"action": "verify_sticker", "_selected_action": pumps[2].pk}
    answer = staff.post("/admin/pos/pointofsale/", action)
    assert answer["Location"] == f"{PAGE}?pos={pumps[2].pk}"


def test_there_is_no_script_in_the_page(staff, pumps) -> None:
    page = staff.get(f"{PAGE}?pos={pumps[0].pk}").content.decode()
    content = page[page.index('id="content"') :]
    assert "<script" not in content.split("<footer")[0]
    assert "onclick" not in page


@pytest.mark.browser
def test_it_fits_a_phone(live_server, transactional_db, pumps) -> None:
    client = Client()
    client.force_login(User.objects.create_superuser("manager"))
    cookie = {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        context = browser.new_context(viewport={"width": 390, "height": 844}, locale="en-US")
        context.add_cookies([cookie])  # type: ignore[list-item]
        page = context.new_page()
        page.goto(f"{live_server.url}{PAGE}?pos={pumps[2].pk}")
        photo = photo_of(payload(3))
        sent = {"name": "IMG_1.jpg", "mimeType": "image/jpeg", "buffer": photo.read()}
        page.get_by_label("Photo of the sticker").set_input_files(sent)  # type: ignore[arg-type]
        page.get_by_role("button", name="Verify").click()
        page.get_by_role("status").get_by_text("Right.").wait_for()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "wider than the phone"
        browser.close()
