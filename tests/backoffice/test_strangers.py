"""What a stranger found who tried what no page offers."""

import json
import logging

import pytest
from django.db import OperationalError
from django.urls import reverse

from backoffice.views import fault
from config import logs
from pos.models import ControllerKey

LISTS = [
    ("orders_order", "created_at"), ("orders_payment", "approved_at"), ("receipts_receipt", "issued_at"),
    ("notifications_notification", "received_at"), ("pos_controllerkey", "created"),
]  # fmt: skip


@pytest.mark.parametrize(("model", "field"), LISTS)
@pytest.mark.parametrize("year", ["-1", "0", "10000", "9" * 23])
def test_a_year_of_no_calendar_is_no_fault(admin_client, order, model: str, field: str, year: str) -> None:
    asked = {f"{field}__year": year}
    assert admin_client.get(reverse(f"admin:{model}_changelist"), asked).status_code == 400


def test_neither_is_it_in_what_is_exported(admin_client, order) -> None:
    assert admin_client.get("/admin/export/orders.csv", {"created_at__year": "-1"}).status_code == 400


@pytest.mark.parametrize(
    ("day", "time"), [("9999-12-31", "23:59:59"), ("0001-01-01", "00:00:00"), ("2020-01-01", "0:00")]
)
def test_a_key_does_not_end_when_it_cannot(admin_client, store, day: str, time: str) -> None:
    form = {"name": "Pumps", "store": store.pk, "expiry_date_0": day, "expiry_date_1": time}
    page = admin_client.post(reverse("admin:pos_controllerkey_add"), form)
    assert "A key can end from now on" in page.content.decode()
    assert not ControllerKey.objects.exists()


def test_a_new_key_is_shown_once_and_stands_in_no_cookie(admin_client, store) -> None:
    form = {"name": "Pumps", "store": store.pk, "expiry_date_0": "2036-01-01", "expiry_date_1": "0:00"}
    made = admin_client.post(reverse("admin:pos_controllerkey_add"), form)
    assert made.status_code == 302
    assert "messages" not in made.cookies
    prefix = ControllerKey.objects.get().prefix
    pages = [admin_client.get(made["Location"]).content.decode() for _ in range(2)]
    assert [f"is: {prefix}." in page for page in pages] == [True, False]


@pytest.mark.parametrize("path", ["/admin/", "/r/x", "/api/v1/orders/1"])
@pytest.mark.parametrize(("error", "status"), [(OperationalError("gone"), 503), (RuntimeError("ours"), 500)])
def test_without_a_database_it_is_not_there_for_a_while(rf, path: str, error: Exception, status: int) -> None:
    try:
        raise error
    except type(error):
        answer = fault(rf.get(path))
    assert answer.status_code == status


def test_a_refusal_is_logged_with_the_request_that_it_answers(client, caplog) -> None:
    answer = client.get("/api/v1/nothing")
    [record] = [one for one in caplog.records if one.name == "django.request"]
    said = json.loads(logs.formatter("json", str).format(record))
    assert said["request_id"] == answer["X-Request-Id"]


def test_another_hosts_name_is_one_line_and_no_fault(client, caplog, db) -> None:
    client.get("/admin/", headers={"Host": "evil.example"})
    [record] = [one for one in caplog.records if one.name == "django.security.DisallowedHost"]
    assert (record.levelno, record.exc_info) == (logging.WARNING, None)
    assert "evil.example" in logs.formatter("line", str).format(record)
