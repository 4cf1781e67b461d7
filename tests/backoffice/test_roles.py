"""What each role may do, and what it may not."""

from html import unescape
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group, Permission, User
from django.core.management import call_command
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from backoffice import roles
from backoffice.apps import check_two_factor
from backoffice.roles import Role
from orders.models import Order, Payment, RefundRequest
from pos.models import PointOfSale
from receipts.models import Copy, Printer, PrintJob, Receipt
from stores.models import Account, Store
from tests.backoffice.stations import OF_A_STORE, Station, build
from tests.backoffice.test_scoping import address, everything


@pytest.fixture
def station(db: None, payload: Any) -> Station:
    return build("Propia", 888222888, payload)


@pytest.fixture
def other(station: Station, payload: Any) -> Station:
    return build("Ajena", 999111999, payload)


def person(role: Role, station: Station | None = None) -> Client:
    user = User.objects.create_user(f"a {role}", is_staff=True)
    roles.give(user, role)
    if station:
        station.rows[Store][0].managers.add(user)
    client = Client()
    client.force_login(user)
    return client


def actions_of(client: Client, model: Any, row: Any) -> set[str]:
    """The buttons on a row's page."""
    return {one["name"] for one in client.get(address(model, "change", row)).context["object_actions"]}


def test_the_page_of_a_role_says_in_a_line_what_it_may_do_and_is_not_edited(db) -> None:
    boss = Client()
    boss.force_login(User.objects.create_superuser("boss"))
    listed = boss.get("/admin/auth/group/").content.decode()
    group = Group.objects.get(name=Role.CASHIER)
    page = boss.get(f"/admin/auth/group/{group.pk}/change/").content.decode()
    for shown in (listed, page):
        assert "Cashiers see orders and receipts of their stores, and print copies." in shown
    assert 'name="permissions"' not in page
    assert boss.post(f"/admin/auth/group/{group.pk}/change/", {"name": "mine"}).status_code == 403


def test_permissions_of_another_group_are_named_in_the_readers_language(db) -> None:
    boss = Client(headers={"Accept-Language": "es"})
    boss.force_login(User.objects.create_superuser("boss"))
    page = unescape(boss.get("/admin/auth/group/add/").content.decode())
    assert "Can view" not in page
    assert "Órdenes: " in page
    assert "Puede ver todas las sucursales" in page


def test_every_permission_in_the_table_exists_and_every_group_has_just_those(db) -> None:
    names = {f"{p.content_type.app_label}.{p.codename}" for p in Permission.objects.select_related("content_type")}
    for role in Role:
        wanted = set(roles.permissions_of(role))
        assert wanted <= names, wanted - names
        group = Group.objects.get(name=role.value)
        assert {f"{p.content_type.app_label}.{p.codename}" for p in group.permissions.all()} == wanted


def test_migrate_brings_the_groups_back_and_leaves_other_groups_alone(db) -> None:
    own = Group.objects.create(name="night shift")
    own.permissions.set(Permission.objects.filter(codename="view_order"))
    cashiers = Group.objects.get(name=Role.CASHIER)
    before = set(cashiers.permissions.all())
    cashiers.permissions.set(Permission.objects.filter(codename="delete_order"))
    call_command("migrate", verbosity=0)
    assert set(cashiers.permissions.all()) == before
    assert [p.codename for p in own.permissions.all()] == ["view_order"]


def test_nobody_may_delete_anything(db) -> None:
    assert not [name for role in Role for name in roles.permissions_of(role) if ".delete_" in name]


def test_an_auditor_sees_everything_and_changes_nothing(station: Station, other: Station, mercado_pago) -> None:
    auditor = person(Role.AUDITOR)
    before = everything()
    models: list[type[Model]] = [*OF_A_STORE, User]
    for model in models:
        row = station.rows[model][0]
        listed = auditor.get(address(model, "changelist"))
        assert {r.pk for r in (*station.rows[model], *other.rows[model])} <= {
            r.pk for r in listed.context["cl"].result_list
        }
        page = auditor.get(address(model, "change", row))
        assert page.status_code == 200
        assert b'name="_save"' not in page.content
        assert b'class="object-action"' not in page.content.replace(b'value="verify_sticker"', b"") or model in HARMLESS
        for name in ("change", "delete"):
            assert auditor.post(address(model, name, row), {"post": "yes"}).status_code == 403, (model, name)
        assert auditor.post(address(model, "add"), {}).status_code == 403
        for action in {*(admin.site._registry[model].actions or ())} - HARMLESS.get(model, set()):
            answer = auditor.post(address(model, "changelist"), {"action": action, "_selected_action": row.pk})
            assert answer.status_code == 403, (model, action)
    assert auditor.post(reverse("admin:chain_import")).status_code == 403
    assert everything() == before
    assert not mercado_pago.calls


def test_an_auditor_sees_no_secret(station: Station) -> None:
    auditor = person(Role.AUDITOR)
    account, store = station.rows[Account][0], station.rows[Store][0]
    secrets = {account.access_token, account.notification_token, store.points_of_sale.get().poll_token}
    pages = [auditor.get(address(m, "change", row)) for m in OF_A_STORE for row in station.rows[m]]
    for page in pages:
        assert not [secret for secret in secrets if secret in page.content.decode()]


def test_a_cashier_sees_orders_and_receipts_of_the_own_stores_and_prints_copies(station, other) -> None:
    cashier = person(Role.CASHIER, station)
    for model in (Order, Receipt, Payment):
        listed = cashier.get(address(model, "changelist")).context["cl"].result_list
        assert {row.pk for row in listed} == {row.pk for row in station.rows[model]}
        assert cashier.get(address(model, "change", other.rows[model][0])).status_code == 404
    receipt, order = station.rows[Receipt][0], station.rows[Order][0]
    assert actions_of(cashier, Receipt, receipt) == {"print", "print_copy"}
    assert actions_of(cashier, Order, order) == set()
    copies = Copy.objects.count()
    cashier.post(address(Receipt, "changelist"), {"action": "print_copy", "_selected_action": receipt.pk})
    assert Copy.objects.count() == copies + 1
    printer = Printer.objects.create(store=receipt.store, name="Counter 2", host="127.0.0.1")
    data = {"action": "print", "_selected_action": receipt.pk, "apply": "1", "printer": printer.pk}
    jobs = PrintJob.objects.count()
    cashier.post(address(Receipt, "changelist"), data)
    assert PrintJob.objects.count() == jobs + 1


def test_a_cashier_does_nothing_else(station: Station, mercado_pago) -> None:
    cashier = person(Role.CASHIER, station)
    before = everything()
    for action in ("refund", "release", "check_now"):
        data = {"action": action, "_selected_action": station.rows[Order][0].pk, "apply": "1", "reason": "x"}
        assert cashier.post(address(Order, "changelist"), data).status_code == 403
    for action in ("accept", "decline"):
        data = {"action": action, "_selected_action": station.rows[RefundRequest][0].pk}
        assert cashier.post(address(RefundRequest, "changelist"), data).status_code == 403
    assert cashier.get(address(Account, "changelist")).status_code == 403
    assert cashier.get(address(User, "changelist")).status_code == 403
    assert cashier.post(address(Store, "change", station.rows[Store][0]), {"name": "x"}).status_code == 403
    assert everything() == before


def test_a_station_manager_runs_the_own_stores_but_neither_people_nor_limits(station: Station) -> None:
    manager = person(Role.STATION_MANAGER, station)
    store, order = station.rows[Store][0], station.rows[Order][0]
    assert actions_of(manager, Order, order) == {"check_now", "refund"}
    page = manager.get(address(Store, "change", store))
    fields = page.context["adminform"].form.fields
    assert "name" in fields
    assert not {"managers", "refund_limit", "account"} & {*fields}
    assert manager.get(address(Store, "add")).status_code == 403
    assert manager.get(reverse("admin:chain_import")).status_code == 403
    assert manager.get(address(User, "changelist")).status_code == 403
    page = manager.get(address(Account, "change", station.rows[Account][0]))
    assert (page.status_code, b'name="_save"' in page.content) == (200, False)


def test_a_role_that_does_not_exist_is_found_at_the_start(settings) -> None:
    settings.TWO_FACTOR_REQUIRED = ["station-manager", "manger"]
    [error] = check_two_factor()
    assert "manger" in error.msg
    settings.TWO_FACTOR_REQUIRED = ["off"]
    assert check_two_factor() == []


# What an auditor may press: it only shows or prints what is there.
HARMLESS: dict[Any, set[str]] = {PointOfSale: {"print_posters", "verify_sticker"}}
