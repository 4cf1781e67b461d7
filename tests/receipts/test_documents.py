"""Drawn documents are files: in a folder or a bucket, drawn again when they are lost."""

import hashlib
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.files.storage import storages
from django.test import override_settings

from config import storage
from orders.models import Order
from receipts import services
from receipts.models import Document, Format
from receipts.variants import NoSuchVariant
from stores.logos import keep
from tests.receipts import reading
from tests.receipts.bucket import open_bucket
from tests.receipts.contents import IMAGES

STORAGES: Any = settings.STORAGES
FOLDER = Path(STORAGES["receipts"]["OPTIONS"]["location"])


def test_each_format_is_a_file_whose_row_knows_what_it_holds(receipt) -> None:
    rows = {(document.format, document.variant): document for document in receipt.documents.all()}
    assert set(rows) == {("html", ""), ("pdf", "80mm"), ("escpos", "42-cp858"), ("txt", "")}
    for document in rows.values():
        data = (FOLDER / document.name).read_bytes()
        assert (document.size, document.sha256) == (len(data), hashlib.sha256(data).hexdigest())
        assert services.document(receipt, document.format)[2] == data
        assert document.name.startswith(f"{receipt.store_id}/{receipt.issued_at:%Y/%m}/{receipt.number}")


def test_it_is_the_file_that_is_served_and_not_a_new_drawing(receipt, monkeypatch) -> None:
    monkeypatch.setattr("receipts.drawing.write", None)
    for format in Format:
        assert services.document(receipt, format)[2]


@pytest.mark.parametrize("harm", [Path.unlink, lambda path: path.write_bytes(b"half of i")])
def test_a_lost_or_damaged_file_is_drawn_again_and_kept_again(receipt, harm) -> None:
    for document in receipt.documents.all():
        path = FOLDER / document.name
        before = path.read_bytes()
        harm(path)
        assert services.document(receipt, document.format)[2] == before
        assert path.read_bytes() == before


def test_a_storage_that_is_down_keeps_no_receipt_from_its_customer(receipt, client, caplog) -> None:
    before = services.document(receipt, "pdf")[2]
    broken = {"BACKEND": STORAGES["receipts"]["BACKEND"], "OPTIONS": {"location": "/dev/null/nowhere"}}
    with override_settings(STORAGES=STORAGES | {"receipts": broken}):
        assert services.document(receipt, "pdf")[2] == before
        assert client.get(receipt.public_url.removeprefix("http://localhost:8000")).status_code == 200
    assert "could not be kept" in caplog.text


def test_drawing_again_leaves_the_same_rows_and_files(receipt) -> None:
    before = list(Document.objects.order_by("pk").values("pk", "name", "sha256"))
    services.draw(receipt)
    assert list(Document.objects.order_by("pk").values("pk", "name", "sha256")) == before


def test_another_variant_is_drawn_on_demand_and_not_kept(receipt) -> None:
    name, media_type, data = services.document(receipt, "pdf", paper="a4")
    assert (name, media_type) == (f"{receipt.number}-a4.pdf", "application/pdf")
    assert data != services.document(receipt, "pdf")[2]
    assert reading.words_of_pdf(data) == reading.words_of_pdf(services.document(receipt, "pdf")[2])
    assert receipt.documents.count() == len(Format)


def test_a_store_has_its_own_paper_and_printer(receipt) -> None:
    receipt.store.receipt_paper, receipt.store.receipt_columns, receipt.store.receipt_codepage = "58mm", 32, "cp850"
    assert services.document(receipt, "pdf")[0] == f"{receipt.number}-58mm.pdf"
    assert services.document(receipt, "escpos")[0] == f"{receipt.number}-32-cp850.bin"
    services.draw(receipt)
    assert receipt.documents.filter(format="pdf").count() == 2


@pytest.mark.parametrize("wanted", [{"paper": "letter"}, {"columns": 40}, {"codepage": "utf-8"}, {"colour": "red"}])
def test_a_variant_that_does_not_exist_is_named(receipt, wanted) -> None:
    with pytest.raises(NoSuchVariant, match=next(iter(wanted))):
        services.document(receipt, "pdf", **wanted)


# --- a bucket --------------------------------------------------------------------------------------------------------
@pytest.fixture
def bucket():
    with open_bucket() as bucket:
        url = f"s3://KEY:SE%2FCRET@receipts/prod?endpoint={bucket.url}&region=sa-east-1&addressing=path"
        ours = STORAGES | {"receipts": storage.read(url, folder=FOLDER)}
        with override_settings(STORAGES=ours):
            yield bucket
            used: Any = storages["receipts"]
            used.connection.meta.client.close()


def test_documents_lie_in_a_bucket_when_one_is_named(bucket, closed) -> None:
    receipt = services.issue(closed)
    services.draw(receipt)
    for document in receipt.documents.all():
        assert hashlib.sha256(bucket.objects[f"/receipts/prod/{document.name}"]).hexdigest() == document.sha256
        assert services.document(receipt, document.format)[2] == bucket.objects[f"/receipts/prod/{document.name}"]
    assert all("Credential=KEY/" in signature for signature in bucket.signed_by)
    assert not any((FOLDER / document.name).exists() for document in receipt.documents.all())


def test_what_is_lost_in_a_bucket_is_drawn_again(bucket, closed) -> None:
    receipt = services.issue(closed)
    services.draw(receipt)
    before = dict(bucket.objects)
    bucket.objects.clear()
    assert services.document(receipt, "txt")[2] in before.values()
    assert len(bucket.objects) == 1


def test_a_folder_can_be_named(tmp_path) -> None:
    read = storage.read(f"file://{tmp_path}/a%20b", folder=FOLDER)
    assert read["OPTIONS"]["location"] == f"{tmp_path}/a b"
    assert storage.read("", folder=FOLDER)["OPTIONS"]["location"] == str(FOLDER)


@pytest.mark.parametrize("url", ["s3:///prefix", "ftp://host/x", "receipts", "s3://bucket?colour=red", "file:rel"])
def test_a_storage_that_is_not_understood_stops_the_start_and_is_named(url) -> None:
    with pytest.raises(ImproperlyConfigured, match="RECEIPTS_STORAGE_URL"):
        storage.read(url, folder=FOLDER)


def test_a_receipt_keeps_the_logo_it_was_issued_with(closed) -> None:
    store = closed.pos.store
    store.logo = keep(BytesIO(IMAGES["logo"]))
    store.save()
    receipt = services.issue(Order.objects.with_site().select_related("pos__store__logo").get(pk=closed.pk))
    before = services.document(receipt, "html")[2]
    assert b"data:image/png;base64," in before
    store.logo = None
    store.save()
    services.draw(receipt)
    assert services.document(receipt, "html")[2] == before
