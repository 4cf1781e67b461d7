"""The admin for station managers: all there, searchable, and nothing about money to be edited."""

import re
from html import unescape

import pytest
from django.contrib import admin
from django.contrib.admin.utils import quote
from django.contrib.auth.models import User
from django.db.models import Model
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from notifications.models import Notification
from orders import settlement
from orders.models import MerchantOrder, Order, Payment, Transition
from pos.models import ControllerKey, PointOfSale
from pos.services import create_key
from receipts.models import Document, Receipt, ReceiptBook
from receipts.services import draw, issue
from stores.models import Account, Store
from tests.orders.conftest import remote

MONEY = (Order, MerchantOrder, Payment, Transition, Receipt, ReceiptBook, Document, Notification)
ALL = (*MONEY, Account, Store, PointOfSale, ControllerKey)


@pytest.fixture
def manager(db) -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("manager"))
    return client


@pytest.fixture
def everything(order: Order, payload) -> None:
    """A row of each model."""
    ours = {"external_reference": order.external_reference, "collector": {"id": order.account.user_id}}
    payment = payload("payment_approved") | {"transaction_amount": 500}
    settlement.settle(order.pk, remote(payload("merchant_order_closed") | ours | {"payments": [payment]}), actor="test")
    draw(issue(Order.objects.with_site().get(pk=order.pk)))
    Notification.objects.create(
        account=order.account, headers={"A": "b"}, query="topic=x", body=b"{}", verdict="absent", topic="", order=order
    )
    create_key(name="key", store=order.pos.store)


def address(model: type[Model], *more: object) -> str:
    return "/".join(["/admin", model._meta.app_label, str(model._meta.model_name), *map(str, more)]) + "/"


def test_every_model_is_there() -> None:
    ours = {m for m in admin.site._registry if m.__module__.split(".")[0] not in ("django", "rest_framework_api_key")}
    assert ours == set(ALL)


@pytest.mark.parametrize("model", ALL)
def test_every_model_is_listed_searched_and_shown(manager: Client, everything: None, model: type[Model]) -> None:
    row = model._default_manager.all()[0]
    listed = manager.get(address(model))
    assert listed.status_code == 200
    assert reverse(f"admin:{model._meta.label_lower.replace('.', '_')}_change", args=[quote(row.pk)]) in str(
        listed.content
    )
    assert manager.get(address(model), {"q": "1"}).status_code == 200
    assert admin.site._registry[model].search_fields
    assert manager.get(address(model, row.pk, "change")).status_code == 200


@pytest.mark.parametrize("model", MONEY)
def test_nothing_about_money_can_be_added_changed_or_deleted(manager: Client, everything: None, model) -> None:
    row = model._default_manager.all()[0]
    before = list(model._default_manager.values())
    assert manager.get(address(model, "add")).status_code == 403
    assert manager.post(address(model, row.pk, "change"), {"status": "closed", "total_amount": "1"}).status_code == 403
    assert manager.post(address(model, row.pk, "delete"), {"post": "yes"}).status_code == 403
    assert list(model._default_manager.values()) == before


@pytest.mark.parametrize("model", [Account, Store, PointOfSale])
def test_what_orders_hang_on_is_switched_off_not_deleted(manager: Client, everything: None, model) -> None:
    row = model._default_manager.get()
    assert manager.post(address(model, row.pk, "delete"), {"post": "yes"}).status_code == 403
    page = manager.get(address(model, row.pk, "change")).content.decode()
    assert 'name="is_active"' in page
    assert "very-secret" not in page


@pytest.mark.parametrize("model", [m for m in ALL if m is not ControllerKey])
def test_an_empty_list_says_what_to_do_next(manager: Client, model) -> None:
    assert str(admin.site._registry[model].empty_hint) in unescape(manager.get(address(model)).content.decode())  # type: ignore[attr-defined]


def test_an_access_token_is_never_shown(manager: Client, account: Account) -> None:
    page = manager.get(address(Account, account.pk, "change")).content.decode()
    assert account.access_token not in page
    assert f"…{account.access_token[-4:]}" in page


def test_a_new_key_is_shown_once(manager: Client, store: Store) -> None:
    answer = manager.post(address(ControllerKey, "add"), {"name": "pump", "store": store.pk}, follow=True)
    shown = " ".join(str(message) for message in answer.context["messages"])
    [key] = re.findall(r"is: (\S+)\.", shown)
    assert ControllerKey.objects.is_valid(key)


def test_a_key_of_neither_a_store_nor_a_point_of_sale_is_refused(manager: Client) -> None:
    answer = manager.post(address(ControllerKey, "add"), {"name": "pump"})
    assert "Choose a store or a point of sale" in answer.content.decode()
    assert not ControllerKey.objects.exists()


def test_it_speaks_the_managers_language(manager: Client) -> None:
    page = manager.get("/admin/", headers={"Accept-Language": "es-AR"}).content.decode()
    assert "Puntos de venta" in page


def test_an_order_shows_when_it_changed(manager: Client, everything: None) -> None:
    page = manager.get(address(Order, Order.objects.get().pk, "change")).content.decode()
    assert str(timezone.now().year) in page
    assert "paid" in page
