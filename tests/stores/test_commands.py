"""The operators' commands: what they print, and how they end."""

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command, load_command_class

from pos.models import ControllerKey, PointOfSale
from stores.models import Account, Store
from tests.factories import AccountFactory, StoreFactory
from tests.stores.test_fields import raw

API = "https://api.mercadopago.com"
STORE = {
    "external_id": "STORE001", "name": "Caseros", "street": "Caseros", "number": "3039", "city": "Belgrano",
    "state": "Capital Federal", "latitude": "-34.6352", "longitude": "-58.4057",
}  # fmt: skip


def run(command: str, *flags: str, **options: Any) -> Any:
    out = StringIO()
    call_command(command, *(f"--{k.replace('_', '-')}={v}" for k, v in options.items()), *flags, "--json", stdout=out)
    return json.loads(out.getvalue())


@pytest.fixture
def token(monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("TOKEN_HERE", "APP_USR-1-112326-very-secret-446566691")
    return "TOKEN_HERE"


def test_create_account_keeps_the_token_encrypted(db, token: str) -> None:
    made = run("create_account", site="MLA", user_id=446566691, sponsor_id=334249281, access_token_env=token)
    account = Account.objects.get(pk=made["id"])
    assert made["notification_url"] == account.notification_url
    assert account.access_token.endswith("-446566691")
    assert "very-secret" not in raw(account)


def test_running_it_again_renews_the_token(db, token: str, monkeypatch) -> None:
    first = run("create_account", site="MLA", user_id=446566691, access_token_env=token)
    monkeypatch.setenv(token, "APP_USR-1-112326-renewed-446566691")
    assert run("create_account", site="MLA", user_id=446566691, access_token_env=token) == first
    assert "renewed" in Account.objects.get().access_token


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"access_token_env": "EMPTY_HERE"}, "EMPTY_HERE"),
        ({"sponsor_id": 446566691}, "sponsor"),
        ({"user_id": 1}, "token"),
    ],
)
def test_create_account_says_what_is_wrong_and_makes_nothing(db, token: str, changes, says: str) -> None:
    options = {"site": "MLA", "user_id": 446566691, "access_token_env": token} | changes
    with pytest.raises(CommandError, match=says):
        run("create_account", **options)
    assert not Account.objects.exists()


@pytest.mark.parametrize("arguments", [["--site=XXX"], [], ["--site=MLA", "--user-id=x", "--access-token-env=T"]])
def test_wrong_use_ends_with_2(db, arguments: list[str]) -> None:
    with pytest.raises(CommandError) as caught:
        call_command("create_account", *arguments)
    assert caught.value.returncode in (1, 2)


def register(mercado_pago, account: Account) -> Any:
    mercado_pago.get(f"{API}/users/{account.user_id}/stores/search", json={"paging": {"total": 0}, "results": []})
    mercado_pago.post(f"{API}/users/{account.user_id}/stores", json={"id": "1234567", "external_id": "STORE001"})
    return run("register_store", account=account.pk, **STORE)


def test_register_store_makes_it_on_both_sides(account: Account, mercado_pago) -> None:
    made = register(mercado_pago, account)
    store = Store.objects.get()
    assert made == {"id": store.pk, "external_id": "STORE001", "remote_id": 1234567}
    assert store.time_zone == "America/Argentina/Buenos_Aires"
    sent = json.loads(mercado_pago.calls[-1].request.body)
    assert sent["location"]["latitude"] == -34.6352


def test_business_hours_and_the_time_zone_are_given_in_words(account: Account, mercado_pago) -> None:
    mercado_pago.get(f"{API}/users/{account.user_id}/stores/search", json={"paging": {"total": 0}, "results": []})
    mercado_pago.post(f"{API}/users/{account.user_id}/stores", json={"id": "1234567", "external_id": "STORE001"})
    more = {"hours": "sat-sun 09:00-13:00, 15:00-18:00", "time_zone": "America/Argentina/Cordoba"}
    run("register_store", account=account.pk, **STORE, **more)
    slots = [{"open": "09:00", "close": "13:00"}, {"open": "15:00", "close": "18:00"}]
    assert json.loads(mercado_pago.calls[-1].request.body)["business_hours"] == {"saturday": slots, "sunday": slots}
    assert Store.objects.get().time_zone == "America/Argentina/Cordoba"
    with pytest.raises(CommandError, match=r"hours: .*write hours like"):
        run("register_store", account=account.pk, **STORE, hours="daily from eight")


def test_when_mercado_pago_refuses_a_store_the_reason_is_said(account: Account, mercado_pago) -> None:
    mercado_pago.get(f"{API}/users/{account.user_id}/stores/search", json={"paging": {"total": 0}, "results": []})
    mercado_pago.post(
        f"{API}/users/{account.user_id}/stores",
        status=400,
        json={"message": "External_id-already-used", "error": "VALIDATION_ERROR", "status": 400, "cause": []},
    )
    with pytest.raises(
        CommandError, match="city: Mercado Pago does not accept city and state together, or another store has this"
    ):
        run("register_store", account=account.pk, **STORE)


def test_register_pos_prints_the_url_and_the_pictures(store: Store, mercado_pago) -> None:
    qr = {name: f"https://mp/{name}" for name in ("image", "template_document", "template_image")}
    mercado_pago.post(f"{API}/pos", json={"id": 2711382, "external_id": "POS0001", "qr": qr})
    made = run("register_pos", store=store.external_id, external_id="POS0001", name="Pump 1", category="gas_station")
    pos = PointOfSale.objects.get()
    assert made == {"id": pos.pk, "external_id": "POS0001", "poll_url": pos.poll_url, "qr": qr}
    sent = json.loads(mercado_pago.calls[-1].request.body)
    assert (sent["url"], sent["fixed_amount"], sent["category"]) == (pos.poll_url, True, 473000)
    assert len(pos.poll_url) < 300
    mercado_pago.post(f"{API}/pos", json={"id": 2711383, "external_id": "POS0002", "qr": qr})
    out = StringIO()
    call_command("register_pos", store=store.external_id, external_id="POS0002", name="Pump 2", stdout=out)
    assert "qr:\n  image: https://mp/image\n  template document: https://mp/template_document\n" in out.getvalue()


@pytest.mark.parametrize(("external_id", "name"), [("POS-1", "Pump"), ("P" * 40, "Pump"), ("POS1", "N" * 45)])
def test_register_pos_refuses_what_mercado_pago_would(store: Store, mercado_pago, external_id: str, name: str) -> None:
    with pytest.raises(CommandError):
        run("register_pos", store=store.external_id, external_id=external_id, name=name)
    assert not PointOfSale.objects.exists()
    assert len(mercado_pago.calls) == 0


def test_a_name_that_is_too_long_is_said_once(store: Store, mercado_pago) -> None:
    with pytest.raises(CommandError) as caught:
        run("register_pos", store=store.external_id, external_id="POS1", name="N" * 45)
    assert str(caught.value) == "name: Ensure this value has at most 44 characters (it has 45)."
    command = load_command_class("pos", "register_pos")
    assert "at most 44 characters" in " ".join(command.create_parser("", "register_pos").format_help().split())


@pytest.mark.parametrize("text", ["nan", "-nan", "sNaN", "inf", "-Infinity", "1e400", "west", ""])
def test_a_coordinate_that_is_no_number_is_wrong_use(account: Account, mercado_pago, text: str) -> None:
    for field in ("latitude", "longitude"):
        with pytest.raises(CommandError, match=f"argument --{field}: invalid coordinate value: '{text}'"):
            run("register_store", account=account.pk, **STORE | {field: text})
    assert not Store.objects.exists()


def test_a_store_of_another_account_is_said(store: Store, account: Account) -> None:
    other, third = AccountFactory.create(), AccountFactory.create()
    says = f"Account {other.pk} has no store {store.external_id}; account {account.pk} has one of that name."
    with pytest.raises(CommandError, match=f"^{says}$"):
        run("register_pos", store=store.external_id, account=other.pk, external_id="POS1", name="Pump")
    StoreFactory.create(account=third, external_id=store.external_id)
    with pytest.raises(CommandError, match=f"; accounts {account.pk}, {third.pk} have one of that name"):
        run("create_controller_key", store=store.external_id, account=other.pk)


def test_a_store_that_is_not_there_is_named_with_the_remedy(db) -> None:
    with pytest.raises(CommandError, match=r"no store NOWHERE.*register_store"):
        run("register_pos", store="NOWHERE", external_id="POS1", name="Pump")


def test_a_controller_key_is_shown_once_and_kept_hashed(store: Store) -> None:
    key = run("create_controller_key", store=store.external_id)["key"]
    kept = ControllerKey.objects.get()
    assert ControllerKey.objects.is_valid(key)
    assert key not in str(vars(kept))
    assert kept.store == store


def test_a_controller_key_is_for_a_store_or_a_point_of_sale(store: Store) -> None:
    with pytest.raises(CommandError):
        call_command("create_controller_key", f"--store={store.external_id}", "--pos=POS1")
    with pytest.raises(CommandError):
        call_command("create_controller_key")


def test_people_read_lines_instead_of_json(store: Store) -> None:
    out = StringIO()
    call_command("create_controller_key", f"--store={store.external_id}", stdout=out)
    assert out.getvalue().startswith("key: ")
