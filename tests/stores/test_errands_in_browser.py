"""The page of a long action in a real browser: it moves by itself, also without JavaScript, and is for everybody."""

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from playwright.sync_api import Browser, Page, expect, sync_playwright

from orders.errands import CHECK
from stores import turns, working
from stores.models import Errand
from tests.factories import OrderFactory
from tests.orders.conftest import found
from tests.receipts.test_page_in_browser import FLAGS

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
LIST = "/admin/orders/order/"


@pytest.fixture
def errand(order) -> Errand:
    ben = User.objects.create_superuser("ben")
    keys = [order.pk, *(OrderFactory.create(pos__store=order.pos.store).pk for _ in range(2))]
    return working.ask(work=CHECK, user_id=ben.pk, keys=keys, back=LIST, action="check_now", rows_url=LIST)


@pytest.fixture
def browser(errand: Errand, live_server, monkeypatch) -> Iterator[Browser]:
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")  # playwright has a loop of its own in this thread
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        yield browser
        browser.close()
        connection.close()  # the one that was opened beside that loop: nobody else closes it


def open_page(browser: Browser, live_server, errand: Errand, **options: object) -> Page:
    client = Client()
    client.force_login(User.objects.get())
    context = browser.new_context(**{"viewport": {"width": 390, "height": 844}} | options)  # type: ignore[arg-type]
    context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}])
    page = context.new_page()
    page.goto(f"{live_server.url}/admin/stores/errand/{errand.pk}/change/")
    return page


def test_it_shows_by_itself_how_far_it_is_and_then_what_came_of_it(browser, live_server, errand, mercado_pago) -> None:
    mercado_pago.add_passthru(live_server.url)
    found(mercado_pago)
    page = open_page(browser, live_server, errand)
    expect(page.get_by_text("0 of 3 done")).to_be_visible()
    assert page.get_by_role("progressbar").count() == 1
    errand.steps.filter(pk=errand.steps.first().pk).delete()
    Errand.objects.update(done=1, failed=0)
    expect(page.get_by_text("1 of 3 done")).to_be_visible()
    turns.go_on(errand.pk, seconds=60)
    expect(page.get_by_text("3 of 3 done")).to_be_visible()
    expect(page.get_by_text("All went well")).to_be_visible()
    expect(page.get_by_role("link", name="Back to where you were")).to_be_visible()


def test_it_moves_without_javascript(browser, live_server, errand, mercado_pago) -> None:
    mercado_pago.add_passthru(live_server.url)
    found(mercado_pago)
    page = open_page(browser, live_server, errand, java_script_enabled=False)
    expect(page.get_by_text("0 of 3 done")).to_be_visible()
    turns.go_on(errand.pk, seconds=60)
    expect(page.get_by_text("3 of 3 done")).to_be_visible(timeout=10_000)


def test_everybody_can_use_it(browser, live_server, errand, mercado_pago) -> None:
    mercado_pago.add_passthru(live_server.url)
    mercado_pago.get("https://api.mercadopago.com/merchant_orders/search", status=503)
    turns.go_on(errand.pk, seconds=60)
    for scheme in ("light", "dark"):
        page = open_page(browser, live_server, errand, color_scheme=scheme)
        found_by_axe = Axe().run(page, context="#content").response["violations"]
        bad = [one for one in found_by_axe if one["impact"] in ("serious", "critical")]
        assert not bad, [(one["id"], [node["html"] for node in one["nodes"]]) for one in bad]
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
