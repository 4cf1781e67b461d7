"""Imports and exports in the admin: see what becomes of each row, confirm, watch it until Mercado Pago knows all."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from pos import tasks
from pos.models import ImportRun, PointOfSale
from stores.models import Account, Store
from tests.factories import PosFactory, StoreFactory
from tests.pos.chain import ROW, answers, table

IMPORT = "/admin/pos/pointofsale/import/"


@pytest.fixture
def manager(db: None) -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("manager"))
    return client


def upload(client: Client, content: str | bytes, name: str = "chain.csv") -> Any:
    raw = content.encode() if isinstance(content, str) else content
    return client.post(IMPORT, {"file": SimpleUploadedFile(name, raw)}, follow=True)


def run_worker() -> None:
    tasks.save_import(ImportRun.objects.get().pk)


def test_what_becomes_of_each_row_is_shown_and_nothing_is_saved(manager: Client, seller: Account) -> None:
    page = upload(manager, table(ROW, ROW | {"pos_external_id": "P-2"})).content.decode()
    assert "Letters and digits only" in page
    assert page.index("P-2") < page.index(">P1<"), "what is refused comes first"
    assert 'value="Import"' not in page
    assert not Store.objects.exists()


def test_confirmed_a_worker_saves_and_the_page_says_how_far_it_is(
    manager: Client, seller: Account, mercado_pago, django_capture_on_commit_callbacks
) -> None:
    shown = upload(manager, table(ROW, ROW | {"pos_external_id": "P2"}))
    url = shown.redirect_chain[-1][0]
    with django_capture_on_commit_callbacks() as enqueued:
        page = manager.post(url, follow=True).content.decode()
    assert len(enqueued) == 1
    assert "0 of 3" in page
    assert "data-pending" in page
    run_worker()
    assert "3 of 3" in manager.get(url).content.decode()
    assert "data-pending" in manager.get(f"{url}progress/").content.decode(), "Mercado Pago knows none yet"
    answers(mercado_pago, seller)
    tasks.register_account(seller.pk)
    page = manager.get(f"{url}progress/").content.decode()
    assert "data-pending" not in page
    assert "Mercado Pago knows all of them" in page
    assert url in manager.get(IMPORT).content.decode(), "found again after the page was left"


def test_what_mercado_pago_refuses_is_listed_with_a_link(manager: Client, seller: Account, mercado_pago) -> None:
    url = upload(manager, table(ROW)).redirect_chain[-1][0]
    manager.post(url)
    run_worker()
    stores = f"https://api.mercadopago.com/users/{seller.user_id}/stores"
    mercado_pago.get(f"{stores}/search", json={"paging": {"total": 0}, "results": []})
    mercado_pago.post(stores, status=400, json={"error": "INVALID_STREET_NAME", "message": "bad", "status": 400})
    tasks.register_account(seller.pk)
    page = manager.get(url).content.decode()
    assert f"/admin/stores/store/{Store.objects.get().pk}/change/" in page
    assert "name of the street" in page
    assert "data-pending" not in page, "there is nothing more to wait for"


def test_an_import_is_saved_once_however_often_it_is_confirmed(manager: Client, seller: Account) -> None:
    url = upload(manager, table(ROW)).redirect_chain[-1][0]
    manager.post(url)
    manager.post(url)
    run_worker()
    run_worker()
    assert (Store.objects.count(), PointOfSale.objects.count()) == (1, 1)


def test_a_worker_that_dies_is_followed_by_another(manager: Client, seller: Account, monkeypatch) -> None:
    many = [ROW | {"pos_external_id": f"P{n}"} for n in range(5)]
    url = upload(manager, table(*many)).redirect_chain[-1][0]
    manager.post(url)
    monkeypatch.setattr(tasks, "_TURN", 0.0)  # as if each row took a whole turn
    for _turn in range(6):
        assert not ImportRun.objects.get().is_saved
        run_worker()
    run_worker()
    run = ImportRun.objects.get()
    assert run.is_saved
    assert (run.stores.count(), run.points_of_sale.count(), PointOfSale.objects.count()) == (1, 5, 5)
    assert run.rows == [], "the file is not kept longer than needed"


def test_two_workers_are_not_at_one_import_at_once(manager: Client, seller: Account) -> None:
    manager.post(upload(manager, table(ROW)).redirect_chain[-1][0])
    ImportRun.objects.update(due_at=timezone.now() + timedelta(minutes=1))
    run_worker()
    assert not Store.objects.exists()


def test_what_somebody_changed_meanwhile_is_said(manager: Client, seller: Account) -> None:
    url = upload(manager, table(ROW)).redirect_chain[-1][0]
    manager.post(url)
    PosFactory.create(store=StoreFactory.create(account=seller, external_id="OTHER"), external_id="P1")
    run_worker()
    page = manager.get(url).content.decode()
    assert "belongs to store OTHER" in page
    assert "refused when they were saved" in page


def test_a_file_that_is_too_large_or_no_table_is_refused_on_the_page(manager: Client) -> None:
    assert "more than 5 MB" in upload(manager, b"a" * (5 * 1024 * 1024 + 1)).content.decode()
    assert "no Excel file" in upload(manager, b"PK\x03\x04").content.decode()
    assert "missing: account" in upload(manager, "a,b\n1,2\n").content.decode()
    assert not ImportRun.objects.exists()


def test_a_file_of_ten_thousand_rows_is_shown_in_pages(manager: Client, seller: Account) -> None:
    rows = [ROW, *({**dict.fromkeys(ROW, ""), **_key(n)} for n in range(9_999))]
    page = upload(manager, table(*rows))
    assert page.status_code == 200
    assert "1 / 50" in page.content.decode()


def _key(n: int) -> dict[str, str]:
    return {"account": ROW["account"], "store_external_id": "S1", "pos_external_id": f"N{n}", "pos_name": "Pump"}


@pytest.mark.parametrize(
    ("may", "imports", "exports"),
    [
        ((), 403, 403),
        (("view_store", "view_pointofsale"), 403, 200),
        (("add_store", "change_store", "add_pointofsale"), 403, 403),
        (("add_store", "change_store", "add_pointofsale", "change_pointofsale"), 200, 200),
    ],
)
def test_who_may_import_and_export(store: Store, may, imports: int, exports: int) -> None:
    user = User.objects.create_user("user", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=may))
    client = Client()
    client.force_login(user)
    assert client.get(IMPORT).status_code == imports
    assert client.get("/admin/pos/pointofsale/export/stores.csv").status_code == exports
    assert client.get("/admin/pos/pointofsale/export/points.xlsx").status_code == exports


def test_an_import_is_its_uploaders(manager: Client, seller: Account) -> None:
    url = upload(manager, table(ROW)).redirect_chain[-1][0]
    other = Client()
    user = User.objects.create_user("other", is_staff=True)
    user.user_permissions.set(Permission.objects.all())
    other.force_login(user)
    assert other.get(url).status_code == 404
    assert other.post(url).status_code == 404
    assert ImportRun.objects.get().confirmed_at is None


def test_a_list_is_exported_as_it_is_filtered(manager: Client, store: Store) -> None:
    PosFactory.create(store=store, external_id="MINE")
    PosFactory.create(external_id="OTHERS")
    page = manager.get(f"/admin/pos/pointofsale/?store__id__exact={store.pk}").content.decode()
    assert f"/admin/pos/pointofsale/export/points.csv?store__id__exact={store.pk}" in page
    answer = manager.get(f"/admin/pos/pointofsale/export/points.csv?store__id__exact={store.pk}")
    assert "MINE" in answer.content.decode()
    assert "OTHERS" not in answer.content.decode()
    assert "attachment" in answer["Content-Disposition"]


def test_an_uploaded_export_changes_nothing(manager: Client, store: Store) -> None:
    PosFactory.create(store=store)
    for form in ("csv", "xlsx"):
        exported = manager.get(f"/admin/pos/pointofsale/export/stores.{form}").content
        assert "Nothing is to be done" in upload(manager, exported, f"stores.{form}").content.decode()


def test_the_empty_table_has_the_columns(manager: Client, seller: Account) -> None:
    empty = manager.get(f"{IMPORT}table.csv").content.decode("utf-8-sig")
    assert empty.startswith("account,store_external_id,store_name")


def test_the_lists_of_stores_and_of_points_of_sale_lead_to_the_import(manager: Client, store: Store) -> None:
    for page in ("/admin/stores/store/", "/admin/pos/pointofsale/"):
        assert IMPORT in manager.get(page).content.decode()
