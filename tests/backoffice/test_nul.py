"""What no page of ours sends, at every address that takes a text or a day: told so, never a fault."""

from urllib.parse import quote

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils.translation import override

from orders.models import Order
from pos.models import PointOfSale
from stores.models import Store

_TEXTS = [
    ("admin:closing", "q"), ("admin:closing", "page"), ("admin:closing", "until"), ("admin:attention", "kind"),
    ("admin:attention", "store"), ("admin:attention", "age"), ("admin:attention_decided", "by"),
    ("admin:attention_decided", "outcome"), ("admin:board", "q"), ("admin:handbook", "in"),
    ("admin:orders_order_changelist", "q"), ("admin:orders_order_changelist", "status__exact"),
    ("admin:pos_pointofsale_changelist", "q"), ("admin:settlement", "page"), ("admin:login", "next"),
]  # fmt: skip
_ENDS = ["0001-01-01", "0001-01-08", "9999-12-31", "9999-12-24"]


@pytest.fixture
def boss(db: None) -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("boss"))
    return client


@pytest.mark.parametrize(("page", "name"), _TEXTS)
def test_a_nul_in_an_address_is_refused(boss: Client, store: Store, page: str, name: str) -> None:
    with override(None):  # whatever the request leaves behind
        answer = boss.get(reverse(page), {name: "a\0b"}, headers={"Accept-Language": "es"})
    assert answer.status_code == 400
    assert 'lang="es"' in answer.content.decode()


def test_a_nul_in_the_name_of_a_parameter_or_in_a_path_is_refused(boss: Client, store: Store) -> None:
    assert boss.get("/admin/orders/order/?a%00b=1").status_code == 400
    assert boss.get("/admin/handbook/a%00b/").status_code == 400
    assert boss.get("/admin/export/orders.csv?q=%00").status_code == 400


def test_a_nul_in_a_form_is_refused(boss: Client, store: Store) -> None:
    day = reverse("admin:closing_day", args=[store.pk, "2026-01-02"])
    assert boss.post(day, {"action": "reopen", "reason": "\0"}).status_code == 400


def test_other_texts_pass(boss: Client, store: Store) -> None:
    assert boss.get("/admin/closing/?q=%2500").status_code == 200


@pytest.mark.parametrize("day", _ENDS)
def test_days_at_the_ends_of_the_calendar_are_not_there(boss: Client, store: Store, day: str) -> None:
    page = reverse("admin:closing_day", args=[store.pk, day])
    for address in (page, f"{page}closing.csv", f"{page}closing.pdf", reverse("admin:closing") + f"?until={day}"):
        assert boss.get(address).status_code == 404
    assert boss.post(page, {"action": "close"}).status_code == 404


@pytest.mark.parametrize("day", _ENDS)
@pytest.mark.parametrize("clock", ["00:00:00", "23:59:59"])
@pytest.mark.parametrize("zone", ["+00:00", "+14:00", "-12:00"])
def test_a_point_of_sales_past_ends_within_the_calendar(
    boss: Client, pos: PointOfSale, day: str, clock: str, zone: str
) -> None:
    page = reverse("admin:timeline_pos", args=[pos.pk])
    assert boss.get(f"{page}?until={quote(f'{day}T{clock}{zone}')}").status_code == 200


@pytest.mark.parametrize("number", ["0", str(10**30)])
def test_numbers_that_no_row_has_are_not_there(boss: Client, order: Order, number: str) -> None:
    for address in ("board/{}/", "timeline/orders/{}/", "timeline/pos/{}/", "closing/{}/2026-01-02/", "settlement/{}/"):
        assert boss.get("/admin/" + address.format(number)).status_code == 404
    assert boss.get(f"/admin/attention/?store={number}&page={number}&age={number}").status_code == 200
