"""A store's logo: uploaded once, shrunk for printers, frozen with every receipt by its content."""

from io import BytesIO
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image, ImageDraw

from stores import logos
from stores.models import Logo, Store


def picture(size=(900, 300), format="PNG", mode="RGBA") -> bytes:
    image = Image.new(mode, size, (0, 0, 0, 0) if mode == "RGBA" else "white")
    ImageDraw.Draw(image).rectangle((50, 50, size[0] - 50, size[1] - 50), fill="navy")
    buffer = BytesIO()
    image.save(buffer, format)
    return buffer.getvalue()


@pytest.mark.parametrize(("format", "mode"), [("PNG", "RGBA"), ("PNG", "RGB"), ("JPEG", "RGB")])
def test_a_picture_becomes_grey_on_white_without_its_margin_and_fits_a_narrow_roll(format, mode, db) -> None:
    logo = logos.keep(BytesIO(picture(format=format, mode=mode)))
    kept = Image.open(BytesIO(bytes(logo.png)))
    assert (kept.format, kept.mode) == ("PNG", "L")
    assert kept.width == logo.width == 384
    assert logo.height == pytest.approx(384 * 200 / 800, abs=3)
    assert kept.tobytes()[40 * 384 + 192] < 60  # navy


def test_a_tall_picture_does_not_eat_the_paper(db) -> None:
    assert logos.keep(BytesIO(picture((300, 2000)))).height <= 240


def test_the_same_picture_is_kept_once(db) -> None:
    assert logos.keep(BytesIO(picture())) == logos.keep(BytesIO(picture()))
    assert Logo.objects.count() == 1


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"%PDF-1.7", "no PNG or JPEG"),
        (picture()[:500], "no PNG or JPEG"),
        (b"", "no PNG or JPEG"),
        (picture() + b"x" * logos.MAX_BYTES, "larger than 200 KiB"),
        (picture(format="GIF", mode="RGB"), "no PNG or JPEG"),
    ],
)
def test_what_is_no_small_picture_is_refused_in_words(data, why, db) -> None:
    with pytest.raises(ValidationError, match=why):
        logos.keep(BytesIO(data))
    assert not Logo.objects.exists()


def test_a_picture_of_nothing_and_one_that_fills_the_memory_are_refused(db) -> None:
    blank, bomb = BytesIO(), BytesIO()
    Image.new("L", (100, 100), 255).save(blank, "PNG")
    Image.new("1", (9000, 9000)).save(bomb, "PNG")
    for file, why in ((blank, "nothing but white"), (bomb, "9000 × 9000 points")):
        file.seek(0)
        with pytest.raises(ValidationError, match=why):
            logos.keep(file)


@pytest.fixture
def manager(db) -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("manager"))
    return client


def form(store: Store, **changes) -> dict[str, Any]:
    return {
        "name": store.name, "street": store.street, "number": store.number, "city": store.city, "state": store.state,
        "latitude": store.latitude, "longitude": store.longitude, "time_zone": store.time_zone,
        "surplus_refunds": "manual", "late_refunds": "manual", "is_active": "on",
    } | changes  # fmt: skip


def test_a_logo_is_uploaded_shown_and_taken_away_in_the_admin(manager, store) -> None:
    url = f"/admin/stores/store/{store.pk}/change/"
    file = SimpleUploadedFile("logo.png", picture(), "image/png")
    options = {"receipt_language": "pt-br", "receipt_paper": "58mm", "receipt_columns": "32"}
    assert manager.post(url, form(store, logo_file=file, **options)).status_code == 302
    store.refresh_from_db()
    assert store.logo == Logo.objects.get()
    assert (store.receipt_language, store.receipt_paper, store.receipt_columns, store.receipt_codepage) == (
        "pt-br", "58mm", 32, "cp858",
    )  # fmt: skip
    assert "data:image/png;base64," in manager.get(url).content.decode()
    assert manager.post(url, form(store)).status_code == 302  # nothing said of it: it stays
    store.refresh_from_db()
    assert store.logo is not None
    assert store.receipt_paper == "58mm"
    assert manager.post(url, form(store, remove_logo="on")).status_code == 302
    store.refresh_from_db()
    assert store.logo is None
    assert Logo.objects.count() == 1  # old receipts carry it


def test_a_file_that_is_no_picture_is_refused_at_its_field(manager, store) -> None:
    file = SimpleUploadedFile("logo.png", b"no picture", "image/png")
    answer = manager.post(f"/admin/stores/store/{store.pk}/change/", form(store, logo_file=file))
    assert answer.context["errors"] == [["This is no PNG or JPEG picture that can be read."]]
    store.refresh_from_db()
    assert store.logo is None
