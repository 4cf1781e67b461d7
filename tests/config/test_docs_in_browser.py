"""The API's description in a real browser: it is drawn, tries a call, and asks for nothing it may not have."""

import pytest
from playwright.sync_api import expect, sync_playwright

from tests.end_to_end.desk import FLAGS

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_it_works_under_its_policy(live_server, settings) -> None:
    settings.SPECTACULAR_SETTINGS = settings.SPECTACULAR_SETTINGS | {"SERVERS": []}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        page = browser.new_page()
        complaints: list[str] = []
        page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(f"{live_server.url}/api/docs/")
        expect(page.get_by_role("heading", name="the controllers' API")).to_be_visible()
        page.get_by_text("Report how the point of sale stands").click()
        expect(
            page.get_by_text("It sells nothing now", exact=False).or_(page.get_by_text("offline")).first
        ).to_be_visible()
        assert complaints == []
        browser.close()
