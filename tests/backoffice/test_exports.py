"""Exports of lists: filtered as the list is, of the reader's stores only, and safe to open in a spreadsheet."""

import csv
import io
import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse

from backoffice.exports.cells import cell, money
from backoffice.exports.tables import TABLES
from orders.models import Order, RefundRequest, Transition
from pos.models import PointOfSale
from receipts.services import issue, issue_slip
from stores.models import Store
from tests.backoffice.days import at, give_back, pay, sell
from tests.factories import OrderFactory, StoreFactory

NOON = at("2026-11-20 12:00")


@pytest.fixture
def manager(db) -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("manager"))
    return client


def rows_of(client: Client, what: str, **query: str) -> list[dict[str, str]]:
    answer: Any = client.get(reverse("admin:export", args=[what]), query)
    assert answer.streaming
    content = b"".join(answer.streaming_content)
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


@pytest.fixture
def everything(pos: PointOfSale) -> Order:
    order = sell(pos, "500.00", closed=NOON)
    give_back(pay(order, "500.00", approved=NOON), "120.00", made=NOON)
    Transition.objects.create(order=order, from_status="open", to_status="closed", reason="paid", actor="test")
    issue(Order.objects.with_site().get(pk=order.pk))
    return order


@pytest.mark.parametrize("what", TABLES)
def test_every_list_is_exported_and_leads_to_its_export(manager: Client, everything: Order, what: str) -> None:
    [row] = rows_of(manager, what)
    assert everything.external_reference in row.values()
    meta = TABLES[what].model._meta
    page = manager.get(reverse(f"admin:{meta.app_label}_{meta.model_name}_changelist"), {"q": "5"}).content.decode()
    assert f"{reverse('admin:export', args=[what])}?q=5" in page


def test_the_export_is_filtered_and_searched_as_the_list_is(manager: Client, pos: PointOfSale) -> None:
    orders = [sell(pos, "500.00", closed=NOON), sell(pos, "7.00", closed=None, status="canceled")]
    assert [row["total"] for row in rows_of(manager, "orders", status__exact="canceled")] == ["7.00"]
    assert [row["total"] for row in rows_of(manager, "orders", q=orders[0].external_reference)] == ["500.00"]
    assert [row["total"] for row in rows_of(manager, "orders")] == ["500.00", "7.00"]


@pytest.mark.parametrize(
    ("status", "actor", "decided_by", "told"),
    [("approved", "ana", "", "ana"), ("approved", "ana", "eva", "eva"), ("proposed", "rules", "", ""),
     ("failed", "policy", "", "policy"), ("declined", "rules", "eva", "eva")],
)  # fmt: skip
def test_who_decided_is_exported_also_where_nobody_else_was_asked(
    manager: Client, order: Order, status: str, actor: str, decided_by: str, told: str
) -> None:
    RefundRequest.objects.create(order=order, amount=1, actor=actor, status=status, decided_by=decided_by)
    assert [row["decided_by"] for row in rows_of(manager, "refund-requests")] == [told]


def test_a_filter_that_makes_no_sense_leads_back_to_the_list(manager: Client, order: Order) -> None:
    answer = manager.get(reverse("admin:export", args=["orders"]), {"nonsense": "1"})
    assert answer["Location"] == reverse("admin:orders_order_changelist")
    assert "Nothing was exported" in manager.get(answer["Location"]).content.decode()


@pytest.mark.parametrize("stores", [1, 2])
def test_a_store_of_others_is_not_found_in_lists_and_exports(pos: PointOfSale, order: Order, stores: int) -> None:
    user = User.objects.create_user("ana", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__startswith="view_"))
    user.managed_stores.set([pos.store, *StoreFactory.create_batch(stores - 1)])
    client, other = Client(), StoreFactory.create()
    client.force_login(user)
    for address in (reverse("admin:export", args=["orders"]), reverse("admin:orders_order_changelist")):
        for key in (other.pk, 987654, "abc"):
            assert client.get(address, {"pos__store__id__exact": key}).status_code == 404, (address, key)
        assert client.get(address, {"pos__store__id__exact": pos.store.pk}).status_code == 200


@pytest.mark.parametrize("what", TABLES)
def test_people_export_rows_of_their_stores_only(everything: Order, what: str) -> None:
    user = User.objects.create_user("ana", is_staff=True)
    client = Client()
    client.force_login(user)
    address = reverse("admin:export", args=[what])
    assert client.get(address).status_code == 403
    user.user_permissions.set(Permission.objects.filter(codename__startswith="view_"))
    assert rows_of(client, what) == []
    everything.pos.store.managers.add(user)
    assert len(rows_of(client, what)) == 1


def test_what_is_not_exported_is_not_found(manager: Client) -> None:
    assert manager.get("/admin/export/users.csv").status_code == 404


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\tx", "\rx", "'=1", "＝1+1"])
def test_no_text_is_taken_for_a_formula(text: str) -> None:
    assert cell(text) == f"'{text}"


def test_negative_numbers_stay_numbers() -> None:
    assert cell(Decimal("-1.50")) == "-1.50"
    assert cell(-3) == "-3"
    assert money(Decimal("-500.00"), "CLP") == "-500"
    assert money(Decimal("-500.00"), "ARS") == "-500.00"


def test_moments_name_their_zone() -> None:
    assert cell(datetime(2026, 11, 20, 15, 0, 1, 999, tzinfo=UTC)) == "2026-11-20T15:00:01+00:00"


@pytest.mark.parametrize("what", TABLES)
def test_moments_are_those_of_the_stores_clock(manager: Client, everything: Order, what: str) -> None:
    """A spreadsheet that is sorted or cut by day is cut where the station's day ends."""
    Store.objects.update(time_zone="America/Argentina/Buenos_Aires")
    [row] = rows_of(manager, what)
    moments = [cell for name, cell in row.items() if name == "at" or name.endswith("_at")]
    assert moments
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d-03:00", moment) for moment in moments if moment)
    if what == "orders":
        assert row["closed_at"] == NOON.astimezone(ZoneInfo("America/Argentina/Buenos_Aires")).isoformat()


def test_a_reason_that_a_stranger_wrote_is_harmless(manager: Client, order: Order) -> None:
    RefundRequest.objects.create(
        order=order, amount=1, actor="@SUM(1)", reason='=HYPERLINK("http://x")', status="proposed"
    )
    [row] = rows_of(manager, "refund-requests")
    assert row["reason"] == '\'=HYPERLINK("http://x")'
    assert row["asked_by"] == "'@SUM(1)"


def test_a_country_without_decimals_gets_none(manager: Client, pos: PointOfSale) -> None:
    OrderFactory.create(pos=pos, currency="CLP", total_amount=Decimal("12900"))
    assert [row["total"] for row in rows_of(manager, "orders")] == ["12900"]


def test_a_refunds_slip_names_its_order(manager: Client, everything: Order) -> None:
    RefundRequest.objects.update(status="approved")
    slip = issue_slip(RefundRequest.objects.get())
    found = {row["number"]: row["order"] for row in rows_of(manager, "receipts")}
    assert found == {
        everything.receipt.number: everything.external_reference,
        slip.number: everything.external_reference,
    }


def test_a_file_is_called_what_its_list_is(manager: Client, everything: Order) -> None:
    answer = manager.get(reverse("admin:export", args=["refund-requests"]))
    assert 'filename="refund-requests-' in answer["Content-Disposition"]
