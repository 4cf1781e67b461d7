"""How a controller gets a receipt: formats, papers, printers."""

import pytest

from pos.services import create_key
from receipts import services
from tests.conftest import controller
from tests.factories import StoreFactory
from tests.receipts import golden_files, reading
from tests.receipts.escpos_screen import Line, Printer


@pytest.fixture
def url(receipt) -> str:
    return f"/api/v1/orders/{receipt.order_id}/receipt"


@pytest.mark.parametrize(
    ("accept", "content_type"),
    [
        ("*/*", "text/html; charset=utf-8"),
        ("text/plain", "text/plain; charset=utf-8"),
        ("application/pdf", "application/pdf"),
        ("application/vnd.escpos", "application/vnd.escpos"),
        ("application/octet-stream", "application/vnd.escpos"),
        ("application/*", "application/pdf"),
        ("text/html;q=0.5, application/pdf", "application/pdf"),
        ("text/plain;q=0, application/pdf;q=0.1", "application/pdf"),
        ("image/png, text/plain;q=0.2", "text/plain; charset=utf-8"),
        ("TEXT/PLAIN;q=nonsense", "text/plain; charset=utf-8"),
    ],
)
def test_it_comes_as_what_the_controller_likes_best(pump, url, accept, content_type) -> None:
    answer = pump.get(url, headers={"Accept": accept})
    assert (answer.status_code, answer["Content-Type"]) == (200, content_type)
    assert answer["Vary"].split(", ")[0] == "Accept"


@pytest.mark.parametrize("accept", ["image/png", "text/html;q=0", "nonsense"])
def test_what_there_is_not_is_refused_by_name(pump, url, accept) -> None:
    answer = pump.get(url, headers={"Accept": accept})
    assert (answer.status_code, answer.json()["type"]) == (406, "urn:problem:no-such-format")
    assert "html, pdf, escpos, txt" in answer.json()["detail"]


def test_a_pdf_comes_for_the_paper_that_is_asked_for(pump, url, receipt) -> None:
    usual, page = pump.get(f"{url}?format=pdf"), pump.get(f"{url}?format=pdf&paper=a4")
    assert usual["Content-Disposition"] == f'inline; filename="{receipt.number}-80mm.pdf"'
    assert page["Content-Disposition"] == f'inline; filename="{receipt.number}-a4.pdf"'
    assert reading.words_of_pdf(usual.content) == reading.words_of_pdf(page.content)


@pytest.mark.parametrize(
    ("query", "file"), [("format=PDF&paper=A4", "a4.pdf"), ("format=EscPos&columns=48&codepage=CP858", "48-cp858.bin")]
)
def test_words_of_a_query_are_understood_in_capitals_too(pump, url, receipt, query, file) -> None:
    answer = pump.get(f"{url}?{query}")
    assert answer["Content-Disposition"] == f'inline; filename="{receipt.number}-{file}"'


@pytest.mark.parametrize("columns", [32, 42, 48])
def test_bytes_come_for_the_printer_that_is_asked_for(pump, url, columns) -> None:
    data = pump.get(f"{url}?format=escpos&columns={columns}&codepage=cp1252").content
    printer = Printer().feed(data)
    assert printer.code_page == "cp1252"
    assert max(len(line.text) for line in printer.paper if isinstance(line, Line)) == columns
    assert reading.words_of_escpos(data) == reading.words_of_text(pump.get(f"{url}?format=txt").content)


@pytest.mark.parametrize(
    "query", ["format=pdf&paper=letter", "format=escpos&columns=40", "format=escpos&codepage=utf8"]
)
def test_a_paper_or_printer_that_is_not_known_is_refused_with_what_there_is(pump, url, query) -> None:
    answer = pump.get(f"{url}?{query}")
    assert (answer.status_code, answer.json()["type"]) == (400, "urn:problem:no-such-variant")
    name = query.split("&")[1].split("=")[0]
    assert answer.json()["detail"].startswith(f"{name}=")


def test_another_stores_key_sees_no_receipt(url, db) -> None:
    stranger = controller(create_key(name="other", store=StoreFactory.create()))
    assert stranger.get(url).status_code == 404


def test_a_receipt_of_the_first_version_comes_in_the_new_formats_too(pump, url, receipt) -> None:
    receipt.content = golden_files.content("v1-ars")
    receipt.save()
    receipt.documents.all().delete()  # PDF and ESC/POS were never drawn of it
    for format, read in (("pdf", reading.words_of_pdf), ("escpos", reading.words_of_escpos)):
        said = read(pump.get(f"{url}?format={format}").content)
        assert said == reading.words_of_text(services.document(receipt, "txt")[2])
