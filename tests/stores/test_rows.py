"""Rows that are written without the ORM's compiler are those that it writes."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.models import Model

from orders.models import Order, Transition
from stores import rows
from stores.models import Account, ApiCall
from stores.models.call import subject

pytestmark = pytest.mark.django_db


def values(row: Model) -> dict[str, Any]:
    """As the database has them."""
    found = type(row)._default_manager.filter(pk=row.pk).values().get()
    return {name: value for name, value in found.items() if name != "id"}


def call(account: Account, order: Order, path: str) -> ApiCall:
    at = order.created_at
    return ApiCall(account=account, about=subject(order), at=at, method="GET", path=path, status=200, milliseconds=7)


def test_what_is_inserted_is_what_bulk_create_makes_of_it(order: Order) -> None:
    ours, theirs = ([call(order.account, order, path) for path in ("/a", "/b", "/ñ'\"%s")] for _ in range(2))
    rows.insert(ours)
    ApiCall.objects.bulk_create(theirs)
    assert [values(row) for row in ours] == [values(row) for row in theirs]
    assert len({row.pk for row in [*ours, *theirs]}) == 6
    assert [row.path for row in ApiCall.objects.filter(pk__in=[row.pk for row in ours]).order_by("pk")] == [
        "/a", "/b", "/ñ'\"%s",
    ]  # fmt: skip


def test_a_row_that_was_inserted_can_be_changed_like_any_other(order: Order) -> None:
    row = call(order.account, order, "/a")
    rows.insert([row])
    row.path = "/b"
    row.save()
    assert ApiCall.objects.get().path == "/b"


def test_nothing_is_inserted_without_a_statement(django_assert_num_queries: Callable[..., Any]) -> None:
    with django_assert_num_queries(0):
        rows.insert([])


def test_sqlite_before_returning_is_served_by_the_orm(order: Order, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(connection.features), "can_return_rows_from_bulk_insert", False)
    rows.insert([call(order.account, order, "/a")])
    assert ApiCall.objects.get().path == "/a"


def test_what_the_database_refuses_is_refused(order: Order) -> None:
    order.pk, order.id = None, None  # the same once more: another key, the same reference
    with pytest.raises(IntegrityError), transaction.atomic():
        rows.insert([order])
    assert Order.objects.count() == 1


def test_an_update_changes_what_is_named_and_nothing_else(order: Order) -> None:
    before = values(order)
    order.status, order.title, order.created_at = "canceled", "forgotten", order.expires_at
    rows.update(order, ("status",))
    assert values(order) == before | {"status": "canceled"}


def test_an_update_of_a_row_that_is_gone_is_an_error(order: Order) -> None:
    row = call(order.account, order, "/a")
    rows.insert([row])
    ApiCall.objects.all().delete()
    with pytest.raises(DatabaseError, match="not there any more"):
        rows.update(row, ("path",))


def test_keys_are_those_of_their_rows(order: Order) -> None:
    made = [
        Transition(order=order, from_status="open", to_status=to, reason=to, actor="x") for to in ("closed", "expired")
    ]
    rows.insert(made)
    assert [Transition.objects.get(pk=row.pk).reason for row in made] == ["closed", "expired"]


def test_a_name_that_is_no_field_is_an_error_and_not_left_out(order: Order) -> None:
    with pytest.raises(ValueError, match="statsu"):
        rows.update(order, ("statsu",))
