"""Shadow mode: both dialects side by side, and Mercado Pago hears nothing of it."""

import json
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from orders import tasks
from orders.models import ShadowAnswer
from orders.settlement import settle
from pos.models import ControllerStatus, PointOfSale
from pos.services import report
from stores.models import Account
from tests.factories import OrderFactory
from tests.orders.conftest import remote


@pytest.fixture
def shadows(pos: PointOfSale) -> None:
    Account.objects.update(shadows=True)


@pytest.fixture
def poll(client, pos: PointOfSale):
    """A poll; `later` lets enough time pass for it to be remembered."""

    def ask(*, later: bool = False) -> Any:
        if later:
            PointOfSale.objects.update(last_polled_at=timezone.now() - timedelta(seconds=11))
        return client.get(pos.poll_url)

    return ask


def both(row: ShadowAnswer) -> tuple[Any, Any]:
    return json.loads(row.served_body.rpartition("\n")[2]), json.loads(row.shadow_body.rpartition("\n")[2])


@pytest.mark.usefixtures("shadows")
def test_v1_is_served_and_v2_kept_beside_it(poll, order) -> None:
    answer = poll()
    assert (answer.status_code, "order-version" in answer) == (200, False)
    row = ShadowAnswer.objects.get()
    assert (row.situation, row.order, row.served_dialect) == ("order", order, "v1")
    assert (row.served_status, row.shadow_status) == (200, 200)
    served, shadowed = both(row)
    assert served == answer.json()
    assert row.shadow_body.startswith("order-version: 2\n{")
    assert shadowed["total_amount"] == 500
    assert shadowed["external_reference"] == order.external_reference


@pytest.mark.usefixtures("shadows")
def test_and_back_v2_is_served_and_v1_kept(poll, account, order) -> None:
    Account.objects.update(dialect="v2")
    assert poll()["order-version"] == "2"
    row = ShadowAnswer.objects.get()
    served, shadowed = both(row)
    assert (row.served_dialect, served["total_amount"], shadowed["collector_id"]) == ("v2", 500, account.user_id)


@pytest.mark.usefixtures("shadows")
def test_a_point_of_sale_that_stands_against_its_account_is_shadowed_by_its_own_dialect(poll, pos) -> None:
    PointOfSale.objects.update(dialect="v2")
    assert poll().status_code == 202
    assert ShadowAnswer.objects.get().served_dialect == "v2"


@pytest.mark.usefixtures("shadows")
def test_each_situation_has_one_row_that_is_kept_up_to_date(poll, pos, paid) -> None:
    poll()
    poll(later=True)
    report(pos, ControllerStatus.IN_PROCESS)
    poll(later=True)
    report(pos, ControllerStatus.OFFLINE)
    poll(later=True)
    order = OrderFactory.create(pos=pos)
    poll(later=True)
    settle(order.pk, remote(paid(order)), actor="test")
    report(pos, ControllerStatus.IDLE)
    poll(later=True)
    rows = ShadowAnswer.objects.order_by("pk")
    assert [(row.situation, both(row)[1].get("status", {}).get("status_detail")) for row in rows] == [
        ("nothing", "Waiting_for_order"),
        ("in_process", "in_process"),
        ("unreachable", "in_process"),
        ("order", None),
        ("paid", "notihing_to_pay"),
    ]
    first = rows[0]
    assert first.last_at > first.first_at


@pytest.mark.usefixtures("shadows")
def test_of_an_order_paid_short_the_newest_answer_is_kept(poll, order, paid, payment) -> None:
    poll()
    settle(order.pk, remote(paid(order, payment(1, 300), status="opened")), actor="test")
    poll(later=True)
    assert both(ShadowAnswer.objects.get())[1]["total_amount"] == 200


def test_without_shadow_mode_nothing_is_kept(poll, order) -> None:
    poll()
    assert not ShadowAnswer.objects.exists()


@pytest.mark.parametrize("has_order", [False, True])
def test_a_poll_that_writes_nothing_asks_nothing_more(poll, pos, has_order, django_assert_num_queries) -> None:
    if has_order:
        OrderFactory.create(pos=pos)
    poll()
    with CaptureQueriesContext(connection) as without:
        plain = poll()
    Account.objects.update(shadows=True)
    with django_assert_num_queries(len(without)):
        shadowed = poll()
    assert shadowed.content == plain.content
    assert not ShadowAnswer.objects.exists()


@pytest.mark.usefixtures("shadows")
def test_the_first_serve_is_kept_even_between_two_remembered_polls(poll, pos) -> None:
    poll()
    order = OrderFactory.create(pos=pos)
    poll()
    assert ShadowAnswer.objects.filter(order=order).count() == 1
    before = ShadowAnswer.objects.get(order=order).last_at
    poll()
    assert ShadowAnswer.objects.get(order=order).last_at == before


def test_what_the_other_dialect_has_no_field_for_is_written_down(poll, connected, pos) -> None:
    Account.objects.update(dialect="v2", shadows=True)
    OrderFactory.create(pos=pos, marketplace_fee=Decimal(5))
    assert poll().json()["marketplace_fee"] == 5
    row = ShadowAnswer.objects.get()
    assert (row.shadow_status, row.shadow_body) == (ShadowAnswer.IMPOSSIBLE, "v1 has no field for marketplace_fee")


@pytest.mark.usefixtures("shadows")
def test_a_shadow_that_cannot_be_rendered_is_a_row_too_and_the_poll_hears_nothing(poll, pos) -> None:
    OrderFactory.create(pos=pos, taxes=[{"type": "IVA"}])
    assert poll().status_code == 200
    row = ShadowAnswer.objects.get()
    assert (row.served_status, row.shadow_status, row.shadow_body) == (200, 0, "KeyError('value')")


@pytest.mark.usefixtures("shadows")
def test_a_shadow_that_cannot_be_written_changes_nothing(poll, order, caplog) -> None:
    def refuse(execute: Any, sql: str, *rest: Any) -> Any:
        if "shadowanswer" in sql:
            raise DatabaseError("disk full")
        return execute(sql, *rest)

    with connection.execute_wrapper(refuse):
        answer = poll()
    assert (answer.status_code, answer.json()["external_reference"]) == (200, order.external_reference)
    assert "disk full" in caplog.text
    order.refresh_from_db()
    assert order.first_served_at is not None
    assert not ShadowAnswer.objects.exists()


# --- and forgotten ---------------------------------------------------------------------------------------------------
def test_old_shadows_are_purged_in_batches(pos, monkeypatch, settings) -> None:
    settings.SHADOW_RETENTION_DAYS = 90
    monkeypatch.setattr(tasks, "BATCH", 2)
    woken: list[int] = []
    monkeypatch.setattr(tasks.purge_shadows, "delay", lambda: woken.append(1))
    now = timezone.now()
    for number, days in enumerate((91, 92, 93, 89)):
        ShadowAnswer.objects.create(
            pos=pos, situation=f"s{number}", served_dialect="v1", served_status=400, served_body="{}",
            shadow_status=202, shadow_body="{}", last_at=now - timedelta(days=days),
        )  # fmt: skip
    tasks.purge_shadows()
    assert (ShadowAnswer.objects.count(), len(woken)) == (2, 1)
    tasks.purge_shadows()
    assert ([row.situation for row in ShadowAnswer.objects.all()], len(woken)) == (["s3"], 1)


@pytest.mark.usefixtures("shadows")
def test_two_polls_at_once_keep_one_row(poll, pos) -> None:
    """The other one writes its row when this one has looked for it, and before it writes its own."""
    others = iter([lambda: poll(later=True)])

    def meanwhile(execute: Any, sql: str, *rest: Any) -> Any:
        done = execute(sql, *rest)
        if sql.startswith("UPDATE") and "shadowanswer" in sql and (other := next(others, None)):
            other()
        return done

    with connection.execute_wrapper(meanwhile):
        assert poll().status_code == 400
    assert next(others, None) is None
    assert ShadowAnswer.objects.count() == 1
