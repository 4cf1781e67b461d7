"""Posters: every printed code is read back from the drawn page, nothing overflows, the words are the country's."""

import io
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from xml.etree import ElementTree

import pypdfium2
import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import Page as Tab
from playwright.sync_api import sync_playwright

from gateway.sites import CATEGORIES
from pos import printing
from pos.models import PointOfSale
from pos.pictures import read_codes
from pos.posters import pdf, png, svg
from pos.posters.layout import lay_out
from pos.posters.page import Matrix
from pos.posters.sizes import SIZES
from pos.posters.words import Words, words_of
from tests.codes import payload
from tests.factories import AccountFactory, PosFactory, StoreFactory

ALL_SIZES = pytest.mark.parametrize("size", SIZES)
LONG = {
    "store": "Posto São João da Conceição – “Rodovia” Presidente Dutra km 172, sentido Rio de Janeiro €uro, pista 2",
    "name": "Bomba de combustível número 12, lado direito",
    "code": "POSTOSAOJOAODACONCEICAOBOMBA12ESQUERDO1",
}


STEPS = ("Escanee este código con la app de Mercado Pago u otra billetera.",
         "Cargue combustible. La app espera mientras el surtidor despacha.", "Revise el importe y pague.")  # fmt: skip
SHORT = Words("es", "Pague con Mercado Pago", "YPF", "1", "Código", "P1", STEPS, payload(27))
LONGEST = Words("pt-br", "Pague com Mercado Pago", LONG["store"], LONG["name"], "Código", LONG["code"], STEPS,
                payload(2**60, name="W" * 25, city="ã" * 15))  # fmt: skip


def made(site: str = "MLA", **fields: object) -> PointOfSale:
    """A point of sale whose code is known."""
    store = StoreFactory.create(account=AccountFactory.create(site_code=site), name="Estación Ñandú – Çã")
    pos = PosFactory.create(store=store, **{"name": "Surtidor 3", "external_id": "POS0003", "remote_id": 27} | fields)
    pos.qr_payload = payload(pos.remote_id or 0, name=pos.name[:25], city="São Paulo")
    pos.save()
    return pos


@dataclass(frozen=True, slots=True)
class Drawn:
    """A page of a PDF as somebody sees it: its size in millimetres, its words with one space between, its picture."""

    size: tuple[float, float]
    text: str
    picture: Image.Image


def drawn(document: bytes, *, dpi: float = 200) -> list[Drawn]:
    with pypdfium2.PdfDocument(document) as opened:
        return [
            Drawn(
                size=(round(page.get_width() / 72 * 25.4, 1), round(page.get_height() / 72 * 25.4, 1)),
                text=" ".join(page.get_textpage().get_text_range().split()),
                picture=page.render(scale=dpi / 72).to_pil(),
            )
            for page in opened
        ]


def codes_of(document: bytes) -> list[list[str]]:
    """By page, read from the drawn page."""
    return [read_codes(as_png(page.picture)) for page in drawn(document)]


def as_png(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


@ALL_SIZES
def test_the_code_on_the_pdf_is_the_official_one(db, size: str) -> None:
    pos = made()
    document = printing.poster(pos, size=size, format="pdf")
    assert codes_of(document) == [[pos.qr_payload]]
    assert drawn(document)[0].size == (SIZES[size].width, SIZES[size].height)


@ALL_SIZES
def test_the_code_on_the_png_is_the_official_one(db, size: str) -> None:
    pos = made()
    picture = printing.poster(pos, size=size, format="png")
    assert read_codes(picture) == [pos.qr_payload]
    opened = Image.open(io.BytesIO(picture))
    assert opened.width == pytest.approx(SIZES[size].width / 25.4 * 300, abs=2)
    assert round(opened.info["dpi"][0]) == 300


@ALL_SIZES
def test_the_code_on_the_svg_is_the_official_one(db, size: str) -> None:
    pos = made()
    root = ElementTree.fromstring(printing.poster(pos, size=size, format="svg"))  # noqa: S314 - our own
    paths = [e.get("d", "") for e in root.iter() if e.get("fill") == "#000000"]
    assert read_codes(as_png(filled(paths[0], SIZES[size].width, SIZES[size].height))) == [pos.qr_payload]
    assert root.get("width") == f"{SIZES[size].width}mm"


def filled(path: str, width: float, height: float, scale: float = 10) -> Image.Image:
    """What M x y h w v h … z draws."""
    picture = Image.new("L", (round(width * scale), round(height * scale)), "white")
    draw = ImageDraw.Draw(picture)
    for x, y, w, h in re.findall(r"M([\d.]+) ([\d.]+)h([\d.]+)v([\d.]+)", path):
        left, top = float(x) * scale, float(y) * scale
        draw.rectangle((left, top, left + float(w) * scale - 1, top + float(h) * scale - 1), fill="black")
    return picture


@pytest.fixture(scope="module")
def tab() -> Iterator[Tab]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        yield browser.new_page(viewport={"width": 900, "height": 1200}, device_scale_factor=2)
        browser.close()


@pytest.mark.browser
def test_a_browser_draws_the_svg_as_the_pdf_is(tab: Tab) -> None:
    for words, (size, format) in zip((SHORT, LONGEST, SHORT), SIZES.items(), strict=True):
        page = lay_out(words, format)
        tab.set_content(f"<body style='margin:0'>{svg.write(page).decode()}</body>")
        shown = Image.open(io.BytesIO(tab.locator("svg").screenshot())).convert("L")
        assert read_codes(as_png(shown)) == [words.payload], size
        beside = drawn(pdf.write([page]), dpi=192)[0].picture.convert("L")
        [code] = [item for item in page.items if isinstance(item, Matrix)]
        for top, bottom in ((0, code.y), (code.y + code.side, page.height)):
            parts = [band(picture, top, bottom) for picture in (shown, beside)]
            assert difference(*parts) < 0.12, size


def band(picture: Image.Image, top: float, bottom: float) -> Image.Image:
    """From one millimetre to another at 192 dpi, small enough not to see single edges."""
    scale = 192 / 25.4
    return picture.crop((0, round(top * scale), picture.width, round(bottom * scale))).resize((80, 40))


def difference(one: Image.Image, other: Image.Image) -> float:
    """How much of the ink stands elsewhere."""
    ink = sum(255 - shade for shade in other.tobytes())
    return sum(abs(a - b) for a, b in zip(one.tobytes(), other.tobytes(), strict=True)) / ink


@pytest.mark.parametrize(
    ("site", "category", "says"),
    [
        ("MLA", "gas_station", ["Mercado Pago", "1", "2", "3"]),
        ("MLB", "gastronomy", ["Mercado Pago", "1", "2", "3"]),
    ],
)
def test_the_words_can_be_read_out_of_the_pdf(db, site: str, category: str, says: list[str]) -> None:
    pos = made(site, category=category)
    text = drawn(printing.poster(pos, size="a6", format="pdf"))[0].text
    words = words_of(pos, encoding="utf-8")
    for word in (pos.store.name, pos.name, pos.external_id, words.title, *words.steps, *says):
        assert word in text


@pytest.mark.parametrize(
    ("site", "language", "title"), [("MLB", "pt-br", "Pague com Mercado Pago"), ("MPE", "es", "Pague con Mercado Pago")]
)
def test_the_words_are_in_the_language_of_the_country(db, site: str, language: str, title: str) -> None:
    words = words_of(made(site), encoding="utf-8")
    assert (words.language, words.title) == (language, title)


def test_each_kind_of_place_has_its_own_second_step(db) -> None:
    steps = {words_of(made(category=c, remote_id=n), encoding="utf-8").steps[1] for n, c in enumerate(CATEGORIES, 1)}
    assert len(steps) == 3


def test_nothing_of_ours_and_no_amount_is_printed(db, settings) -> None:
    pos = made()
    text = drawn(printing.poster(pos, size="a4", format="pdf"))[0].text + pos.qr_payload
    for never in (pos.poll_token, "localhost", "http://", "$"):
        assert never not in text


def test_a_whole_store_is_one_document_with_a_page_each(db) -> None:
    pump = made()
    points = [pump, *(PosFactory.create(store=pump.store, remote_id=n, qr_payload=payload(n)) for n in (1, 2))]
    document = printing.booklet(points, size="a6")
    assert codes_of(document) == [[pos.qr_payload] for pos in points]


def test_stickers_stand_beside_each_other_on_a4_with_cutting_marks(db) -> None:
    store = made().store
    points = [PosFactory.create(store=store, remote_id=n, qr_payload=payload(n)) for n in range(1, 9)]
    document = printing.booklet(points, size="sticker", on_sheets=True)
    found = codes_of(document)
    assert [len(codes) for codes in found] == [6, 2]
    assert sorted(code for codes in found for code in codes) == sorted(pos.qr_payload for pos in points)
    assert {page.size for page in drawn(document)} == {(297, 210)}


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"remote_id": None, "registration": "pending"}, "made known"),
        ({"remote_id": 27}, "fetched within a minute"),
        ({"remote_id": 27, "qr_problem": "404"}, "could not be fetched: 404"),
        ({"remote_id": 27, "qr_payload": payload(28)}, "fetched"),
    ],
)
def test_what_cannot_be_printed_says_what_to_do(db, fields: dict[str, object], says: str) -> None:
    pos = PosFactory.create(**fields)
    with pytest.raises(printing.Unprintable, match=says):
        printing.poster(pos, size="a4", format="pdf")


def test_many_people_print_at_once() -> None:
    """The web process has threads; PDFium and the font library are not made for them."""

    def draw(n: int) -> list[str]:
        words = replace(SHORT, payload=payload(n))
        page = lay_out(words, SIZES["sticker"])
        return [*read_codes(png.write(page)), svg.write(page).decode()[-6:]]

    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(draw, range(1, 13))) == [[payload(n), "</svg>"] for n in range(1, 13)]


def test_a_code_in_latin_1_is_printed_in_the_same_bytes(db) -> None:
    text = payload(27, name="Estación", encoding="latin-1")
    pos = PosFactory.create(remote_id=27, qr_payload=text)
    assert codes_of(printing.poster(pos, size="a6", format="pdf")) == [[text]]
