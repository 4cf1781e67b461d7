"""What Prometheus is told, and who is told it."""

import json
from datetime import timedelta
from time import time
from typing import Any
from unittest.mock import patch

import pytest
from celery import current_app
from celery.app.trace import trace_task
from django.db import OperationalError, connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from backoffice import gauges, queues
from backoffice.alarms.money import paid_not_closed
from backoffice.health import CHECKS
from backoffice.models import Case
from config.celery import app
from notifications.models import Notification, Outcome
from notifications.tasks import process_notifications, sweep
from orders.models import MerchantOrder, Order, Payment
from receipts import spooling
from receipts.models import Printer
from receipts.tasks import issue_receipt
from stores.queues import depths
from tests import runbook
from tests.deliveries import delivered
from tests.factories import OrderFactory

TWO_MINUTES_AGO = timedelta(minutes=2)


def scrape(client: Client, **headers: str) -> dict[str, float]:
    answer = client.get("/metrics", headers=headers)
    assert (answer.status_code, answer["Content-Type"].partition(";")[0]) == (200, "text/plain")
    families = text_string_to_metric_families(answer.content.decode())
    return {
        f"{one.name} {' '.join(one.labels.values())}".strip(): one.value
        for family in families
        for one in family.samples
    }


def asked() -> dict[str, float]:
    """Of the database, here: within the transaction of the test."""
    return {
        f"{one.name} {' '.join(one.labels.values())}".strip(): one.value
        for metric in gauges.of_the_database()
        for one in metric.samples
    }


@pytest.mark.parametrize("authorization", ["", "Bearer", "Bearer wrong", "Basic right-token", "right-token"])
@pytest.mark.parametrize("token", ["right-token", ""], ids=["set", "not set, with https"])
def test_where_a_token_is_needed_nobody_else_is_told_anything(client, settings, token: str, authorization: str) -> None:
    settings.METRICS_TOKEN, settings.METRICS_NEED_TOKEN = token, True
    answer = client.get("/metrics", headers={"Authorization": authorization})
    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, "Bearer")
    assert b"qr_" not in answer.content


def test_with_its_token_it_is_told(client, db, settings) -> None:
    settings.METRICS_TOKEN, settings.METRICS_NEED_TOKEN = "right-token", True
    assert scrape(client, Authorization="Bearer right-token")["qr_up database"] == 1


def test_it_is_read_only(client, db) -> None:
    assert client.post("/metrics").status_code == 405


def test_polls_are_counted_by_what_was_answered(client, pos, order) -> None:
    before = scrape(client)
    client.get(order.pos.poll_url)
    client.get(order.pos.poll_url)
    client.get("/mp/orders/nobody-has-this-token-here")
    after = scrape(client)
    assert _more(before, after, "qr_polls_total order") == 2
    assert _more(before, after, "qr_polls_total unknown") == 1


@pytest.mark.django_db(transaction=True)
def test_a_sale_is_timed_from_its_payment_to_the_paper(client, order, mercado_pago, payload) -> None:
    before = scrape(client)
    account = order.pos.store.account
    printer = Printer.objects.create(store=order.pos.store, name="shop", host="x", prints_automatically=True)
    paid_at = timezone.now() - timedelta(seconds=40)
    moment = paid_at.isoformat(timespec="milliseconds")
    payment = payload("payment_approved") | {"transaction_amount": 500, "date_approved": moment}
    ours = {"id": 77, "external_reference": order.external_reference, "collector": {"id": account.user_id}}
    body = payload("merchant_order_closed") | ours | {"payments": [payment]}
    mercado_pago.get("https://api.mercadopago.com/merchant_orders/77", json=body)
    process_notifications([delivered(account, "topic=merchant_order&id=77").pk])
    issue_receipt(order.pk)
    job = spooling.claim(printer)
    assert job is not None
    assert spooling.start(job)
    assert spooling.finish(job, sent=1)
    after = scrape(client)
    for name in ("paid_to_closed", "closed_to_receipt", "closed_to_printed"):
        assert _more(before, after, f"qr_order_step_seconds_count {name}") == 1, name
    assert 40 <= _more(before, after, "qr_order_step_seconds_sum paid_to_closed") < 50
    assert 0 <= _more(before, after, "qr_order_step_seconds_sum closed_to_printed") < 10
    assert _more(before, after, "qr_notification_lag_seconds_count processed") == 1
    assert _more(before, after, f"qr_mercado_pago_call_seconds_count {account.user_id}") == 1


def test_errors_of_mercado_pago_are_counted_by_account(client, order, mercado_pago) -> None:
    account = order.pos.store.account
    mercado_pago.get("https://api.mercadopago.com/merchant_orders/78", status=401, json={})
    before = scrape(client)
    process_notifications([delivered(account, "topic=merchant_order&id=78").pk])
    after = scrape(client)
    assert _more(before, after, f"qr_mercado_pago_errors_total {account.user_id} Unauthorized") == 1
    assert _more(before, after, "qr_notification_lag_seconds_count failed") == 1


def pay_there(order: Order, *, ago: timedelta) -> None:
    """In two halves, the last of them `ago`; Mercado Pago has not closed its order."""
    Order.objects.filter(pk=order.pk).update(payment_status="paid", paid_amount=500)
    account, now = order.account, timezone.now()
    merchant_order = MerchantOrder.objects.create(
        account=account, order=order, remote_id=1, status="opened", total_amount=500, seen_at=now
    )
    for number, approved_at in enumerate((now - ago - timedelta(hours=1), now - ago)):
        Payment.objects.create(
            account=account, merchant_order=merchant_order, pos=order.pos, remote_id=number, status="approved",
            amount=250, approved_at=approved_at,
        )  # fmt: skip


def test_an_order_that_is_paid_there_and_open_here_is_told_with_its_age(order) -> None:
    assert asked()["qr_paid_open_orders"] == 0
    pay_there(order, ago=TWO_MINUTES_AGO)
    told = asked()
    assert told["qr_paid_open_orders"] == 1
    assert 120 <= told["qr_paid_open_oldest_seconds"] < 130


@pytest.mark.postgresql
@pytest.mark.parametrize(
    ("state", "seconds", "is_wrong"),
    [
        ({}, 130, True),
        ({}, 110, False),
        ({"status": "expired", "next_check_at": timezone.now()}, 130, True),
        ({"status": "expired"}, 130, False),
        ({"status": "closed", "closed_at": timezone.now()}, 130, False),
        ({"payment_status": "partially_paid"}, 130, False),
    ],
)
def test_gauge_alarm_and_runbook_mean_the_same_orders(order, state: dict[str, Any], seconds, is_wrong) -> None:
    pay_there(order, ago=timedelta(seconds=seconds))
    Order.objects.filter(pk=order.pk).update(**state)
    [query] = runbook.queries(runbook.section("paid-there-open-here"))
    with connection.cursor() as cursor:
        cursor.execute(query)
        listed = [row[0] for row in cursor.fetchall()]
    assert (asked()["qr_paid_open_oldest_seconds"] > 120) is is_wrong
    assert [found.subject for found in paid_not_closed(timezone.now())] == [f"order {order.pk}"] * is_wrong
    assert listed == [order.pk] * is_wrong


def test_what_waits_is_told(pos) -> None:
    now = timezone.now()
    delivered(pos.store.account, "topic=merchant_order&id=1")
    of_nothing = delivered(pos.store.account, "topic=merchant_order&id=2").pk
    Notification.objects.filter(pk=of_nothing).update(outcome=Outcome.UNMATCHED, received_at=now - TWO_MINUTES_AGO)
    OrderFactory.create(pos=pos, status="closed", payment_status="paid", closed_at=now - TWO_MINUTES_AGO)
    Case.objects.create(source="order", object_id=1, kind="overpaid", rank=1, label="x", since=now)
    told = asked()
    assert told["qr_notifications_waiting"] == 1
    assert told["qr_attention_cases overpaid"] == 1
    assert told["qr_attention_cases not_covered"] == 0
    assert told["qr_receipts_waiting"] == 1
    assert 120 <= told["qr_receipts_oldest_seconds"] < 130
    assert told["qr_print_jobs_waiting"] == 0
    assert told["qr_accounts_without_token"] == 0


def test_a_refused_token_is_told(account) -> None:
    type(account).objects.filter(pk=account.pk).update(credentials="wrong_token")
    assert asked()["qr_accounts_without_token"] == 1


def test_ended_tasks_are_counted_by_name(client, db) -> None:
    before = scrape(client)
    trace_task(sweep, "1", (), {}, {}, app=app)
    assert _more(before, scrape(client), "qr_tasks_total notifications.tasks.sweep") == 1


@pytest.mark.postgresql
def test_connections_are_told(db) -> None:
    told = asked()
    assert 1 <= told["qr_database_connections"] <= told["qr_database_connections_max"]


def test_the_disk_is_told(client, db) -> None:
    told = scrape(client)
    assert 0 < told["qr_disk_free_bytes"] < told["qr_disk_size_bytes"]


def test_a_scrape_asks_the_database_few_times(db, django_assert_max_num_queries) -> None:
    with django_assert_max_num_queries(9):
        asked()


def test_with_the_database_gone_the_rest_is_told(client, db) -> None:
    with patch.object(BaseDatabaseWrapper, "cursor", side_effect=OperationalError("gone")):
        told = scrape(client)
    assert (told["qr_up database"], "qr_attention_cases overpaid" in told) == (0, False)


def test_all_that_readyz_asks_for_is_told_and_the_disk(client, db) -> None:
    told = scrape(client)
    parts = {name.removeprefix("qr_up ") for name in told if name.startswith("qr_up ")}
    assert parts == {*CHECKS, "disk"}


def test_migrations_that_wait_are_told(client, db) -> None:
    with patch.object(MigrationRecorder, "applied_migrations", return_value={}):
        told = scrape(client)
    assert (told["qr_up migrations"], told["qr_up database"]) == (0, 1)


def test_a_database_that_takes_no_changes_is_not_up_and_still_tells_what_waits(client, db) -> None:
    def refuse() -> bool:
        raise RuntimeError("it takes no changes")

    with patch.dict(CHECKS, database=refuse):
        told = scrape(client)
    assert (told["qr_up database"], told["qr_attention_cases overpaid"]) == (0, 0)


def test_with_the_broker_gone_the_rest_is_told(client, db) -> None:
    with patch.object(queues, "depths", side_effect=ConnectionError("refused")):
        told = scrape(client)
    assert (told["qr_up broker"], told["qr_up database"]) == (0, 1)


def test_the_embedded_broker_tells_how_many_wait_and_how_long(settings, tmp_path) -> None:
    settings.REDIS_URL = ""
    settings.CELERY_BROKER_TRANSPORT_OPTIONS = {"data_folder_in": str(tmp_path)}
    for name in (f"{int((time() - 30) * 1e9)}_a.celery.msg", f"{int((time() - 5) * 1e9)}_b.celery.msg", "new-1.part"):
        (tmp_path / name).write_text("{}")
    celery, _printing, receipts = depths()
    assert (celery.queue, celery.messages, round(celery.oldest)) == ("celery", 2, 30)
    assert receipts == ("receipts", 0, 0)


@pytest.mark.redis
def test_redis_tells_how_many_wait_and_how_long(settings) -> None:
    with (
        app.connection_for_write(settings.REDIS_URL) as broker,
        patch.object(current_app, "connection_for_read", lambda: app.connection_for_write(settings.REDIS_URL)),
    ):
        channel: Any = broker.default_channel
        client = channel.client
        client.flushdb()
        assert depths() == [("celery", 0, 0), ("printing", 0, 0), ("receipts", 0, 0)]
        for age in (30, 5):
            with patch("backoffice.tracing.time", lambda age=age: time() - age):
                process_notifications.apply_async(([1],), connection=broker)  # type: ignore[call-arg]
        client.lpush("receipts", json.dumps({"headers": {}}))
        celery, _printing, receipts = depths()
        client.flushdb()
    assert (celery.messages, round(celery.oldest)) == (2, 30)
    assert receipts == ("receipts", 1, 0)


def _more(before: dict[str, float], after: dict[str, float], name: str) -> float:
    return after.get(name, 0) - before.get(name, 0)
