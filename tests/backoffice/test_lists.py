"""What lists say: how much is chosen, and whom to ask when there is nothing."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from django.urls import reverse

from backoffice.roles import Role
from orders.models import Order
from receipts.models import Printer
from stores import working
from stores.admin import counting
from stores.models import Store
from tests.factories import OrderFactory

LIST = "/admin/orders/order/"
ROOT = Path(__file__).parents[2]


def client_of(role: Role, store: Store) -> Client:
    user = User.objects.create_user(role.value, is_staff=True)
    user.groups.add(Group.objects.get(name=role.value))
    store.managers.add(user)
    client = Client()
    client.force_login(user)
    return client


def chooses(answer: Any) -> str:
    text = answer.content.decode()
    return " ".join(re.findall(r'<span class="question hidden">(.*?)</span>', text, re.DOTALL))


def test_all_of_a_list_can_be_chosen_when_its_number_is_known_and_an_action_takes_it(
    boss: Client, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("orders.admin.orders.OrderAdmin.list_per_page", 2)
    OrderFactory.create_batch(5, pos__store=store, status="expired")
    assert "Select all 5 orders" in chooses(boss.get(LIST))
    monkeypatch.setattr(working, "MOST", 4)
    words = chooses(boss.get(LIST))
    assert "Select all" not in words
    assert "Narrow the list" in words


def test_an_order_is_listed_by_when_where_and_how_much_and_its_code_is_there_in_full(
    boss: Client, store: Store
) -> None:
    order = OrderFactory.create(pos__store=store)
    page = boss.get(LIST).content.decode()
    columns = re.findall(r'class="(?:sortable |sorted [a-z]+ )?column-(\w+)', page)
    assert columns[:3] == ["created_at", "pos", "total_amount"]
    assert f'title="{order.external_reference}">{order.external_reference}</span>' in page


@pytest.mark.parametrize(("language", "said"), [("en", "0 long actions"), ("es", "0 acciones largas")])
def test_what_is_counted_has_a_name_that_can_be_counted(boss: Client, language: str, said: str) -> None:
    page = boss.get(reverse("admin:stores_errand_changelist"), headers={"Accept-Language": language}).content.decode()
    assert said in page


def test_a_list_that_is_cut_off_offers_no_number(boss: Client, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("orders.admin.orders.OrderAdmin.list_per_page", 2)
    monkeypatch.setattr(counting, "MOST", 3)
    monkeypatch.setattr(working, "MOST", 3)
    OrderFactory.create_batch(5, pos__store=store, status="expired")
    answer = boss.get(LIST)
    assert answer.context["cl"].result_count == 4, "one more than has a page"
    assert "4 orders" not in chooses(answer)


def test_all_that_is_chosen_is_all_that_fits_the_filter(boss: Client, store: Store, monkeypatch) -> None:
    monkeypatch.setattr("orders.admin.orders.OrderAdmin.list_per_page", 2)
    orders = OrderFactory.create_batch(5, pos__store=store, status="expired")
    OrderFactory.create(pos__store=store, status="canceled")
    data = {"action": "check_now", "select_across": "1", "_selected_action": [orders[0].pk]}
    answer = boss.post(f"{LIST}?status__exact=expired", data, follow=True)
    assert answer.context["errand"].total == Order.objects.filter(status="expired").count() == 5


@pytest.mark.parametrize(
    ("role", "said", "not_said"),
    [(Role.CASHIER, "A station manager adds it", "Add one"), (Role.STATION_MANAGER, "Add one", "ask yours")],
)
def test_who_may_not_add_a_printer_is_told_whom_to_ask(store: Store, role: Role, said: str, not_said: str) -> None:
    text = client_of(role, store).get(reverse("admin:receipts_printer_changelist")).content.decode()
    assert said in text
    assert not_said not in text
    assert not Printer.objects.exists()


def test_no_page_of_the_back_office_has_a_style_or_a_script_in_it() -> None:
    """A strict policy forbids them. Receipts are documents of their own; the simulator is another program."""
    for page in ROOT.glob("templates/**/*.html"):
        if page.parent.name in ("simulator", "receipts"):
            continue
        text = page.read_text()
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=\"|<script(?![^>]*(src=|application/json))", text), page


def test_a_page_of_something_that_is_no_number_is_not_found(boss: Client, store: Store) -> None:
    assert boss.get(f"{LIST}1/nonsense/change/").status_code == 404
