"""How a controller gets the slips of refunds."""

import pytest

from orders.models import Order, RefundRequest
from pos.models import Hook
from pos.services import create_key
from receipts import services, tasks
from receipts.models import Format
from tests.conftest import controller
from tests.factories import StoreFactory
from tests.receipts import reading
from tests.receipts.conftest import give_back, text_of


@pytest.fixture
def request_(closed: Order, receipt) -> RefundRequest:
    """Of 200; its slip is drawn."""
    made = give_back(closed, 200)
    Order.objects.filter(pk=closed.pk).update(refunded_amount=200)
    tasks.issue_slip(made.pk)
    return made


def path(url: str) -> str:
    return url.removeprefix("http://localhost:8000")


def test_the_order_and_the_refund_name_the_slip_with_links_that_work(pump, closed, receipt, request_) -> None:
    slip = receipt.slips.get()
    [named] = pump.get(f"/api/v1/orders/{closed.pk}").json()["receipt"]["refunds"]
    [refund] = pump.get(f"/api/v1/orders/{closed.pk}/refunds").json()
    assert named == refund["receipt"] == {"number": f"{receipt.number}-R1", "links": slip.links}
    assert sorted(named["links"]) == sorted([*Format.values, "public"])
    for format in Format:
        answer = pump.get(path(named["links"][format]))
        assert answer.content == services.document(slip, format)[2]
    assert slip.number in pump.get(path(named["links"]["public"])).content.decode()


def test_it_comes_as_what_the_controller_likes_best(pump, closed, receipt, request_) -> None:
    url = f"/api/v1/orders/{closed.pk}/refunds/{request_.pk}/receipt"
    text = pump.get(url, headers={"Accept": "text/plain"})
    assert text.content.decode() == text_of(receipt.slips.get())
    page = pump.get(f"{url}?format=pdf&paper=A4")
    assert page["Content-Disposition"] == f'inline; filename="{receipt.number}-R1-a4.pdf"'
    assert reading.words_of_pdf(page.content) == reading.words_of_text(text.content)
    assert pump.get(f"{url}?format=docx").json()["type"] == "urn:problem:no-such-format"


def test_a_receipt_without_refunds_has_none_and_costs_no_query_more(
    pump, closed, receipt, django_assert_max_num_queries
) -> None:
    url = f"/api/v1/orders/{closed.pk}"
    assert pump.get(url).json()["receipt"]["refunds"] == []
    with django_assert_max_num_queries(20) as seen:
        pump.get(url)
    assert not [query for query in seen.captured_queries if '"of_id"' in query["sql"].split("WHERE")[-1]]


@pytest.mark.parametrize(
    ("status", "kind"), [("pending", "not-refunded"), ("failed", "not-refunded"), ("approved", "being-drawn")]
)
def test_until_there_is_a_slip_it_is_said_why(pump, closed, receipt, status, kind) -> None:
    made = RefundRequest.objects.create(order=closed, amount=1, actor="ana", status=status)
    answer = pump.get(f"/api/v1/orders/{closed.pk}/refunds/{made.pk}/receipt")
    assert (answer.status_code, answer.json()["type"]) == (404, f"urn:problem:{kind}")
    assert pump.get(f"/api/v1/orders/{closed.pk}/refunds").json()[0]["receipt"] is None


def test_of_an_open_order_that_gave_money_back_there_is_no_slip(pump, order) -> None:
    made = RefundRequest.objects.create(order=order, amount=1, actor="ana", status="approved")
    answer = pump.get(f"/api/v1/orders/{order.pk}/refunds/{made.pk}/receipt")
    assert (answer.status_code, answer.json()["type"]) == (404, "urn:problem:no-receipt")


def test_a_slip_that_is_not_drawn_yet_is_not_named(pump, closed, receipt) -> None:
    services.issue_slip(give_back(closed, 200))
    Order.objects.filter(pk=closed.pk).update(refunded_amount=200)
    assert pump.get(f"/api/v1/orders/{closed.pk}").json()["receipt"]["refunds"] == []
    assert pump.get(f"/api/v1/orders/{closed.pk}/refunds").json()[0]["receipt"] is None


def test_another_stores_key_and_another_order_see_no_slip(pump, closed, request_, db) -> None:
    stranger = controller(create_key(name="other", store=StoreFactory.create()))
    assert stranger.get(f"/api/v1/orders/{closed.pk}/refunds/{request_.pk}/receipt").status_code == 404
    assert pump.get(f"/api/v1/orders/{closed.pk + 1}/refunds/{request_.pk}/receipt").status_code == 404
    assert pump.get(f"/api/v1/orders/{closed.pk}/refunds/{request_.pk + 1}/receipt").status_code == 404


def test_a_webhook_tells_that_there_is_a_slip(closed, receipt) -> None:
    hook = Hook.objects.create(store=closed.pos.store, url="https://example.com/hook")
    made = give_back(closed, 200)
    Order.objects.filter(pk=closed.pk).update(refunded_amount=200)
    tasks.issue_slip(made.pk)
    tasks.issue_slip(made.pk)
    told = hook.deliveries.get()
    assert told.event == "order.updated"
    assert f'"{receipt.number}-R1"' in told.body
