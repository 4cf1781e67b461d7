"""The customer's page in a real browser: as narrow as a phone, without JavaScript, and on paper."""

import io
from collections.abc import Callable, Iterator
from typing import Any

import pypdfium2
import pytest
from django.core.cache import cache
from playwright.sync_api import Browser, Page, expect, sync_playwright

from receipts.models import Document, Receipt

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync"]  # fmt: skip


@pytest.fixture
def url(receipt: Receipt, live_server) -> str:
    cache.clear()
    return str(live_server.url + receipt.public_url.removeprefix("http://localhost:8000"))


@pytest.fixture
def number(receipt: Receipt) -> str:
    return receipt.number


@pytest.fixture
def browser(url: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def open_page(browser: Browser, url: str) -> Iterator[Callable[..., Page]]:
    """A phone without JavaScript. What it loads besides the page and its button, or may not load, is a failure."""
    wrong: list[str] = []

    def look(text: str, is_wrong: bool) -> None:
        if is_wrong:
            wrong.append(text)

    def open_page(**options: Any) -> Page:
        phone: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "java_script_enabled": False}
        page = browser.new_page(**phone | options)
        ours = (url, "data:", url.partition("/r/")[0] + "/static/receipts/print.js")
        page.on("request", lambda request: look(request.url, not request.url.startswith(ours)))
        page.on("console", lambda message: look(message.text, "Content Security Policy" in message.text))
        page.goto(url)
        return page

    yield open_page
    assert wrong == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_can_be_read_on_a_phone_by_day_and_by_night(open_page, number, scheme) -> None:
    page: Page = open_page(color_scheme=scheme, java_script_enabled=True)
    expect(page.get_by_text(number)).to_be_visible()
    expect(page.get_by_role("link", name="PDF")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "wider than the phone"
    for selector in ("main", ".tools a", ".tools form button", "[data-print]", ".tools label", ".tools .hint"):
        assert _contrast(page, selector) >= 4.5, selector
    box = page.locator(".tools form button").bounding_box()
    assert box
    assert box["height"] >= 44


def _contrast(page: Page, selector: str) -> float:
    """By WCAG 2, of a text and the first background behind it."""
    script = """(selector) => {
      const rgb = (text) => text.match(/[\\d.]+/g).map(Number);
      const light = ([r, g, b]) => [r, g, b].map((v) => v / 255)
        .map((v) => (v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
        .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
      const element = document.querySelector(selector);
      let behind = element;
      while (behind && rgb(getComputedStyle(behind).backgroundColor)[3] === 0) behind = behind.parentElement;
      const [a, b] = [getComputedStyle(element).color, getComputedStyle(behind || document.body).backgroundColor]
        .map((color) => light(rgb(color))).sort((x, y) => y - x);
      return (a + 0.05) / (b + 0.05);
    }"""
    return float(page.evaluate(script, selector))


def test_it_is_sent_by_e_mail_without_javascript(open_page, url) -> None:
    page: Page = open_page()
    page.get_by_role("textbox").fill("not an address")
    page.get_by_role("button").click()
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.get_by_role("textbox")).to_have_value("not an address")
    page.get_by_role("textbox").fill("ana@example.com")
    page.get_by_role("button").click()
    expect(page.get_by_role("status")).to_be_visible()
    assert page.url == url
    page.reload()
    expect(page.get_by_role("status")).to_have_count(0)


def test_where_scripts_run_a_button_prints_and_elsewhere_there_is_none(open_page) -> None:
    without: Page = open_page()
    expect(without.locator("[data-print]")).to_be_hidden()
    page: Page = open_page(java_script_enabled=True)
    page.evaluate("window.print = () => { document.title = 'printed' }")
    page.locator("[data-print]").click()
    expect(page).to_have_title("printed")


def test_a_form_whose_cookie_is_gone_leads_back_to_the_receipt(open_page, url, number) -> None:
    page: Page = open_page()
    page.get_by_role("textbox").fill("ana@example.com")
    page.context.clear_cookies()
    page.get_by_role("button").click()
    assert page.locator("h1").inner_text()
    page.get_by_role("link").click()
    expect(page.get_by_text(number)).to_be_visible()
    assert page.url == url


def test_on_paper_there_is_the_receipt_and_nothing_else(open_page, number) -> None:
    page: Page = open_page(color_scheme="dark", java_script_enabled=True)
    page.emulate_media(media="print")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgba(0, 0, 0, 0)"
    document = pypdfium2.PdfDocument(io.BytesIO(page.pdf(prefer_css_page_size=True)))
    text = "".join(sheet.get_textpage().get_text_range() for sheet in document)
    assert len(document) == 1
    assert number in text
    assert "PDF" not in text
    assert "e-mail" not in text.lower()
    document.close()


@pytest.fixture
def _many_items(receipt: Receipt) -> None:
    rows = [{"kind": "row", "left": f"Artículo {n:03}", "right": "$ 1,00"} for n in range(120)]
    blocks = receipt.content["blocks"]
    Receipt.objects.update(content=receipt.content | {"blocks": [*blocks[:8], *rows, *blocks[8:]]})
    Document.objects.all().delete()


@pytest.mark.usefixtures("_many_items")
def test_on_a_household_printer_its_letters_keep_their_size(open_page) -> None:
    page: Page = open_page(java_script_enabled=True)
    with pypdfium2.PdfDocument(page.pdf(format="A4", prefer_css_page_size=True)) as document:
        assert [document.get_page_size(n) for n in range(len(document))] == [pytest.approx((595, 842), abs=2)] * 3
        first = document[0].get_textpage()
        _left, bottom, _right, top = first.get_charbox(first.get_text_range().index("Artículo 000"), loose=True)
        assert 8 < top - bottom < 14  # points
