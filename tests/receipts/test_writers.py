"""The four writers: one receipt, whatever it is drawn on."""

import re

import pypdfium2
import pytest
import zxingcpp
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gateway.sites import SITES
from receipts.characters import ALPHABET, known_only, sayable
from receipts.layout import Content, mark
from receipts.models import Format
from receipts.variants import Variant
from receipts.writers import write
from receipts.writers.breaking import wrap
from receipts.writers.columns import lines
from stores.models import CodePage, Columns, Paper
from tests.receipts import reading
from tests.receipts.contents import IMAGES, URL, item, refund, sale, store
from tests.receipts.escpos_screen import Code, Line, Picture, Printer, draw

# Words of the region, and anything that a controller or a person may send.
LETTERS = st.sampled_from(sorted(ALPHABET)) | st.characters(exclude_categories=["Cs"])
LIKE_A_RULE = re.compile(r"-{32}|={32}")  # the readers take it for one
names = st.text(LETTERS, max_size=120).filter(lambda name: not LIKE_A_RULE.search(sayable(name)))
ODD = "cafe\u0301 \u05e9\u05dc\u05d5\u05dd \u202eabc \U0001f469\u200d\U0001f680\ufe0f 日本 \x00\x1b@\r\n“Łódź”…  ½ ﬁn"
amounts = st.decimals("0.01", "99999999.99", places=2).map(str)
whole = st.integers(1, 99999999).map(str)


@st.composite
def contents(compose) -> Content:
    site = SITES[compose(st.sampled_from(sorted(SITES)))]
    money = amounts if site.decimals else whole
    items = [
        item(compose(names), compose(st.sampled_from(("1", "2", "10.333"))), compose(money), compose(money), unit)
        for unit in compose(st.lists(st.sampled_from(("L", "unit", "m³", "gal", "㎥", "л")), min_size=1, max_size=5))
    ]
    at = store(site.code, language=compose(st.sampled_from(("", "es", "pt-br", "en"))), name=compose(names))
    if compose(st.booleans()):
        return refund(tuple(compose(st.lists(money, min_size=1, max_size=3))), at=at)
    taxes = [{"type": "IVA", "value": compose(money), "percentage": "19"}] if compose(st.booleans()) else []
    points = compose(st.none() | st.integers(0, 10**6))
    content = sale(items, at=at, points=points, taxes=taxes, reference=compose(st.just("") | names))
    return mark(content, "COPIA 2 · 24/11/2026 12:00 · ana") if compose(st.booleans()) else content


@settings(max_examples=60, deadline=None)
@given(contents(), st.sampled_from(Paper.values), st.sampled_from(Columns.values))
@example(sale([item("-" * 10 + "x")]), "58mm", 32)
@example(sale([item("Aceite sintético 5W-30 " * 5)]), "80mm", 42)
@example(sale([item(ODD * 3), item(ODD, "1")], at=store(name=ODD, street=ODD), reference=ODD), "58mm", 32)
@example(sale([item(f"Artículo {n}") for n in range(60)]), "a4", 48)
def test_all_four_say_the_same_words_and_amounts_in_the_same_order(content, paper, columns) -> None:
    variant = Variant(paper=paper, columns=columns)
    drawn = {format: write(content, format, variant, {}) for format in Format}
    said = reading.words_of_html(drawn[Format.HTML])
    expected = "".join("".join(b.get(side, "") for side in ("text", "left", "right")) for b in content["blocks"])
    assert said == "".join(expected.split())
    assert reading.words_of_text(drawn[Format.TEXT]) == said
    assert reading.words_of_escpos(drawn[Format.ESCPOS]) == said
    assert reading.words_of_pdf(drawn[Format.PDF]) == said


@settings(max_examples=60, deadline=None)
@given(contents(), st.sampled_from(CodePage.values))
@example(sale([item(ODD)], at=store("MLB", name="Nossa Senhora da Conceição")), "cp437")
@example(sale([item("¤¦¨´¸¼½¾ÀÕ€")]), "iso8859-15")
def test_printers_with_another_code_page_say_the_same_more_plainly(content, codepage) -> None:
    said = reading.words_of_html(write(content, Format.HTML, Variant(), {}))
    printed = reading.words_of_escpos(write(content, Format.ESCPOS, Variant(codepage=codepage), {}))
    assert plainly(printed) == plainly(said)


def plainly(words: str) -> str:
    return known_only(words, str.isascii).replace(" ", "")


def test_all_four_carry_the_same_code() -> None:
    content = sale(at=store(picture=True))
    drawn = {format: write(content, format, Variant(), IMAGES) for format in Format}
    assert reading.code_of_html(drawn[Format.HTML]) == URL
    assert URL in drawn[Format.TEXT].decode().splitlines()
    assert Printer().feed(drawn[Format.ESCPOS]).codes == [URL]
    for paper in Paper.values:
        assert scanned(write(content, Format.PDF, Variant(paper=paper), IMAGES)) == URL


def scanned(pdf: bytes, *, page: int = 0) -> str:
    """What a phone reads from the printed page."""
    with pypdfium2.PdfDocument(pdf) as document:
        printed = document[page]
        [code] = zxingcpp.read_barcodes(printed.render(scale=203 / 72).to_pil())
        printed.close()
    return str(code.text)


def test_the_same_content_is_the_same_file_however_often_it_is_drawn() -> None:
    content = sale(at=store(picture=True))
    for format in Format:
        assert write(content, format, Variant(), IMAGES) == write(content, format, Variant(), IMAGES)


def test_the_logo_is_drawn_and_a_lost_one_keeps_nothing_back() -> None:
    content = sale(at=store(picture=True))
    for format in (Format.HTML, Format.PDF, Format.ESCPOS):
        assert len(write(content, format, Variant(), IMAGES)) > len(write(content, format, Variant(), {})) + 500
    assert any(isinstance(thing, Picture) for thing in _printed(content).paper)


# --- receipt printers ------------------------------------------------------------------------------------------------
def _printed(content: Content, **variant) -> Printer:
    return Printer().feed(write(content, Format.ESCPOS, Variant(**variant), IMAGES))


@pytest.mark.parametrize("codepage", CodePage.values)
def test_letters_of_the_region_come_out_right_in_every_code_page(codepage) -> None:
    words = _printed(sale([item("Ñandú, açaí y café")], at=store(name="São Óscar")), codepage=codepage).words
    assert "Ñandú, açaí y café" in words
    assert ("Sao Oscar" if codepage == "cp437" else "São Óscar") in words


@pytest.mark.parametrize(
    ("codepage", "euro"), [("cp858", "€"), ("cp1252", "€"), ("iso8859-15", "€"), ("cp850", "EUR"), ("cp437", "EUR")]
)
def test_the_euro_is_spelt_out_where_a_printer_has_none(codepage, euro) -> None:
    assert f"Vale 5 {euro}" in _printed(sale([item("Vale 5 €")]), codepage=codepage).words


def test_letters_that_no_printer_has_become_plain_ones() -> None:
    words = _printed(sale([item("“Łódź” – žluťoučký… 日本 \U0001f642", "1")])).words
    assert '"Lódz" - zlutoucký... ?? ?' in words


@pytest.mark.parametrize("content", [sale(), refund()])
@pytest.mark.parametrize("columns", Columns.values)
def test_no_line_is_longer_than_the_paper_and_the_paper_is_cut_once(content, columns) -> None:
    printer = _printed(content, columns=columns)
    assert max(len(thing.text) for thing in printer.paper if isinstance(thing, Line)) == columns
    assert printer.cuts == 1
    assert draw(printer, columns).width == columns * 12 + 48


def test_the_cash_drawer_stays_shut() -> None:
    data = write(sale(at=store(picture=False)), Format.ESCPOS, Variant(), {})
    assert b"\x1bp" not in data
    assert b"\x10\x14" not in data


def test_the_total_is_tall_and_bold_and_the_code_is_in_the_middle() -> None:
    printer = _printed(sale())
    [total] = [thing for thing in printer.paper if isinstance(thing, Line) and thing.text.startswith("TOTAL")]
    assert (total.tall, total.bold) == (True, True)
    [address] = [thing for thing in printer.paper if isinstance(thing, Line) and "3039" in thing.text]
    assert (address.tall, address.bold) == (False, False)
    assert [thing.align for thing in printer.paper if isinstance(thing, Code)] == [1]
    assert printer.paper[-1].align == 0


# --- PDF -------------------------------------------------------------------------------------------------------------
def sizes(pdf: bytes) -> list[tuple[int, int]]:
    with pypdfium2.PdfDocument(pdf) as document:
        measures = [document.get_page_size(n) for n in range(len(document))]
    return [(round(width * 25.4 / 72), round(height * 25.4 / 72)) for width, height in measures]


def test_a_roll_is_as_long_as_its_receipt_and_pages_are_pages() -> None:
    short, long = sale(), sale([item()] * 40)
    for paper, width in (("80mm", 80), ("58mm", 58)):
        [(w, h)] = sizes(write(short, Format.PDF, Variant(paper=paper), {}))
        [(_w, more)] = sizes(write(long, Format.PDF, Variant(paper=paper), {}))
        assert w == width
        assert h + 39 * 6 < more < h + 39 * 10
    assert sizes(write(short, Format.PDF, Variant(paper="a4"), {})) == [(210, 297)]
    assert sizes(write(long, Format.PDF, Variant(paper="a4"), {})) == [(210, 297)] * 3


@pytest.mark.parametrize("count", range(12, 60))
def test_the_end_of_a_page_tears_nothing_apart(count) -> None:
    named = {f"Artículo {n:03}": f"2 × $ {n + 100},00" for n in range(count)}
    items = [item(name, "2", f"{n + 100}", f"{2 * n + 200}", "unit") for n, name in enumerate(named)]
    taxes = [{"type": "IVA", "value": "10", "percentage": "21"}]
    content = sale(items, at=store(language="en"), taxes=taxes, paid=["10.00"])
    pages = reading.pages_of_pdf(write(content, Format.PDF, Variant(paper="a4"), {}))
    together = [*named.items(), ("TOTAL", "IVA 21% included"), ("Paid with", "Operation"), ("Scan to", "Thank you!")]
    for one, other in together:
        assert [one in page for page in pages] == [other in page for page in pages], one
        assert sum(one in page for page in pages) == 1
    for number, page in enumerate(pages[1:], start=2):
        assert page.startswith(f"Receipt 0001-00000007 Page {number} of {len(pages)}")
    assert "Page" not in pages[0]


def test_a_copy_is_one_on_each_of_its_pages_and_an_endless_name_still_finds_an_end() -> None:
    content = mark(sale([item("Tuerca " * 2000), item()], at=store(language="en")), "COPY 2 · ana")
    pages = reading.pages_of_pdf(write(content, Format.PDF, Variant(paper="a4"), {}))
    assert len(pages) > 2
    assert all("COPY 2 · ana" in page for page in pages)
    assert sum(page.count("Tuerca") for page in pages) == 2000


def test_the_code_is_on_the_page_of_its_caption() -> None:
    pdf = write(sale([item("Pan", "1")] * 35, at=store(language="en")), Format.PDF, Variant(paper="a4"), {})
    assert ["Scan to" in page for page in reading.pages_of_pdf(pdf)] == [False, True]
    assert scanned(pdf, page=1) == URL


def test_a_pdf_brings_its_letters_along_and_no_others() -> None:
    pdf = write(sale(), Format.PDF, Variant(), {})
    assert pdf.count(b"/FontFile2") == 2
    assert len(pdf) < 25_000


# --- lines -----------------------------------------------------------------------------------------------------------
def test_a_row_keeps_both_sides_on_one_line_while_they_fit() -> None:
    assert list(lines({"kind": "row", "left": "Agua", "right": "$ 1,00"}, 16)) == ["Agua      $ 1,00"]
    assert list(lines({"kind": "row", "left": "Agua mineral", "right": "$ 1,00"}, 16)) == [
        "Agua mineral",
        "          $ 1,00",
    ]


def test_a_price_stays_together_and_a_word_that_is_too_long_begins_on_a_line_of_its_own() -> None:
    assert wrap("10,333 L × $ 15.890.000", 12, len) == ["10,333 L", "× $", "15.890.000"]
    assert wrap("10,333 L × $ 15.890.000", 15, len) == ["10,333 L", "× $ 15.890.000"]
    assert wrap("ana · maria.fernandez@estacion.example", 20, len) == ["ana ·", "maria.fernandez@", "estacion.example"]
    assert wrap("", 10, len) == [""]
    assert wrap("abc", 0, len) == ["a", "b", "c"]


@given(st.text(st.sampled_from("ab .-@$×"), max_size=60), st.integers(2, 20))
def test_lines_hold_all_the_words_and_none_is_too_long(text, width) -> None:
    broken = wrap(text, width, len)
    assert max(map(len, broken)) <= width
    assert "".join("".join(broken).split()) == "".join(text.split())
