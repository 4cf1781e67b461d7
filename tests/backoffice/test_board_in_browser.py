"""The forecourt board in a real browser: live without reloading, by keyboard, all night."""

import re
import time
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect, sync_playwright

from orders import settlement
from orders.models import Order
from pos.models import ControllerStatus, PointOfSale
from pos.services import report
from tests.factories import OrderFactory, PosFactory
from tests.orders.conftest import paid, remote

__all__ = ["paid"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync"]  # fmt: skip
LIVE = 2000  # ms


@pytest.fixture
def pumps(store) -> list[PointOfSale]:
    return [PosFactory.create(store=store, name=f"Pump {number}") for number in range(1, 6)]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright, pytest.MonkeyPatch.context() as patch:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "on")  # the browser's loop runs in this thread; Django is not async
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def open_board(chromium: Browser, pumps: list[PointOfSale], live_server) -> Iterator[Callable[..., Page]]:
    """A logged-in page that counts its loads. An error in its console is a failure, but for lost connections."""
    wrong: list[str] = []
    client = Client()
    client.force_login(User.objects.create_superuser("boss"))
    cookie = {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}

    def open_board(query: str = "", **options: object) -> Page:
        context = chromium.new_context(**{"viewport": {"width": 1280, "height": 800}, "locale": "en-US"} | options)  # type: ignore[arg-type]
        context.add_cookies([cookie])  # type: ignore[list-item]
        page = context.new_page()
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda said: wrong.append(said.text) if said.type in ("error", "warning") else None)
        page.goto(f"{live_server.url}/admin/board/{pumps[0].store_id}/{query}")
        page.evaluate("window.isTheSamePage = true")
        return page

    yield open_board
    for context in chromium.contexts:
        context.close()
    assert [text for text in wrong if "Failed to load resource" not in text] == []


def test_a_sale_is_followed_from_idle_to_paid_without_reloading(open_board, pumps, paid) -> None:
    page: Page = open_board()
    pump = pumps[1]
    tile = page.locator(f'.tile[data-id="{pump.pk}"]')
    expect(tile).to_contain_text("idle")
    expect(tile).to_contain_text("Nothing sold yet.")
    page.evaluate("document.querySelectorAll('.tile').forEach((node) => { node.wasThere = true; })")

    report(pump, ControllerStatus.IN_PROCESS, amount_so_far=350)  # type: ignore[arg-type]
    expect(tile).to_contain_text("350.00", timeout=LIVE)
    expect(tile).to_have_attribute("data-state", "dispensing")
    expect(tile.locator("[data-since]")).to_have_text(re.compile("^[0-3] s$"))

    report(pump, ControllerStatus.IDLE)
    order = OrderFactory.create(pos=pump, first_served_at=timezone.now())
    expect(tile).to_have_attribute("data-state", "waiting", timeout=LIVE)
    expect(tile).to_contain_text("waiting for payment")
    expect(tile).to_contain_text("500.00")
    expect(tile).to_contain_text("14 min 5")
    expect(page.locator("[data-news]")).to_have_text("Pump 2, waiting for payment, 500.00")
    expect(tile.get_by_role("link")).to_have_attribute("href", f"/admin/orders/order/{order.pk}/change/")

    settlement.settle(order.pk, remote(paid(order)), actor="test")
    expect(tile).to_have_attribute("data-state", "paid", timeout=LIVE)
    expect(page.locator(".today")).to_have_text("Sold today: 1, 500.00 ARS")
    assert page.evaluate("window.isTheSamePage && [...document.querySelectorAll('.tile')].every((n) => n.wasThere)")


def test_points_of_sale_come_and_go_while_it_runs(open_board, pumps) -> None:
    page: Page = open_board()
    tiles = page.locator(".board .tile")
    expect(tiles).to_have_count(5)
    PosFactory.create(store=pumps[0].store, name="Pump 0")
    expect(tiles).to_have_count(6, timeout=LIVE)
    expect(tiles.first).to_contain_text("Pump 0")
    PointOfSale.objects.filter(pk=pumps[0].pk).delete()
    expect(tiles).to_have_count(5, timeout=LIVE)
    assert page.evaluate("window.isTheSamePage")


def test_one_walks_between_the_tiles_by_keyboard(open_board, pumps) -> None:
    page: Page = open_board()
    columns = page.evaluate("getComputedStyle(document.querySelector('.board')).gridTemplateColumns.split(' ').length")

    def is_focused(number: int) -> None:
        expect(page.get_by_role("link", name=f"Pump {number}")).to_be_focused()

    while not page.evaluate("document.activeElement.closest('.tile') !== null"):
        page.keyboard.press("Tab")
    is_focused(1)
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"
    for key, number in [("ArrowRight", 2), ("ArrowDown", 2 + columns), ("ArrowUp", 2), ("ArrowLeft", 1),
                        ("ArrowLeft", 1), ("End", 5), ("ArrowRight", 5), ("Home", 1)]:  # fmt: skip
        page.keyboard.press(key)
        is_focused(number)
    report(pumps[0], ControllerStatus.OFFLINE)
    expect(page.locator("[data-news]")).to_contain_text("Pump 1, silent", timeout=LIVE)
    is_focused(1)
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/admin/pos/pointofsale/{pumps[0].pk}/change/")


@pytest.mark.parametrize("query", ["", "?wall=1"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_everybody_can_read_it(open_board, pumps, query: str, scheme: str, width: int) -> None:
    report(pumps[0], ControllerStatus.IN_PROCESS)
    report(pumps[1], ControllerStatus.OFFLINE)
    PointOfSale.objects.filter(pk=pumps[2].pk).update(is_active=False)
    now = timezone.now()
    closed = {"status": "closed", "payment_status": "overpaid", "paid_amount": 1000, "closed_at": now}
    OrderFactory.create(pos=pumps[3], attention="overpaid", **closed)  # beside what is held open for its part
    part = {"payment_status": "partially_paid", "paid_amount": 200, "set_aside_for": "partially_paid"}
    OrderFactory.create(pos=pumps[3], **part)
    OrderFactory.create(pos=pumps[4], attention="overpaid", **closed)
    page: Page = open_board(query, color_scheme=scheme, viewport={"width": width, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "wider than the screen"
    fits = "[...document.querySelectorAll('.mark:not([hidden])')].every((mark) => mark.scrollWidth <= mark.clientWidth)"
    assert page.evaluate(fits), "an alarm is wider than its tile"
    found = [v for v in Axe().run(page).response["violations"] if v["impact"] in ("serious", "critical")]
    assert [(v["id"], [node["html"] for node in v["nodes"]]) for v in found] == []


def test_a_wall_shows_nothing_but_tiles_and_ends_with_a_key(open_board) -> None:
    page: Page = open_board("?wall=1")
    expect(page.locator("#header")).to_be_hidden()
    assert page.evaluate("document.documentElement.scrollHeight <= innerHeight"), "all of it is on the screen"
    page.get_by_role("link", name="Leave full screen").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#header")).to_be_visible()
    assert "wall" not in page.url
    page.get_by_role("link", name="Full screen", exact=True).click()
    expect(page.locator("#header")).to_be_hidden()
    assert page.url.endswith("?wall=1")
    assert page.evaluate("window.isTheSamePage")


def test_a_lost_connection_is_told_and_found_again(open_board, pumps) -> None:
    page: Page = open_board()
    expect(page.get_by_role("alert")).to_be_hidden()
    page.context.set_offline(True)
    expect(page.get_by_role("alert")).to_contain_text("Not live since", timeout=8000)
    report(pumps[0], ControllerStatus.IN_PROCESS)
    page.context.set_offline(False)
    expect(page.get_by_role("alert")).to_be_hidden(timeout=6000)
    expect(page.get_by_role("link", name="Pump 1")).to_contain_text("dispensing")
    assert page.evaluate("window.isTheSamePage")


def test_whose_session_ends_is_led_to_the_log_in(open_board, pumps) -> None:
    page: Page = open_board()
    Session.objects.all().delete()
    page.wait_for_url(f"**/admin/login/?next=/admin/board/{pumps[0].store_id}/", timeout=5000)


def test_a_night_of_changes_leaves_no_nodes_behind(open_board, pumps) -> None:
    """Some thousand answers: no node, no listener and hardly a byte more than before."""
    page: Page = open_board()
    devtools = page.context.new_cdp_session(page)

    def play(answers: int) -> dict[str, float]:
        page.evaluate(
            """async (answers) => {
              const first = await (await fetch(board.dataset.url)).json();
              for (let round = 0; round < answers; round += 1) {
                for (const tile of first.tiles) {
                  tile.state = ["idle", "dispensing", "waiting", "paid", "silent", "out"][(tile.id + round) % 6];
                  tile.word = tile.state; tile.amount = String(round); tile.note = round % 2 ? `note ${round}` : "";
                  tile.mark = round % 3 ? "" : `mark ${round}`; tile.since = round % 2 ? round : null;
                }
                show(first);
                tick();
                if (round % 50 === 0) await new Promise(requestAnimationFrame);
              }
            }""",
            answers,
        )
        devtools.send("HeapProfiler.collectGarbage")
        devtools.send("Performance.enable")
        metrics = devtools.send("Performance.getMetrics")["metrics"]
        return {one["name"]: one["value"] for one in metrics}

    before, after = play(300), play(3000)
    assert after["JSEventListeners"] <= before["JSEventListeners"]
    assert after["Nodes"] <= before["Nodes"] + 50
    assert after["JSHeapUsedSize"] <= before["JSHeapUsedSize"] + 500_000


def test_time_is_the_servers_whatever_the_screens_clock_says(open_board, pumps) -> None:
    order = OrderFactory.create(pos=pumps[0])
    Order.objects.filter(pk=order.pk).update(created_at=timezone.now() - timedelta(seconds=65))
    page: Page = open_board()
    page.clock.install(time=time.time() + 7200)  # two hours ahead
    page.reload()
    expect(page.get_by_role("link", name="Pump 1")).to_contain_text("1 min 0")
