"""What we asked of Mercado Pago: failures always, successes about one thing, nothing secret."""

from datetime import timedelta

import pytest
import responses
from django.db import DatabaseError, connection
from django.utils import timezone

from gateway.errors import NotFound, TemporaryError
from stores import tasks
from stores.models import ApiCall
from stores.services import connect
from stores.tasks import purge_calls
from tests.stores.conftest import API


def test_a_call_about_an_order_is_written_down_without_anything_secret(order, mercado_pago) -> None:
    mercado_pago.get(f"{API}/merchant_orders/1", status=404, json={}, headers={"X-Request-Id": "abc-123"})
    with pytest.raises(NotFound):
        connect(order.account, about=order).get_merchant_order(1)
    call = ApiCall.objects.get()
    assert (call.method, call.path, call.status, call.error) == ("GET", "/merchant_orders/1", 404, "NotFound")
    assert (call.about, call.request_id, call.account) == (f"order {order.pk}", "abc-123", order.account)
    assert order.account.access_token not in str(ApiCall.objects.values().get())


def test_the_query_is_not_kept(order, mercado_pago) -> None:
    mercado_pago.get(f"{API}/merchant_orders/search", json={"elements": None, "total": 0})
    connect(order.account, about=order).search_merchant_orders(external_reference=order.external_reference)
    call = ApiCall.objects.get()
    assert (call.path, call.status, call.error) == ("/merchant_orders/search", 200, "")


def test_no_answer_at_all_is_status_zero(order, mercado_pago) -> None:
    with pytest.raises(TemporaryError):  # nothing is registered: the connection is refused
        connect(order.account, about=order).me()
    assert ApiCall.objects.values_list("status", "error").get() == (0, "TemporaryError")


def test_of_a_sweep_only_failures_are_written_down(account, mercado_pago) -> None:
    mercado_pago.get(f"{API}/pos", json={"results": [], "paging": {"total": 0}})
    client = connect(account)
    client.list_points_of_sale()
    assert not ApiCall.objects.exists()
    mercado_pago.replace(responses.GET, f"{API}/pos", status=500, json={})
    with pytest.raises(TemporaryError):
        client.list_points_of_sale()
    assert ApiCall.objects.values_list("about", "status").get() == ("", 500)


def test_a_call_that_cannot_be_written_down_is_made_all_the_same(order, mercado_pago, caplog) -> None:
    def refuse(execute, sql, *rest):
        if "apicall" in sql:
            raise DatabaseError("disk full")
        return execute(sql, *rest)

    mercado_pago.get(f"{API}/merchant_orders/search", json={"elements": None, "total": 0})
    with connection.execute_wrapper(refuse):
        client = connect(order.account, about=order)
        assert client.search_merchant_orders(external_reference=order.external_reference) == []
    assert "could not be written down" in caplog.text


def test_old_calls_are_forgotten(account, settings) -> None:
    kept = timedelta(days=settings.TIMELINE_RETENTION_DAYS)
    for age in (kept + timedelta(minutes=1), kept - timedelta(minutes=1)):
        at = timezone.now() - age
        ApiCall.objects.create(account=account, at=at, method="GET", path="/pos", status=500, milliseconds=1)
    purge_calls()
    assert ApiCall.objects.count() == 1


def test_they_are_forgotten_batch_by_batch(account, settings, monkeypatch) -> None:
    monkeypatch.setattr(tasks, "_CALLS_BATCH", 2)
    monkeypatch.setattr(purge_calls, "delay", purge_calls)
    at = timezone.now() - timedelta(days=settings.TIMELINE_RETENTION_DAYS, minutes=1)
    for _ in range(5):
        ApiCall.objects.create(account=account, at=at, method="GET", path="/pos", status=500, milliseconds=1)
    purge_calls()
    assert not ApiCall.objects.exists()
