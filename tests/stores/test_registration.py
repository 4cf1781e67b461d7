"""A store or a point of sale on its way to Mercado Pago: retried, resumed, never made twice."""

import json
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
import responses
from django.core.management import CommandError, call_command
from django.utils import timezone

from pos import services as pos_services
from pos.models import PointOfSale
from stores import accounts, registering
from stores import services as store_services
from stores.models import Account, Store
from stores.registration import Registration
from tests.factories import PosFactory, StoreFactory

API = "https://api.mercadopago.com"
NONE = {"paging": {"total": 0}, "results": []}


def answers(mercado_pago: Any, account: Account, *, status: int = 200, **more: Any) -> None:
    """A Mercado Pago that has no stores yet, and takes what it is told, or answers so."""
    mercado_pago.get(f"{API}/users/{account.user_id}/stores/search", json=NONE)
    mercado_pago.post(
        f"{API}/users/{account.user_id}/stores", status=status, json={"id": 77, "external_id": "S"}, **more
    )
    mercado_pago.post(f"{API}/pos", status=status, json={"id": 99, "external_id": "P", "qr": {}}, **more)


@pytest.fixture
def due(store: Store) -> Store:
    store.remote_id = None
    store.is_to_be_told()
    store.save()
    return store


def test_a_row_is_told_once_by_however_many_workers(due: Store, mercado_pago) -> None:
    answers(mercado_pago, due.account)
    same = Store.objects.select_related("account").get(pk=due.pk)
    assert store_services.register(due).registration == Registration.REGISTERED
    before = len(mercado_pago.calls)
    same.registration_due_at = timezone.now()  # as read by a worker a moment earlier
    assert registering.lease(Store.objects.get(pk=due.pk))
    store_services.register(same)
    assert len(mercado_pago.calls) == before, "leased by somebody else"


def test_what_changes_while_mercado_pago_is_told_is_told_again(due: Store, mercado_pago) -> None:
    def change_meanwhile(request: Any) -> tuple[int, dict[str, str], str]:
        newer = Store.objects.get(pk=due.pk)
        newer.name = "New name"
        newer.is_to_be_told()
        newer.save()
        return 200, {}, '{"id": 77, "external_id": "S"}'

    mercado_pago.get(f"{API}/users/{due.account.user_id}/stores/search", json=NONE)
    mercado_pago.add_callback(responses.POST, f"{API}/users/{due.account.user_id}/stores", change_meanwhile)
    store_services.register(due)
    due.refresh_from_db()
    assert (due.registration, due.remote_id) == (Registration.PENDING, 77)
    assert Store.objects.due_to_register(timezone.now()).get() == due


def test_without_an_answer_it_is_tried_again_later_and_later(due: Store, mercado_pago) -> None:
    answers(mercado_pago, due.account, status=503)
    pauses = []
    for _attempt in range(3):
        Store.objects.update(registration_due_at=timezone.now())
        due.refresh_from_db()
        store_services.register(due)
        assert due.registration == Registration.PENDING
        assert due.registration_due_at
        pauses.append(round((due.registration_due_at - timezone.now()).total_seconds()))
    assert pauses == [5, 10, 20]
    assert "did not answer" in due.outcome


def test_a_429_quiets_the_whole_account_for_as_long_as_it_says(due: Store, mercado_pago) -> None:
    other = StoreFactory.create(account=due.account, remote_id=None)
    other.is_to_be_told()
    other.save()
    answers(mercado_pago, due.account, status=429, headers={"Retry-After": "120"})
    assert pos_services.register_due(due.account, seconds=5) is False
    assert len([call for call in mercado_pago.calls if call.request.method == "POST"]) == 1
    quiet = Account.objects.get().quiet_until
    assert quiet
    assert timedelta(seconds=110) < quiet - timezone.now() <= timedelta(seconds=120)
    assert pos_services.accounts_due(timezone.now()) == set()
    assert pos_services.accounts_due(timezone.now() + timedelta(seconds=130)) == {due.account.pk}


def test_a_pause_that_it_names_is_not_made_longer_by_what_was_tried_before(due: Store, mercado_pago) -> None:
    Store.objects.update(registration_attempts=6)
    due.refresh_from_db()
    answers(mercado_pago, due.account, status=429, headers={"Retry-After": "2"})
    store_services.register(due)
    assert due.registration_due_at
    assert due.registration_due_at - timezone.now() < timedelta(seconds=2)


def test_a_wrong_token_is_said_and_the_row_waits_for_a_new_one(due: Store, mercado_pago) -> None:
    mercado_pago.get(
        f"{API}/users/{due.account.user_id}/stores/search", status=401, json={"message": "invalid token", "status": 401}
    )
    store_services.register(due)
    assert due.registration == Registration.PENDING
    assert "access token" in due.outcome
    later = timezone.now() + timedelta(minutes=1)
    assert pos_services.accounts_due(later) == set()
    token = f"APP_USR-1-112326-good-{due.account.user_id}"
    accounts.save(site="MLA", user_id=due.account.user_id, access_token=token)
    assert pos_services.accounts_due(later) == {due.account.pk}


def test_a_token_that_no_key_opens_is_waited_for_too(due: Store, settings, mercado_pago) -> None:
    settings.FIELD_ENCRYPTION_KEYS = ["YW5vdGhlci1rZXktYW5vdGhlci1rZXktYW5vdGhlciE="]
    row = Store.objects.select_related("account").get(pk=due.pk)
    assert store_services.register(row).registration == Registration.PENDING
    assert "access token" in row.outcome
    assert len(mercado_pago.calls) == 0


def test_an_account_that_is_switched_off_is_left_alone(due: Store) -> None:
    assert pos_services.accounts_due(timezone.now()) == {due.account.pk}
    Account.objects.update(is_active=False)
    assert pos_services.accounts_due(timezone.now()) == set()


def test_a_store_that_appears_while_it_is_made_is_adopted(due: Store, mercado_pago) -> None:
    """Two of us at once, or a crash after Mercado Pago had made it: its answer is ambiguous, so we look again."""
    stores = f"{API}/users/{due.account.user_id}/stores"
    mercado_pago.get(f"{stores}/search", json=NONE)
    mercado_pago.get(f"{stores}/search", json={"results": [{"id": 55, "external_id": due.external_id}]})
    mercado_pago.post(stores, status=400, json={"message": "External_id-already-used", "error": "VALIDATION_ERROR"})
    mercado_pago.put(f"{stores}/55", json={"id": 55, "external_id": due.external_id})
    assert store_services.register(due).remote_id == 55


def test_a_point_of_sale_waits_for_its_store(due: Store, mercado_pago) -> None:
    pos = PosFactory.create(store=due, remote_id=None)
    pos.is_to_be_told()
    pos.save()
    answers(mercado_pago, due.account, status=400)
    pos_services.register(pos)
    assert pos.registration == Registration.PENDING
    assert "store is not registered" in pos.outcome
    mercado_pago.reset()
    answers(mercado_pago, due.account)
    Store.objects.all().update(registration_due_at=timezone.now())
    PointOfSale.objects.update(registration_due_at=timezone.now())
    due.account.refresh_from_db()
    pos_services.register_due(due.account, seconds=5)
    pos.refresh_from_db()
    assert (pos.registration, pos.remote_id) == (Registration.REGISTERED, 99)


def test_only_what_mercado_pago_knows_makes_it_be_told(store: Store) -> None:
    fields: dict[str, Any] = {
        name: getattr(store, name) for name in ("name", "street", "number", "city", "state", "latitude")
    }
    same = store_services.save_store(store.account, external_id=store.external_id, **fields | {"late_refunds": "auto"})
    assert same.registration == Registration.REGISTERED
    moved = store_services.save_store(store.account, external_id=store.external_id, **fields | {"street": "Cabildo"})
    assert moved.registration == Registration.PENDING
    assert moved.registration_due_at


def test_a_point_of_sale_is_told_of_anew_when_its_name_changes(pos: PointOfSale) -> None:
    fields: dict[str, Any] = {"name": pos.name, "category": pos.category}
    saved = pos_services.save_pos(pos.store, external_id=pos.external_id, **fields | {"heartbeat": 60})
    assert saved.registration == Registration.REGISTERED
    renamed = pos_services.save_pos(pos.store, external_id=pos.external_id, **fields | {"name": "Pump 7"})
    assert renamed.registration == Registration.PENDING


def test_register_pending_tries_again_where_our_host_was_not_enabled(pos: PointOfSale, mercado_pago) -> None:
    PointOfSale.objects.update(
        registration="host_not_enabled", registration_due_at=timezone.now() + timedelta(hours=1), remote_id=None
    )
    mercado_pago.post(f"{API}/pos", status=403, json={"message": "host must be enabled", "status": 403})
    out = StringIO()
    with pytest.raises(CommandError, match=r"1 wait for Mercado Pago to enable our host: .*adviser"):
        call_command("register_pending", "--json", stdout=out)
    said = json.loads(out.getvalue())
    assert (said["host_not_enabled"], said["refused_by_mercado_pago"]) == (1, [])
    mercado_pago.replace("POST", f"{API}/pos", json={"id": 99, "external_id": pos.external_id, "qr": {}})
    call_command("register_pending", "--json", stdout=StringIO())
    pos.refresh_from_db()
    assert (pos.registration, pos.remote_id) == (Registration.REGISTERED, 99)
