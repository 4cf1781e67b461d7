"""The doctor finds what is missing, changed or unknown on either side, and heals what is safe when asked."""

from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.utils import timezone

from pos import doctor, services
from pos.models import Finding, FindingKind, PointOfSale
from pos.tasks import compare_account
from stores.models import Account, Store
from stores.registration import Registration
from stores.services import connect
from stores.setting_aside import AlreadyDecided
from tests.factories import PosFactory
from tests.stores.test_commands import run

API = "https://api.mercadopago.com"


def remote_store(store: Store, **changes: Any) -> dict[str, Any]:
    """As Mercado Pago lists it: with one line for the address (protocol.md §2)."""
    location = {"address_line": "Caseros 3039", "latitude": float(store.latitude), "longitude": float(store.longitude)}
    listed = {"id": store.remote_id, "name": store.name, "external_id": store.external_id, "location": location}
    return listed | {"business_hours": {}} | changes


def remote_pos(pos: PointOfSale, **changes: Any) -> dict[str, Any]:
    return {"id": pos.remote_id, "qr": {}, "status": "active"} | services.body(pos) | changes


@pytest.fixture
def theirs(pos: PointOfSale, mercado_pago, settings) -> Any:
    """Mercado Pago's lists, as these rows say; what was said before no longer counts."""

    settings.PUBLIC_URL = "https://pay.example.com"

    def say(*, stores: list[dict[str, Any]] | None = None, points: list[dict[str, Any]] | None = None) -> None:
        stores = [remote_store(pos.store)] if stores is None else stores
        points = [remote_pos(pos)] if points is None else points
        mercado_pago.reset()
        mercado_pago.get(f"{API}/users/me", json={"id": pos.store.account.user_id, "site_id": "MLA"})
        mercado_pago.get(
            f"{API}/users/{pos.store.account.user_id}/stores/search",
            json={"paging": {"total": len(stores)}, "results": stores},
        )
        mercado_pago.get(f"{API}/pos", json={"paging": {"total": len(points)}, "results": points})

    return say


def compare(pos: PointOfSale) -> list[Finding]:
    return doctor.compare(pos.store.account, client=connect(pos.store.account))


def test_nothing_is_found_where_both_sides_say_the_same(pos: PointOfSale, theirs) -> None:
    theirs()
    assert compare(pos) == []
    assert Account.objects.get().compared_at


def test_what_mercado_pago_lost_is_found_and_registered_again(pos: PointOfSale, theirs, mercado_pago) -> None:
    theirs(points=[])
    [finding] = compare(pos)
    assert (finding.kind, finding.pos, finding.external_id) == (FindingKind.MISSING_THERE, pos, pos.external_id)
    assert "new QR code" in finding.remedy
    doctor.heal([finding])
    theirs()
    mercado_pago.post(f"{API}/pos", json=remote_pos(pos, id=999))
    services.register_due(pos.store.account, seconds=5)
    pos.refresh_from_db()
    assert (pos.registration, pos.remote_id) == (Registration.REGISTERED, 999)
    theirs(points=[remote_pos(pos)])
    assert compare(pos) == []
    assert not Finding.objects.exists()


@pytest.mark.parametrize(
    ("field", "there"),
    [
        ("url", "https://old.example.com/pay"),
        ("name", "Old name"),
        ("fixed_amount", False),
        ("category", 621102),
        ("id", 12345),
    ],
)
def test_a_point_of_sale_that_is_different_there_is_found_by_field(pos, theirs, field: str, there: Any) -> None:
    theirs(points=[remote_pos(pos, **{field: there})])
    [finding] = compare(pos)
    assert finding.kind == FindingKind.CHANGED_THERE
    assert [(name, theirs_) for name, _ours, theirs_ in finding.described] == [(field, str(there))]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": "Old"}, "name"),
        ({"location": {"latitude": -34.6, "longitude": -58.4057}}, "latitude"),
        ({"business_hours": {"monday": [{"open": "08:00", "close": "18:00"}]}}, "business_hours"),
    ],
)
def test_a_store_that_is_different_there_is_found_by_field(pos, theirs, changes, field: str) -> None:
    hours = {"tuesday": [{"open": "08:00", "close": "18:00"}]}
    Store.objects.update(business_hours=hours)
    pos.store.refresh_from_db()
    theirs(stores=[remote_store(pos.store, business_hours=hours) | changes])
    [finding] = compare(pos)
    assert list(finding.differences) == [field]
    assert finding.is_store


def test_what_only_mercado_pago_has_is_named_and_left_alone(pos: PointOfSale, theirs) -> None:
    stranger = remote_pos(pos, id=1, external_id="OTHERS1")
    theirs(points=[remote_pos(pos), stranger, stranger | {"id": 2, "external_id": None}])
    first, second = sorted(compare(pos), key=lambda finding: finding.external_id)
    assert (first.external_id, second.external_id) == ("2", "OTHERS1")
    assert "register_pos --external-id OTHERS1" in second.remedy
    assert doctor.heal([first, second]) == []


def test_what_is_on_its_way_or_switched_off_is_no_difference(pos: PointOfSale, theirs) -> None:
    waiting = PosFactory.create(store=pos.store, remote_id=None, registration="pending")
    PosFactory.create(store=pos.store, is_active=False)
    waiting.is_to_be_told()
    waiting.save()
    theirs()
    assert compare(pos) == []


def test_a_finding_goes_when_it_is_no_longer_so_and_keeps_when_it_was_first_seen(pos: PointOfSale, theirs) -> None:
    theirs(points=[])
    [first] = compare(pos)
    with time_machine.travel(timezone.now() + timedelta(days=1)):
        [again] = compare(pos)
    assert (again.pk, again.first_seen_at) == (first.pk, first.first_seen_at)
    assert again.seen_at > first.seen_at
    theirs()
    assert compare(pos) == []


def test_all_pages_of_a_long_list_are_read(pos: PointOfSale, mercado_pago) -> None:
    many = [remote_pos(pos), *(remote_pos(pos, id=n, external_id=f"X{n}") for n in range(1, 120))]
    mercado_pago.get(f"{API}/users/{pos.store.account.user_id}/stores/search", json={"results": []})
    for offset in (0, 50, 100):
        page = {"paging": {"total": len(many)}, "results": many[offset : offset + 50]}
        mercado_pago.get(f"{API}/pos?limit=50&offset={offset}", json=page)
    assert len(connect(pos.store.account).list_points_of_sale()) == 120


@pytest.mark.parametrize(
    ("now", "last", "is_due"),
    [
        ("2026-11-24T06:00Z", "2026-11-23T06:00Z", True),  # three at night in Buenos Aires
        ("2026-11-24T06:00Z", "2026-11-24T05:30Z", False),
        ("2026-11-24T15:00Z", "2026-11-24T06:00Z", False),
        ("2026-11-25T15:00Z", "2026-11-24T06:00Z", True),  # a night was missed
        ("2026-11-24T15:00Z", None, True),
    ],
)
def test_an_account_is_looked_at_once_a_night_by_its_own_clock(account: Account, now, last, is_due) -> None:
    Account.objects.update(compared_at=last)
    due = list(doctor.due(datetime.fromisoformat(now)))
    assert due == ([account] if is_due else [])


# --- the command -----------------------------------------------------------------------------------------------------
def test_the_command_says_what_to_do_about_each(pos: PointOfSale, theirs) -> None:
    PosFactory.create(store=pos.store, registration="host_not_enabled", registration_message="403", remote_id=None)
    PosFactory.create(store=pos.store, status="offline", status_at=timezone.now(), name="Pump 9")
    silent = PointOfSale.objects.get(name="Pump 9")
    theirs(points=[remote_pos(pos, url="https://old.example.com"), remote_pos(silent)])
    lines = {line["what"]: line for line in run("check_mercado_pago")["findings"]}
    assert set(lines) == {"changed_there", "host_not_enabled", "silent"}
    assert "old.example.com" in lines["changed_there"]["detail"]
    assert "adviser" in lines["host_not_enabled"]["remedy"]
    assert "controller" in lines["silent"]["remedy"]


def test_what_is_said_of_many_is_said_once_and_after_what_is_rare(pos: PointOfSale, theirs) -> None:
    many = [PosFactory.create(store=pos.store, heartbeat=60, external_id=f"NEW{n}") for n in range(8)]
    theirs(points=[remote_pos(pos, name="Old"), *map(remote_pos, many)])
    rare, common = run("check_mercado_pago")["findings"]
    assert (rare["what"], rare["count"]) == ("changed_there", 1)
    assert (common["what"], common["count"]) == ("never_reported", 8)
    assert common["subject"] == "POS NEW0, POS NEW1, POS NEW2, POS NEW3, POS NEW4 and 3 more"


def test_who_is_not_registered_is_not_called_silent(pos: PointOfSale, theirs) -> None:
    waiting = PosFactory.create(store=pos.store, heartbeat=60, remote_id=None, registration="pending")
    waiting.is_to_be_told()
    waiting.save()
    theirs()
    assert [line["what"] for line in run("check_mercado_pago")["findings"]] == ["pending"]


def test_the_command_heals_when_asked(pos: PointOfSale, theirs, mercado_pago) -> None:
    theirs(points=[remote_pos(pos, name="Old")])
    assert len(run("check_mercado_pago", account=pos.store.account_id)["findings"]) == 1
    assert {call.request.method for call in mercado_pago.calls} == {"GET"}
    mercado_pago.get(f"{API}/pos", json={"results": [remote_pos(pos, name="Old")]})  # found after the 409
    mercado_pago.get(f"{API}/pos", json={"results": [remote_pos(pos)]})  # after the healing
    mercado_pago.post(f"{API}/pos", status=409, json={"message": "exists", "error": "conflict", "status": 409})
    mercado_pago.put(f"{API}/pos/{pos.remote_id}", json=remote_pos(pos))
    assert run("check_mercado_pago", "--heal")["findings"] == []
    assert "PUT" in {call.request.method for call in mercado_pago.calls}


def test_a_cron_job_is_told_by_the_exit_code(pos: PointOfSale, theirs) -> None:
    theirs()
    call_command("check_mercado_pago", "--strict")
    theirs(points=[])
    call_command("check_mercado_pago")
    with pytest.raises(CommandError, match="found"):
        call_command("check_mercado_pago", "--strict")


def test_an_address_that_mercado_pago_cannot_reach_is_named(pos: PointOfSale, theirs, settings) -> None:
    settings.PUBLIC_URL = "http://localhost:8000"
    theirs()
    [line] = run("check_mercado_pago")["findings"]
    assert line["what"] == "public_url"


def test_when_mercado_pago_is_down_the_rest_is_said_all_the_same(pos: PointOfSale, theirs, mercado_pago) -> None:
    theirs()
    mercado_pago.reset()
    PointOfSale.objects.update(status="offline", status_at=timezone.now())
    whats = [line["what"] for line in run("check_mercado_pago")["findings"]]
    assert whats == ["unreachable", "not_compared", "silent"]
    assert Account.objects.get().compared_at is None


def test_a_wrong_token_is_named_and_nothing_is_compared(pos: PointOfSale, theirs, mercado_pago) -> None:
    theirs()
    mercado_pago.replace("GET", f"{API}/users/me", status=401, json={"message": "invalid token", "status": 401})
    [line] = run("check_mercado_pago")["findings"]
    assert (line["what"], "Renew it" in line["remedy"]) == ("wrong_token", True)
    assert [call.request.path_url for call in mercado_pago.calls] == ["/users/me"]


def test_every_night_credentials_are_tested_before_anything_is_compared(pos, theirs, mercado_pago) -> None:
    theirs()
    compare_account(pos.store.account_id)
    assert Account.objects.get().compared_at
    Account.objects.update(compared_at=None)
    mercado_pago.replace("GET", f"{API}/users/me", json={"id": 1, "site_id": "MLA"})
    compare_account(pos.store.account_id)
    assert (Account.objects.get().compared_at, Account.objects.get().credentials) == (None, "wrong_user")


def test_without_an_account_the_command_says_how_to_make_one(db) -> None:
    with pytest.raises(CommandError, match="create_account"):
        run("check_mercado_pago")


def test_what_was_set_aside_stays_so_until_something_else_differs(pos: PointOfSale, theirs) -> None:
    theirs(points=[remote_pos(pos, name="Pump I")])
    [finding] = compare(pos)
    doctor.set_aside(finding, actor="ana", reason="their sign says so")
    compare(pos)
    finding = Finding.objects.get()
    assert (finding.set_aside_by, finding.set_aside_because) == ("ana", "their sign says so")
    theirs(points=[remote_pos(pos, name="Pump II")])
    compare(pos)
    assert Finding.objects.left_to_people().get().set_aside_by == ""


def test_a_finding_is_set_aside_once(pos: PointOfSale, theirs) -> None:
    theirs(points=[])
    [finding] = compare(pos)
    doctor.set_aside(finding, actor="ana", reason="out of use")
    with pytest.raises(AlreadyDecided):
        doctor.set_aside(finding, actor="eva", reason="out of use")
    assert Finding.objects.get().set_aside_by == "ana"
