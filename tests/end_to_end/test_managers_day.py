"""A manager's day in a real browser, and what the neighbour's manager gets to see of it: nothing."""

import re
from collections.abc import Iterator
from decimal import Decimal
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests.end_to_end.desk import FLAGS, Desk, sitting_down, words_of
from tests.end_to_end.neighbours import PASSWORD, Neighbours, move_in
from tests.end_to_end.station import Pump, Station, wait_for
from tests.receipts.printer import READY, Printer, printer

pytestmark = [pytest.mark.stack, pytest.mark.browser]

LIVE = 2000  # ms
SOON = 15_000
# What a neighbour could have brought about.
MOVED = ("orders.refundrequest", "orders.refund", "orders.transition", "orders.moneyentry", "receipts.copy",
         "receipts.printjob", "backoffice.decision", "backoffice.reopening", "backoffice.shift",
         "backoffice.pumptotal")  # fmt: skip


@pytest.fixture
def browser() -> Iterator[Browser]:
    expect.set_options(SOON)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def counter() -> Iterator[Printer]:
    """The receipt printer beside the till."""
    with printer(status=READY) as machine:
        yield machine


@pytest.fixture
def neighbours(station: Station, counter: Printer) -> Neighbours:
    return move_in(station, counter.port)


@pytest.fixture
def pump(station: Station, neighbours: Neighbours) -> Pump:
    return station.register_pos(neighbours.external_id, neighbours.key)


def test_a_manager_works_a_day_and_the_neighbour_sees_nothing_of_it(
    browser: Browser, station: Station, pump: Pump, neighbours: Neighbours, counter: Printer
) -> None:
    url = station.stack.web_url
    with sitting_down(browser, url) as ana:
        ana.log_in(neighbours.ana, PASSWORD)
        ana.look_over()
        order = watch_a_sale_on_the_board(ana, pump)
        read_why(ana)
        refund_half(ana, pump, order["id"])
        print_a_copy(ana, counter)
        case = see_what_waits(ana, pump)
        close_the_day(ana)
        hers = addresses(ana, neighbours, order["id"])
        assert {address: ana.ask("GET", address).status for address in hers} == dict.fromkeys(hers, 200)
        wait_for("all is on paper", lambda: len(papers(counter)) >= 4)
        with sitting_down(browser, url) as ben:
            ben.log_in(neighbours.ben, PASSWORD)
            sees_nothing(ben, hers)
            moves_nothing(ben, station, hers, case)
        ana.log_out()
        ana.look_over()
        ana.page.goto("/admin/")
        expect(ana.page.get_by_label("Password")).to_be_visible()


def watch_a_sale_on_the_board(ana: Desk, pump: Pump) -> dict[str, object]:
    page = ana.page
    page.get_by_role("navigation", name="Pages").get_by_role("link", name="Forecourt board").click()
    tile = page.locator(".tile", has_text=pump.pos_id)
    expect(tile).to_contain_text("Nothing sold yet.")
    ana.look_over()
    page.evaluate("window.isTheSamePage = true")
    pump.says("in_process", amount_so_far="350.00")
    expect(tile).to_have_attribute("data-state", "dispensing", timeout=LIVE)
    expect(tile).to_contain_text("350.00", timeout=LIVE)
    pump.says("idle")
    order = pump.sells("500.00")
    expect(tile).to_have_attribute("data-state", "waiting", timeout=LIVE)
    expect(tile).to_contain_text("Nobody has scanned the code yet.", timeout=LIVE)
    scan = pump.scan()
    pump.until_phone(scan, state="ready")
    expect(tile).to_contain_text("A customer sees the amount.", timeout=LIVE)
    pump.pay(scan)
    pump.until_closed(order)
    expect(tile).to_have_attribute("data-state", "paid", timeout=LIVE)
    expect(tile).to_contain_text("Receipt", timeout=LIVE)
    expect(page.locator(".today")).to_contain_text("1, 500.00", timeout=LIVE)
    assert page.evaluate("window.isTheSamePage"), "it was loaded again"
    ana.look_over()
    tile.get_by_role("link").click()
    expect(page.get_by_text(pump.order(order)["external_reference"]).first).to_be_visible()
    ana.look_over()
    return dict(order)


def read_why(ana: Desk) -> None:
    """From the order's page to its story, and back."""
    page = ana.page
    page.get_by_role("link", name="What happened").click()
    expect(page.get_by_role("heading", name="What happened")).to_be_visible()
    expect(page.locator(".story")).to_contain_text("500.00 ARS paid")
    expect(page.locator(".story")).to_contain_text("receipt", ignore_case=True)
    ana.look_over()
    page.get_by_role("link", name="All fields").click()


def refund_half(ana: Desk, pump: Pump, order: object) -> None:
    page = ana.page
    page.get_by_role("button", name="Refund").click()
    ana.look_over()
    expect(page.get_by_label("Amount")).to_have_value("500.00")
    page.get_by_label("Amount").fill("900")
    page.get_by_label("Reason").fill("The nozzle leaked")
    page.get_by_role("button", name="Continue").click()
    expect(page.locator(".errorlist")).to_be_visible()
    expect(page.get_by_label("Reason")).to_have_value("The nozzle leaked")
    ana.look_over()
    page.get_by_label("Amount").fill("250.00")
    page.get_by_role("button", name="Continue").click()
    ana.look_over()
    page.get_by_role("button", name="Give back 250.00 ARS").click()
    ana.look_over()
    wait_for("half is refunded", lambda: Decimal(pump.order({"id": order})["refunded_amount"]) == 250)
    page.goto(f"/admin/orders/order/{order}/change/")
    expect(page.locator(".field-refunded_amount")).to_contain_text("250.00")
    expect(page.get_by_text("The nozzle leaked")).to_be_visible()
    ana.look_over()


def print_a_copy(ana: Desk, counter: Printer) -> None:
    """The first one came by itself; so did the slip of the refund."""
    page = ana.page
    wait_for("receipt and slip are on paper", lambda: len(papers(counter)) >= 2)
    assert not any(b"COPIA" in paper for paper in papers(counter))
    page.locator(".field-documents").get_by_role("link").first.click()
    ana.look_over()
    page.get_by_role("button", name="Print", exact=True).click()
    ana.look_over()
    page.get_by_role("button", name="Print", exact=True).click()
    wait_for("the copy is on paper", lambda: any(b"COPIA" in paper for paper in papers(counter)))
    page.get_by_role("button", name="Make a copy").click()
    copy = ana.file("Download the PDF")
    assert "COPIA" in words_of(copy)
    ana.look_over()


def papers(counter: Printer) -> list[bytes]:
    return [paper for paper in counter.paper if paper]


def see_what_waits(ana: Desk, pump: Pump) -> str:
    """The next customers pay twice, with two phones. Where the case's buttons send what is decided."""
    order = pump.sells("300.00")
    scans = [pump.scan(), pump.scan()]
    for scan in scans:
        pump.until_phone(scan, state="ready")
    for scan in scans:
        pump.pay(scan)
    pump.until_closed(order)
    wait_for("both payments are known", lambda: Decimal(pump.order(order)["paid_amount"]) == 600)
    page = ana.page
    page.goto("/admin/")
    page.locator(".card.attention").get_by_role("link", name=re.compile("^Paid twice")).click()
    expect(page.get_by_text("Give back 300.00 ARS that was paid twice or too much.")).to_be_visible()
    ana.look_over()
    return str(page.locator("form.case-actions").get_attribute("action"))


def close_the_day(ana: Desk) -> None:
    page = ana.page
    page.get_by_role("navigation", name="Pages").get_by_role("link", name="Close of day").click()
    ana.look_over()
    page.get_by_role("link", name="still runs").click()
    ana.look_over()
    page.get_by_label(re.compile("^Pump total of")).fill("800")
    page.get_by_label(re.compile("^Volume of")).fill("0.7")
    page.get_by_role("button", name="Save the pump totals").click()
    expect(page.get_by_label(re.compile("^Pump total of"))).to_have_value("800.00")
    page.get_by_role("button", name="Close", exact=True).click()
    expect(page.get_by_text("This day is not over yet. Say so with the tick if it is meant.")).to_be_visible()
    ana.look_over()
    page.get_by_label("Close it although the day is not over").check()
    page.get_by_role("button", name="Close", exact=True).click()
    expect(page.locator(".closing-facts")).to_contain_text("Closed by")
    ana.look_over()
    sums = page.locator(".closing-figures tfoot").inner_text().split()
    assert sums == ["Total", "2", "800.00", "3", "1,100.00", "300.00", "1", "250.00", "0.00", "850.00", "800.00",
                    "0.00", "0.7"]  # fmt: skip
    on_paper = words_of(ana.file("PDF"))
    assert "Close of day" in on_paper
    assert "850.00" in on_paper
    table = ana.file("CSV").decode("utf-8-sig")
    assert "850.00" in table


def addresses(ana: Desk, neighbours: Neighbours, order: object) -> set[str]:
    """Every page and file about her store. The account is her neighbour's too."""
    store = f"{neighbours.store}/"
    day = re.sub(r"\?.*", "", ana.page.url.partition("/admin/closing/")[2])
    rows = ana.rows()
    [pos] = re.findall(r"/pos/pointofsale/(\d+)/change/", " ".join(rows))
    receipts = re.findall(r"/receipts/receipt/(\d+)/change/", " ".join(rows))
    assert len(receipts) == 3, "two sales, and the slip of a refund"
    more = {f"board/{store}", f"board/{store}tiles/", f"timeline/orders/{order}/", f"timeline/pos/{pos}/"}
    more |= {f"closing/{day}{name}" for name in ("", "closing.pdf", "closing.csv")}
    more |= {f"receipts/receipt/{pk}/{form}/download/" for pk in receipts for form in ("pdf", "txt", "escpos", "html")}
    return {f"/admin/{one}" for one in more} | {row for row in rows if "/stores/account/" not in row}


def sees_nothing(ben: Desk, hers: set[str]) -> None:
    assert {address: ben.ask("GET", address).status for address in hers} == dict.fromkeys(hers, 404)
    assert not hers & ben.rows()


def moves_nothing(ben: Desk, station: Station, hers: set[str], case: str) -> None:
    """Whatever a button of hers sends."""
    before = station.stack.manage("dumpdata", *MOVED)
    [day] = [address for address in hers if re.fullmatch(r"/admin/closing/\d+/[\d-]+/", address)]
    forms = [
        (day, {"action": "reopen", "reason": "curious"}),
        (day, {"action": "close", "early": "on"}),
        (day, {"action": "open_shift"}),
        (case, {"action": "refund", "facts": "", "reason": "curious"}),
        *((address, {"name": "mine"}) for address in hers if address.endswith("/change/")),
    ]
    for address, form in forms:
        assert ben.ask("POST", address, form).status in (403, 404), address
    for order in keys(hers, "orders/order"):
        form = {"apply": "1", "amount": "1", "reason": "curious", "key": str(uuid4())}
        for action in ("refund", "check_now", "release"):
            ben.ask("POST", "/admin/orders/order/", form | {"action": action, "_selected_action": order})
    for receipt in keys(hers, "receipts/receipt"):
        for action in ("print", "print_copy"):
            form = {"action": action, "_selected_action": receipt, "apply": "1"}
            ben.ask("POST", "/admin/receipts/receipt/", form | {"printer": keys(hers, "receipts/printer")[0]})
    assert station.stack.manage("dumpdata", *MOVED) == before


def keys(addresses: set[str], model: str) -> list[str]:
    return re.findall(rf"/admin/{model}/(\d+)/change/", " ".join(sorted(addresses)))
