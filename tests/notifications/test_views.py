import hashlib
import hmac
import json
from unittest.mock import patch

import pytest
from django.db import OperationalError, connection

from notifications.models import Notification
from notifications.tasks import doorbell, process_notifications
from notifications.views import NotificationView


@pytest.fixture
def deliver(client, account):
    def post(body=b"", query="", token=account.notification_token, **headers):
        url = f"/mp/notifications/{token}" + (f"?{query}" if query else "")
        return client.generic("POST", url, body, "application/json", headers=headers)

    return post


def test_a_webhook_is_stored_raw_and_answered(deliver, account, payload) -> None:
    body = json.dumps(payload("webhook_merchant_order")).encode()
    query = "data.id=23603350837&type=topic_merchant_order_wh"
    answer = deliver(body, query, **{"x-signature": "ts=1,v1=00", "x-request-id": "r-1"})
    assert (answer.status_code, answer["Content-Type"], answer.content) == (200, "application/json", b"{}")
    stored = Notification.objects.get()
    assert (stored.account, stored.topic, stored.resource_id) == (account, "merchant_order", 23603350837)
    assert (bytes(stored.body), stored.query, stored.verdict) == (body, query, "invalid")
    assert stored.headers["X-Request-Id"] == "r-1"
    assert (stored.outcome, stored.attempts) == ("received", 0)


def test_an_ipn_is_stored_raw_and_answered(deliver, payload) -> None:
    answer = deliver(json.dumps(payload("ipn_merchant_order")).encode(), "topic=merchant_order&id=23603350837")
    assert answer.status_code == 200
    stored = Notification.objects.get()
    assert (stored.topic, stored.resource_id, stored.verdict) == ("merchant_order", 23603350837, "absent")


@pytest.mark.parametrize("body", [b"{}", b"", b"\xff" * 100, b"x" * 64 * 1024, b"x" * (64 * 1024 + 1)], ids=len)
@pytest.mark.parametrize("token", [None, "x" * 43])
@pytest.mark.parametrize("method", ["POST", "GET"])
def test_the_short_way_says_and_keeps_the_same_as_the_view(client, account, settings, method, token, body) -> None:
    def deliver():
        url = f"/mp/notifications/{token or account.notification_token}?topic=merchant_order&id=7"
        answer = client.generic(method, url, body, "application/json")
        kept = list(Notification.objects.values_list("body", "query", "topic", "resource_id", "verdict", "headers"))
        Notification.objects.all().delete()
        return answer.status_code, answer["Content-Type"], answer.content, kept

    shortly = deliver()
    settings.MIDDLEWARE = settings.MIDDLEWARE[1:]
    client.handler.load_middleware()
    assert deliver() == shortly
    assert bool(shortly[3]) == (shortly[0] == 200)


def test_a_usual_delivery_takes_the_short_way(deliver) -> None:
    with patch.object(NotificationView, "dispatch", side_effect=AssertionError("the view was asked")):
        assert deliver(b"{}", "topic=merchant_order&id=7").status_code == 200
    assert Notification.objects.get().resource_id == 7


def test_a_worker_is_woken_once_the_delivery_is_committed(deliver, django_capture_on_commit_callbacks) -> None:
    with patch.object(process_notifications, "delay") as delay:
        with django_capture_on_commit_callbacks(execute=True):
            deliver(query="topic=merchant_order&id=1")
            assert doorbell.flush(5)
            delay.assert_not_called()
        assert doorbell.flush(5)
        delay.assert_called_once_with([Notification.objects.get().pk])


def test_with_the_broker_down_the_delivery_is_stored_and_answered(transactional_db, deliver, caplog) -> None:
    with patch.object(process_notifications, "delay", side_effect=ConnectionError("broker")):
        assert deliver(query="topic=merchant_order&id=1").status_code == 200
        assert doorbell.flush(5)
    assert Notification.objects.get().next_attempt_at is not None
    assert "broker" in caplog.text


def test_a_delivery_costs_two_queries(deliver, payload, django_assert_num_queries) -> None:
    body = json.dumps(payload("webhook_merchant_order")).encode()
    with django_assert_num_queries(2):
        deliver(body, "data.id=23603350837&type=topic_merchant_order_wh", **{"x-signature": "ts=1,v1=00"})


@pytest.mark.parametrize("secret", ["", "s3cret"])
def test_the_verdict_is_that_of_the_accounts_own_secret(deliver, account, secret) -> None:
    account.webhook_secret = secret
    account.save()
    signed = hmac.new(b"s3cret", b"id:9;ts:1;", hashlib.sha256).hexdigest()
    deliver(query="data.id=9&type=payment", **{"x-signature": f"ts=1,v1={signed}"})
    assert Notification.objects.get().verdict == ("valid" if secret else "invalid")


def test_what_is_written_out_by_hand_is_what_the_model_would_write(deliver, account) -> None:
    deliver(query="topic=merchant_order&id=1")
    stored = Notification.objects.values().get()
    ours = ("id", "received_at", "headers", "query", "body", "verdict", "topic", "resource_id", "next_attempt_at")
    expected = Notification(account=account)
    expected.set_aside_at = None
    assert {n: v for n, v in stored.items() if n not in ours} == {
        field.attname: getattr(expected, field.attname) for field in expected._meta.fields if field.attname not in ours
    }


@pytest.mark.parametrize(
    "body", [b"", b"no json", b"\x00\xff", b'{"a":"\xed\xa0\x80"}', b'{"type":"\\u0000"}', b'{"data":{"id":[]}}']
)
@pytest.mark.parametrize("query", ["", "a=%00&topic=%00", "&".join(["x=1"] * 900), "data.id=%ff", "type=a%20b&id=zz"])
def test_the_unreadable_is_stored_as_such(deliver, body, query) -> None:
    assert deliver(body, query).status_code == 200
    stored = Notification.objects.get()
    assert (bytes(stored.body), stored.resource_id) == (body, None)


def test_an_unknown_token_is_not_found(deliver, db) -> None:
    for token in ("x" * 43, "nope", "%00", "a/b"):
        answer = deliver(token=token)
        assert answer.status_code == 404
        assert "json" in answer["Content-Type"]
    assert not Notification.objects.exists()


def test_a_body_over_64_kib_is_refused(deliver) -> None:
    assert deliver(b"x" * 65536).status_code == 200
    answer = deliver(b"x" * 65537)
    assert (answer.status_code, answer["Content-Type"]) == (413, "application/json")
    assert Notification.objects.count() == 1


def test_what_cannot_be_stored_is_sent_again(deliver, account) -> None:
    def refuse(execute, sql, *rest):
        if sql.startswith("INSERT"):
            raise OperationalError("disk full")
        return execute(sql, *rest)

    with connection.execute_wrapper(refuse):
        answer = deliver(query="topic=merchant_order&id=1")
    assert (answer.status_code, answer["Content-Type"]) == (503, "application/json")


@pytest.mark.parametrize("method", ["get", "put", "delete", "options", "head"])
def test_other_methods_are_refused_as_json(client, account, method) -> None:
    answer = getattr(client, method)(f"/mp/notifications/{account.notification_token}")
    assert (answer.status_code, answer["Content-Type"]) == (405, "application/json")


def test_our_own_secrets_are_not_kept_with_the_headers(deliver) -> None:
    deliver(Authorization="Bearer x", Cookie="sessionid=y")
    assert not {"Authorization", "Cookie"} & set(Notification.objects.get().headers)
