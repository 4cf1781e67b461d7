"""Step 3A: what controllers report."""

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from pos.models import PointOfSale
from pos.services import create_key
from tests.conftest import controller
from tests.factories import AccountFactory, PosFactory, StoreFactory


@pytest.mark.parametrize("status", ["idle", "in_process", "offline"])
def test_a_report_is_kept_with_its_time(pump, pos, status: str) -> None:
    before = timezone.now()
    answer = pump.put(f"/api/v1/pos/{pos.external_id}/status", {"status": status}, format="json")
    assert (answer.status_code, answer.json()["status"]) == (200, status)
    pos.refresh_from_db()
    assert pos.status == status
    assert pos.status_at is not None
    assert pos.status_at >= before


@pytest.mark.parametrize(
    ("body", "field"), [({}, "status"), ({"status": "busy"}, "status"), ({"status": "idle", "x": 1}, "x")]
)
def test_a_wrong_report_is_refused_by_field_and_nothing_is_kept(pump, pos, body, field: str) -> None:
    answer = pump.put(f"/api/v1/pos/{pos.external_id}/status", body, format="json")
    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"
    assert field in answer.json()["errors"]
    pos.refresh_from_db()
    assert pos.status_at is None


def test_another_stores_point_of_sale_is_not_there(pump) -> None:
    other = PosFactory.create()
    answer = pump.put(f"/api/v1/pos/{other.external_id}/status", {"status": "offline"}, format="json")
    assert answer.status_code == 404
    assert PointOfSale.objects.get(pk=other.pk).status == "idle"


# --- the amount so far -----------------------------------------------------------------------------------------------
def report(pump, pos, **body):
    return pump.put(f"/api/v1/pos/{pos.external_id}/status", body, format="json")


def test_the_amount_so_far_is_shown_until_something_else_is_reported(pump, pos) -> None:
    answer = report(pump, pos, status="in_process", amount_so_far="123.45")
    assert (answer.status_code, answer.json()["amount_so_far"]) == (200, "123.45")
    assert pump.get(f"/api/v1/pos/{pos.external_id}").json()["amount_so_far"] == "123.45"
    assert report(pump, pos, status="in_process").json()["amount_so_far"] is None
    report(pump, pos, status="in_process", amount_so_far="200.00")
    assert report(pump, pos, status="idle").json()["amount_so_far"] is None


def test_a_sale_ends_the_amount_so_far_and_is_not_charged_by_it(pump, pos) -> None:
    report(pump, pos, status="in_process", amount_so_far="480.00")
    item = {"title": "SUPER", "quantity": "1", "unit_price": "500.00"}
    made = pump.post(
        f"/api/v1/pos/{pos.external_id}/orders", {"items": [item]}, format="json", headers={"Idempotency-Key": "k"}
    )
    assert made.json()["total_amount"] == "500.00"
    shown = pump.get(f"/api/v1/pos/{pos.external_id}").json()
    assert (shown["status"], shown["amount_so_far"]) == ("idle", None)


def test_the_amount_so_far_never_leaves_to_mercado_pago(pump, pos, client) -> None:
    report(pump, pos, status="in_process", amount_so_far="123.45")
    answer = client.get(pos.poll_url)
    assert "in_process" in answer.content.decode()
    assert "123" not in answer.content.decode()


@pytest.mark.parametrize("amount", ["-0.01", "1.005", "1e3", "NaN", "10000000000", "", [], True, "abc"])
def test_an_amount_so_far_that_cannot_be_is_refused_and_nothing_is_kept(pump, pos, amount) -> None:
    answer = report(pump, pos, status="in_process", amount_so_far=amount)
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["amount_so_far"])
    pos.refresh_from_db()
    assert (pos.status, pos.amount_so_far) == ("idle", None)


@pytest.mark.parametrize("status", ["idle", "offline"])
def test_only_a_sale_in_process_has_an_amount_so_far(pump, pos, status) -> None:
    answer = report(pump, pos, status=status, amount_so_far="1.00")
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["amount_so_far"])


def test_it_begins_at_nothing(pump, pos) -> None:
    assert report(pump, pos, status="in_process", amount_so_far="0").json()["amount_so_far"] == "0.00"


def test_where_there_are_no_centavos_it_has_none(pump) -> None:
    store = StoreFactory.create(account=AccountFactory.create(site_code="MLC"))
    pos = PosFactory.create(store=store)
    chile = controller(create_key(name="pump", store=store))
    assert report(chile, pos, status="in_process", amount_so_far="1234.5").status_code == 400
    assert report(chile, pos, status="in_process", amount_so_far="1234").json()["amount_so_far"] == "1234"


def test_the_list_of_points_of_sale_shows_the_running_amount(pump, pos, admin_client) -> None:
    report(pump, pos, status="in_process", amount_so_far="123.45")
    for page in ("", f"{pos.pk}/change/"):
        assert "123.45 ARS" in admin_client.get(f"/admin/pos/pointofsale/{page}").content.decode()


# --- the heartbeat ---------------------------------------------------------------------------------------------------
def test_a_controller_is_told_how_often_to_report(pump, pos) -> None:
    shown = pump.get(f"/api/v1/pos/{pos.external_id}").json()
    assert (shown["heartbeat"], shown["order_lifetime"]) == (None, 900)
    PointOfSale.objects.filter(pk=pos.pk).update(heartbeat=30)
    assert report(pump, pos, status="idle").json()["heartbeat"] == 30


def test_only_a_report_and_a_sale_count_as_heartbeat(pump, pos) -> None:
    PointOfSale.objects.filter(pk=pos.pk).update(heartbeat=30, status_at=timezone.now() - timedelta(minutes=1))
    pump.get(f"/api/v1/pos/{pos.external_id}")
    pos.refresh_from_db()
    assert pos.is_unreachable(timezone.now())
    report(pump, pos, status="idle")
    pos.refresh_from_db()
    assert not pos.is_unreachable(timezone.now())


@pytest.fixture
def register(pos, mercado_pago):
    """`register_pos` of a point of sale that is there already."""
    mercado_pago.post("https://api.mercadopago.com/pos", json={"id": 7, "external_id": pos.external_id, "qr": {}})

    def run(*more: str) -> None:
        known = ["--store", pos.store.external_id, "--external-id", pos.external_id, "--name", "Pump 1"]
        call_command("register_pos", *known, *more)
        pos.refresh_from_db()

    return run


def test_the_heartbeat_is_set_with_the_command_kept_without_it_and_ended_with_zero(register, pos) -> None:
    register("--heartbeat", "60")
    assert pos.heartbeat == 60
    register()
    assert pos.heartbeat == 60
    register("--heartbeat", "0")
    assert pos.heartbeat is None


@pytest.mark.parametrize("seconds", ["4", "86401", "-1"])
def test_a_heartbeat_beyond_reason_is_refused(register, pos, seconds) -> None:
    with pytest.raises(CommandError, match="heartbeat"):
        register("--heartbeat", seconds)
    assert PointOfSale.objects.get(pk=pos.pk).heartbeat is None
