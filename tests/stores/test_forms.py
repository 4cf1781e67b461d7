"""Stores and points of sale are added and changed in the admin; a worker tells Mercado Pago."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client

from config.celery import app as celery_app
from pos.models import PointOfSale
from stores.models import Account, Store
from stores.registration import Registration

API = "https://api.mercadopago.com"


@pytest.fixture
def manager(db) -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("manager"))
    return client


@pytest.fixture
def worker(django_capture_on_commit_callbacks) -> Iterator[Any]:
    """Runs what is enqueued, as soon as it is committed."""
    celery_app.conf.task_always_eager = True
    yield lambda: django_capture_on_commit_callbacks(execute=True)
    celery_app.conf.task_always_eager = False


def store_form(seller: Account, **changes: Any) -> dict[str, Any]:
    return {
        "account": seller.pk, "external_id": "STORE2", "name": "Norte", "street": "Cabildo", "number": "2000",
        "city": "Belgrano", "state": "Capital Federal", "latitude": "-34.56", "longitude": "-58.45",
        "monday": "08:00-13:00, 15:00-18:00", "surplus_refunds": "manual", "late_refunds": "manual", "is_active": "on",
    } | changes  # fmt: skip


def test_a_store_is_saved_told_and_its_outcome_shown(manager, account: Account, mercado_pago, worker) -> None:
    stores = f"{API}/users/{account.user_id}/stores"
    mercado_pago.get(f"{stores}/search", json={"paging": {"total": 0}, "results": []})
    mercado_pago.post(stores, json={"id": 77, "external_id": "STORE2"})
    with worker():
        answer = manager.post("/admin/stores/store/add/", store_form(account))
    store = Store.objects.get()
    assert answer["Location"] == f"/admin/stores/store/{store.pk}/change/"
    assert (store.registration, store.remote_id, store.branch_number) == (Registration.REGISTERED, 77, 1)
    assert store.time_zone == "America/Argentina/Buenos_Aires"
    assert "08:00-13:00, 15:00-18:00" in manager.get(answer["Location"]).content.decode()


def test_a_refusal_stands_on_the_page_and_is_mended_there(manager, account, mercado_pago, worker) -> None:
    stores = f"{API}/users/{account.user_id}/stores"
    mercado_pago.get(f"{stores}/search", json={"paging": {"total": 0}, "results": []})
    mercado_pago.post(stores, status=400, json={"message": "no", "error": "INVALID_CITY_NAME"})
    with worker():
        answer = manager.post("/admin/stores/store/add/", store_form(account, city="Belgrado"))
    assert "Mercado Pago does not know this city" in manager.get(answer["Location"]).content.decode()
    mercado_pago.post(stores, json={"id": 77, "external_id": "STORE2"})
    with worker():
        manager.post(answer["Location"], store_form(account))
    assert Store.objects.get().registration == Registration.REGISTERED


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"external_id": "STORE-2"}, "external_id"),
        ({"external_id": "S" * 61}, "external_id"),
        ({"name": ""}, "name"),
        ({"latitude": "34.56"}, "latitude"),
        ({"latitude": "north"}, "latitude"),
        ({"monday": "from eight"}, "monday"),
        ({"sunday": "1:00-2:00 3:00-4:00 5:00-6:00 7:00-8:00 9:00-10:00"}, "sunday"),
        ({"time_zone": "Mars/Olympus"}, "time_zone"),
        ({"account": ""}, "account"),
    ],
)
def test_what_mercado_pago_would_refuse_is_refused_at_its_field(manager, account, worker, changes, field) -> None:
    with worker():
        answer = manager.post("/admin/stores/store/add/", store_form(account, **changes))
    assert list(answer.context["adminform"].form.errors) == [field]
    assert not Store.objects.exists()


def test_an_external_id_is_given_once_and_never_changed(manager, store: Store, worker) -> None:
    answer = manager.post("/admin/stores/store/add/", store_form(store.account, external_id=store.external_id))
    assert answer.status_code == 200
    assert "already exists" in answer.content.decode()
    manager.post(f"/admin/stores/store/{store.pk}/change/", store_form(store.account, external_id="OTHER"))
    assert Store.objects.get().external_id == store.external_id


def test_saving_what_mercado_pago_does_not_need_tells_it_nothing(manager, store: Store, mercado_pago, worker) -> None:
    same = {name: getattr(store, name) for name in ("name", "street", "number", "city", "state", "latitude")}
    form = store_form(store.account, **same, longitude=store.longitude, monday="", late_refunds="auto")
    with worker():
        manager.post(f"/admin/stores/store/{store.pk}/change/", form)
    assert Store.objects.get().late_refunds == "auto"
    assert len(mercado_pago.calls) == 0


def test_a_point_of_sale_is_saved_told_and_its_outcome_shown(manager, store: Store, mercado_pago, worker) -> None:
    qr = {name: f"https://www.mercadopago.com/{name}" for name in ("image", "template_document", "template_image")}
    mercado_pago.post(f"{API}/pos", status=403, json={"message": "host must be enabled", "status": 403})
    form = {"store": store.pk, "external_id": "POS9", "name": "Pump 9", "category": "gas_station", "is_active": "on"}
    with worker():
        answer = manager.post("/admin/pos/pointofsale/add/", form | {"order_lifetime": "900"})
    pos = PointOfSale.objects.get()
    assert pos.registration == Registration.HOST_NOT_ENABLED
    assert "adviser" in manager.get(answer["Location"]).content.decode()
    mercado_pago.reset()
    mercado_pago.post(f"{API}/pos", json={"id": 99, "external_id": "POS9", "qr": qr})
    action = {"action": "register_now", "_selected_action": [pos.pk]}
    with worker():
        manager.post("/admin/pos/pointofsale/", action)
    pos.refresh_from_db()
    assert (pos.registration, pos.remote_id, pos.qr_image) == (Registration.REGISTERED, 99, qr["image"])


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"external_id": "POS-9"}, "external_id"),
        ({"name": "N" * 45}, "name"),
        ({"external_id": "TAKEN"}, "external_id"),
    ],
)
def test_a_point_of_sale_is_checked_field_by_field(manager, pos: PointOfSale, worker, changes, field) -> None:
    PointOfSale.objects.update(external_id="TAKEN")
    form = {
        "store": pos.store.pk,
        "external_id": "POS9",
        "name": "Pump 9",
        "category": "other",
        "order_lifetime": "900",
    }
    answer = manager.post("/admin/pos/pointofsale/add/", form | changes)
    assert list(answer.context["adminform"].form.errors) == [field]
    assert PointOfSale.objects.count() == 1


def test_who_may_only_look_registers_nothing(store: Store, mercado_pago, worker) -> None:
    looker = User.objects.create_user("looker", is_staff=True)
    looker.user_permissions.set(Permission.objects.filter(codename__in=("view_store", "see_all_stores")))
    client = Client()
    client.force_login(looker)
    page = client.get(f"/admin/stores/store/{store.pk}/change/").content.decode()
    assert "Register now" not in page
    assert client.get("/admin/stores/store/add/").status_code == 403
    with worker():
        client.post("/admin/stores/store/", {"action": "register_now", "_selected_action": [store.pk]})
    assert len(mercado_pago.calls) == 0
    assert client.get(f"/admin/stores/store/{store.pk}/registration/").status_code == 200
    assert client.get(f"/admin/pos/pointofsale/{store.pk}/registration/").status_code == 404


BOGOTA = {"latitude": "4.7110", "longitude": "-74.0721"}


@pytest.mark.parametrize(
    ("site", "form", "field"),
    [
        ("MLA", {"tax": "IVA", "tax_percentage": "21"}, "tax"),
        ("MCO", BOGOTA | {"tax": "IVA", "tax_percentage": ""}, "tax_percentage"),
        ("MCO", BOGOTA | {"tax": "", "tax_percentage": "19"}, "tax"),
        ("MCO", BOGOTA | {"tax": "IVA", "tax_percentage": "101"}, "tax_percentage"),
    ],
)
def test_a_tax_that_cannot_be_is_refused_at_its_field(manager, account, worker, site, form, field) -> None:
    Account.objects.update(site_code=site)
    answer = manager.post("/admin/stores/store/add/", store_form(account, **form))
    assert list(answer.context["adminform"].form.errors) == [field]


def test_a_tax_of_colombia_is_taken(manager, account) -> None:
    Account.objects.update(site_code="MCO")
    form = store_form(account, **BOGOTA, tax="INC", tax_percentage="8")
    assert manager.post("/admin/stores/store/add/", form).status_code == 302
    store = Store.objects.get()
    assert (store.tax, str(store.tax_percentage)) == ("INC", "8.00")


def test_two_people_with_the_same_page_do_not_undo_each_other(manager, pos: PointOfSale, worker) -> None:
    url = f"/admin/pos/pointofsale/{pos.pk}/change/"
    seen = manager.get(url).context["adminform"].form["seen"].value()
    form = {"name": "Pump 1", "category": "gas_station", "order_lifetime": "900", "is_active": "on", "seen": seen}
    assert manager.post(url, form | {"name": "Renamed"}).status_code == 302
    second = manager.post(url, form | {"order_lifetime": "777"})
    assert "Somebody else has changed this meanwhile" in second.content.decode()
    kept = PointOfSale.objects.get()
    assert (kept.name, kept.order_lifetime) == ("Renamed", 900)


def test_the_page_of_a_store_remembers_what_it_showed(manager, store: Store, worker) -> None:
    url = f"/admin/stores/store/{store.pk}/change/"
    seen = manager.get(url).context["adminform"].form["seen"].value()
    Store.objects.update(name="Renamed")
    answer = manager.post(url, store_form(store.account, seen=seen))
    assert answer.status_code == 200
    assert Store.objects.get().name == "Renamed"


def test_who_may_only_look_reads_the_hours_in_one_line(store: Store) -> None:
    Store.objects.update(business_hours={"tuesday": [{"open": "08:00", "close": "18:00"}]})
    looker = User.objects.create_user("looker", is_staff=True)
    looker.user_permissions.set(Permission.objects.filter(codename__in=("view_store", "see_all_stores")))
    client = Client()
    client.force_login(looker)
    page = client.get(f"/admin/stores/store/{store.pk}/change/").content.decode()
    assert "Tuesday: 08:00-18:00" in page
    assert "None" not in page
