"""The phone page and the pump panel in a real browser, as narrow as a phone."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from tests.end_to_end.station import Pump, Station

pytestmark = [pytest.mark.stack, pytest.mark.browser]

FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync"]  # fmt: skip


@pytest.fixture
def page(station: Station, pump: Pump) -> Iterator[Page]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        page = browser.new_page(viewport={"width": 390, "height": 844}, locale="en-US")
        errors: list[object] = []
        page.on("pageerror", lambda error: errors.append(error))
        page.on("console", lambda said: errors.append(said.text) if "Content Security Policy" in said.text else None)
        page.goto(station.stack.simulator_url)
        yield page
        assert errors == []
        browser.close()


def test_scan_wait_pay_and_hold_the_receipt(page: Page, pump: Pump) -> None:
    page.locator("#codes li", has_text=pump.pos_id).get_by_role("button", name="Scan").click()
    expect(page.get_by_role("heading", name="First take what you came for")).to_be_visible()
    page.get_by_role("button", name="in process").click()
    expect(page.get_by_role("heading", name="You are being served")).to_be_visible()
    page.get_by_label("Litres").fill("10.5")
    page.get_by_label("Price per litre").fill("1200")
    page.get_by_role("button", name="Report the sale").click()
    expect(page.locator('[data-value="remaining"]')).to_have_text("ARS 12,600.00")
    page.get_by_text("Something else happens").click()
    page.get_by_role("button", name="The card is rejected").click()
    expect(page.get_by_text("Your card was rejected. Pay with another one.")).to_be_visible()
    page.get_by_role("button", name="Pay", exact=True).click()
    expect(page.get_by_role("heading", name="Paid")).to_be_visible()
    page.get_by_role("link", name="Receipt").wait_for(timeout=20_000)
    with page.expect_popup() as popup:
        page.get_by_role("link", name="Receipt").click()
    receipt = popup.value
    expect(receipt.get_by_text("TOTAL")).to_be_visible()
    expect(receipt.locator(".total")).to_contain_text("12.600,00")
    for shown in (page, receipt):
        assert shown.evaluate("document.documentElement.scrollWidth <= innerWidth"), "wider than the phone"


def test_what_the_api_refuses_is_said_beside_the_pump(page: Page, pump: Pump) -> None:
    page.get_by_label("Point of sale").select_option(pump.pos_id)
    page.get_by_label("Litres").fill("1.2345")
    page.get_by_role("button", name="Report the sale").click()
    expect(page.locator("#pump-refusal")).to_contain_text("items.0.quantity")
    page.get_by_label("Litres").fill("1")
    page.get_by_role("button", name="Report the sale").click()
    expect(page.get_by_role("button", name="Cancel the order")).to_be_visible()
    page.get_by_role("button", name="Cancel the order").click()
    expect(page.locator('[data-order-status="canceled"]')).to_be_visible()


def test_putting_the_phone_away_leads_back_to_the_codes(page: Page, pump: Pump) -> None:
    page.locator("#codes li", has_text=pump.pos_id).get_by_role("button", name="Scan").click()
    page.get_by_role("button", name="Put the phone away").click()
    expect(page.get_by_role("heading", name="Scan a QR code")).to_be_visible()
