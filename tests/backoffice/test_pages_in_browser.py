"""Every page of the back-office in a real browser: on a desk by day, on a phone by night."""

from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib import admin
from django.contrib.auth.models import User
from django.db.models import Model
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from backoffice import handbook
from orders.models import Order
from pos.models import PointOfSale
from tests.backoffice.test_admin import everything  # noqa: F401 - a fixture

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

DESK: dict[str, Any] = {"viewport": {"width": 1280, "height": 900}, "color_scheme": "light"}
PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "color_scheme": "dark"}


@pytest.fixture
def boss(live_server) -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("boss", password="demo"))
    return client


@pytest.fixture(params=[DESK, PHONE], ids=["desk", "phone"])
def page(request, browser: Browser, boss: Client, live_server) -> Iterator[Page]:
    """Logged in. What the browser complains about, also of later pages, is a failure."""
    context = browser.new_context(locale="en", base_url=live_server.url, **request.param)
    context.add_cookies([{"name": "sessionid", "value": boss.cookies["sessionid"].value, "url": live_server.url}])
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(f"{page.url}: {said.text}") if said.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(f"{page.url}: {error}"))
    yield page
    context.close()
    assert not complaints, "\n".join(complaints)


# Tables that are cut off by their box, without the fading edge that says so (wide.js).
CUT_OFF = """() => [...document.querySelectorAll("table")].filter((table) => {
  let box = table;
  while (box !== document.body && getComputedStyle(box).overflowX === "visible") box = box.parentElement;
  return box.scrollWidth > box.clientWidth + 1 && !box.classList.contains("scrolls");
}).map((table) => table.outerHTML.slice(0, 100))"""


def flaws(page: Page) -> list[str]:
    """What is wider than the window or cut off, and what axe finds serious. Its preloading asks for odd addresses."""
    if page.evaluate(CUT_OFF):
        page.wait_for_timeout(500)  # wide.js looks when the page has been laid out
    found = [f"{page.url}: cut off: {table}" for table in page.evaluate(CUT_OFF)]
    if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
        found.append(f"{page.url}: wider than the window")
    for one in Axe().run(page, options={"preload": False}).response["violations"]:
        if one["impact"] in ("serious", "critical"):
            found.append(f"{page.url}: {one['id']}: {one['nodes'][0]['html']}")
    return found


def list_of(model: type[Model]) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")


def test_every_list_and_every_form_can_be_used(page: Page, everything: None) -> None:  # noqa: F811
    found = []
    for url in ["/admin/", *(list_of(model) for model in admin.site._registry)]:
        page.goto(url)
        found += flaws(page)
        row = page.locator("#result_list tbody th a")
        if row.count():
            page.goto(str(row.first.get_attribute("href")))
            page.wait_for_load_state("networkidle")
            found += flaws(page)
    assert not found, "\n".join(found)


def test_what_a_manager_does_by_night_fits_a_phone(page: Page, order: Order, pos: PointOfSale) -> None:
    pos.name = "Surtidor del fondo, al lado del lavadero"
    pos.save()
    today = pos.store.day_at(timezone.now())
    found = []
    for name, key in (
        ("admin:pos_pointofsale_history", [pos.pk]),
        ("admin:stores_store_history", [pos.store_id]),
        ("admin:closing", []),
        ("admin:closing_day", [pos.store_id, today.isoformat()]),
        ("admin:timeline_order", [order.pk]),
        ("admin:attention", []),
        ("admin:attention_decided", []),
    ):
        page.goto(reverse(name, args=key))
        found += flaws(page)
    assert not found, "\n".join(found)
    page.goto(reverse("admin:closing_day", args=[pos.store_id, today.isoformat()]))
    box = page.locator("input.pump").first
    box.fill("1234567.89")
    assert box.evaluate("box => box.scrollWidth <= box.clientWidth"), "the number is cut off"


def test_the_door_can_be_used_in_ones_own_language(browser: Browser, boss: Client, live_server) -> None:
    page = browser.new_context(locale="pt-BR", base_url=live_server.url, **PHONE).new_page()
    page.goto("/admin/")
    assert flaws(page) == []
    expect(page.locator("html")).to_have_attribute("lang", "pt-br")
    page.get_by_role("button", name="Español").click()
    expect(page.locator("html")).to_have_attribute("lang", "es")
    page.locator("#id_username").fill("boss")
    page.locator("#id_password").fill("demo")
    page.locator("#id_password").press("Enter")
    expect(page.locator("#now")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", "es")


def test_the_home_page_keeps_itself_up_to_date(page: Page, order) -> None:
    page.clock.install()
    page.goto("/admin/")
    waiting = page.locator("#to-pay strong")
    expect(waiting).to_have_text("1")
    order.delete()
    page.clock.run_for(16_000)
    expect(waiting).to_have_text("0")


def test_all_pages_are_in_the_menu_of_a_phone(browser: Browser, boss: Client, live_server) -> None:
    context = browser.new_context(base_url=live_server.url, java_script_enabled=False, locale="en", **PHONE)
    context.add_cookies([{"name": "sessionid", "value": boss.cookies["sessionid"].value, "url": live_server.url}])
    page = context.new_page()
    page.goto("/admin/auth/user/")
    page.locator(".phone-menu > summary").click()
    page.locator(".phone-menu").get_by_role("link", name="Points of sale").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Points of sale")


def test_the_handbook_can_be_read(page: Page) -> None:
    page.goto("/admin/handbook/?in=es")
    found = flaws(page)
    for chapter in handbook.chapters("es"):
        page.goto(f"/admin/handbook/{chapter.name}/?in=es")
        page.wait_for_load_state("networkidle")
        found += flaws(page)
    assert not found, "\n".join(found)
