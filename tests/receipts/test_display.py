"""The screen at the pump."""

import io
from datetime import timedelta
from threading import Timer
from time import monotonic
from urllib.parse import unquote

import pytest
import zxingcpp
from django.db import connection
from django.utils import timezone
from PIL import Image

from orders.models import Order
from orders.settlement import settle
from pos.models import PointOfSale
from receipts import services
from tests.factories import PosFactory
from tests.orders.conftest import remote


@pytest.fixture
def screen(pump, pos):
    def look(**query):
        answer = pump.get(f"/api/v1/pos/{pos.external_id}/display", query)
        assert answer.status_code == 200, answer.content
        return answer.json()

    return look


def test_while_nothing_goes_on_it_is_idle(screen) -> None:
    shown = screen()
    assert (shown["state"], shown["amount_due"], shown["receipt"], shown["currency"]) == ("idle", None, None, "ARS")


def test_while_it_dispenses_it_shows_the_amount_so_far(screen, pos) -> None:
    PointOfSale.objects.update(status="in_process", amount_so_far="123.4")
    shown = screen()
    assert (shown["state"], shown["amount_so_far"], shown["amount_due"]) == ("dispensing", "123.40", None)


def test_an_order_is_shown_with_what_is_due(screen, order) -> None:
    shown = screen()
    assert (shown["state"], shown["amount_due"], shown["order"]) == ("pay", "500.00", order.pk)


def test_of_an_order_that_is_paid_in_part_the_rest_is_due_also_once_some_of_the_part_went_back(
    screen, order, payload, client
) -> None:
    for day, refunded, due in ((1, 0, "300.00"), (2, 50, "350.00"), (3, 199, "499.00")):
        part = payload("payment_approved") | {"transaction_amount": 200, "amount_refunded": refunded}
        body = payload("merchant_order_opened") | {
            "external_reference": order.external_reference, "collector": {"id": order.account.user_id},
            "payments": [part], "last_updated": f"2026-11-2{day}T10:00:00Z",
        }  # fmt: skip
        settle(order.pk, remote(body), actor="test")
        assert screen()["amount_due"] == due
        assert client.get(order.pos.poll_url).json()["items"][0]["unit_price"] == float(
            due
        )  # as the phone is asked for


def test_a_silent_pump_does_not_hide_what_is_to_be_paid(screen, order) -> None:
    PointOfSale.objects.update(status="offline")
    assert screen()["state"] == "pay"
    Order.objects.update(status="canceled")
    assert screen()["state"] == "out_of_service"


def test_what_is_paid_is_shown_with_its_receipt_for_two_minutes(screen, order, sell, client) -> None:
    closed = sell(order)
    shown = screen()
    assert (shown["state"], shown["receipt"]) == ("paid", None)  # being drawn
    receipt = services.issue(closed)
    shown = screen()["receipt"]
    assert (shown["number"], shown["url"]) == (receipt.number, receipt.public_url)
    png = client.get(shown["qr_png"].removeprefix("http://localhost:8000"))
    [code] = zxingcpp.read_barcodes(Image.open(io.BytesIO(png.content)))
    assert code.text == receipt.public_url
    assert unquote(shown["qr_svg"]).startswith("data:image/svg+xml")
    Order.objects.update(closed_at=timezone.now() - timedelta(seconds=121))
    assert screen()["state"] == "idle"


def test_the_next_customer_does_not_see_the_receipt_of_the_last(screen, order, sell) -> None:
    services.issue(sell(order))
    PointOfSale.objects.update(status="in_process")
    shown = screen()
    assert (shown["state"], shown["receipt"]) == ("dispensing", None)


def test_what_went_back_is_not_shown_as_paid(screen, order, sell) -> None:
    sell(order)
    Order.objects.update(payment_status="refunded", refunded_amount=500)
    assert screen()["state"] == "idle"


def test_it_waits_until_there_is_something_else_to_show(screen) -> None:
    seen = screen()["version"]
    start = monotonic()
    assert screen(wait=1, seen=seen)["version"] == seen
    assert monotonic() - start >= 1
    start = monotonic()
    assert screen(wait=20, seen="older")["version"] == seen
    assert monotonic() - start < 1


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_a_waiting_screen_hears_of_a_change_at_once(screen, pos) -> None:
    seen = screen()["version"]

    def dispense() -> None:
        PointOfSale.objects.update(status="in_process", amount_so_far=1)
        connection.close()

    Timer(0.5, dispense).start()
    start = monotonic()
    assert screen(wait=20, seen=seen)["state"] == "dispensing"
    assert monotonic() - start < 3


def test_others_screens_cannot_be_seen(pump) -> None:
    theirs = PosFactory.create()
    assert pump.get(f"/api/v1/pos/{theirs.external_id}/display").status_code == 404
    assert pump.get(f"/api/v1/pos/{theirs.external_id}/display?wait=99").status_code == 400
