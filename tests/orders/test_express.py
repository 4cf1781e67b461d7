"""The short way of a poll says what the view says, to the byte, or leaves it to the view."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import close_old_connections, connection
from django.test import RequestFactory
from django.utils import timezone

from orders import express, offered
from orders.express import ahead_of
from orders.models import Order, PollSpell
from orders.settlement import settle
from orders.states import Status
from pos.models import ControllerStatus, PointOfSale
from pos.services import report
from stores import metrics
from tests.factories import ApplicationFactory, OrderFactory
from tests.orders.conftest import remote

pytestmark = pytest.mark.postgresql
SAID = ("Content-Type", "Content-Length", "Cache-Control", "X-Content-Type-Options", "order-version", "client-id")
_TAXES = [{"type": "IVA", "value": "80.00", "percentage": "19"}]


@pytest.fixture(autouse=True)
def nothing_kept() -> None:
    offered._kept.clear()


@pytest.fixture
def shortly(pos) -> Callable[[], tuple[int, dict[str, str], bytes] | None]:
    """Ask the short way; None when it leaves the answer to Django."""
    leave = ahead_of(lambda _environ, _start_response: [])
    environ = RequestFactory().get(f"/mp/orders/{pos.poll_token}").environ

    def ask() -> Any:
        head: list[Any] = []

        def start_response(*said: Any) -> Any:
            head.extend(said)

        body = b"".join(leave(dict(environ), start_response))
        return (int(head[0][:3]), {n: v for n, v in head[1] if n in SAID}, body) if head else None

    return ask


@pytest.fixture
def as_the_view_says(client, pos) -> Callable[[], tuple[int, dict[str, str], bytes]]:
    def ask() -> Any:
        answer = client.get(pos.poll_url)
        return answer.status_code, {n: v for n, v in answer.headers.items() if n in SAID}, answer.content

    return ask


def _in_process(pos: PointOfSale) -> None:
    report(pos, ControllerStatus.IN_PROCESS, amount_so_far=Decimal("12.50"))


def _offline(pos: PointOfSale) -> None:
    report(pos, ControllerStatus.OFFLINE)


def _never_reported(pos: PointOfSale) -> None:
    PointOfSale.objects.update(heartbeat=30)


def _silent(pos: PointOfSale) -> None:
    PointOfSale.objects.update(heartbeat=30, status_at=timezone.now() - timedelta(seconds=31))


def _reports(pos: PointOfSale) -> None:
    PointOfSale.objects.update(heartbeat=30, status_at=timezone.now())


def _closed(pos: PointOfSale) -> None:
    order = OrderFactory.create(pos=pos)
    Order.objects.filter(pk=order.pk).update(
        status=Status.CLOSED, closed_at=timezone.now(), payment_status="paid", paid_amount=500
    )


def _canceled_after_a_paid_one(pos: PointOfSale) -> None:
    _closed(pos)
    OrderFactory.create(pos=pos, status=Status.CANCELED)


def _off(pos: PointOfSale) -> None:
    OrderFactory.create(pos=pos)
    PointOfSale.objects.update(is_active=False)


def _store_off(pos: PointOfSale) -> None:
    OrderFactory.create(pos=pos)
    pos.store.is_active = False
    pos.store.save()


def _account_off(pos: PointOfSale) -> None:
    OrderFactory.create(pos=pos)
    pos.store.account.is_active = False
    pos.store.account.save()


def _past_its_time(pos: PointOfSale) -> None:
    OrderFactory.create(pos=pos, expires_at=timezone.now() - timedelta(seconds=1))


def _order(pos: PointOfSale) -> None:
    _offline(pos)
    OrderFactory.create(pos=pos, title="Nafta súper ⛽", taxes=_TAXES)


def _order_of_a_connected_account(pos: PointOfSale) -> None:
    account = pos.store.account
    account.application, account.sponsor_id = ApplicationFactory.create(), 4711
    account.save()
    OrderFactory.create(pos=pos, marketplace_fee=Decimal("12.50"), taxes=_TAXES)


def _covered_and_not_closed(pos: PointOfSale) -> None:
    OrderFactory.create(pos=pos, payment_status="paid", paid_amount=500)


SITUATIONS = [
    lambda _pos: None, _in_process, _offline, _never_reported, _silent, _reports, _closed, _canceled_after_a_paid_one,
    _off, _store_off, _account_off, _past_its_time, _order, _order_of_a_connected_account, _covered_and_not_closed,
]  # fmt: skip


@pytest.mark.parametrize("dialect", ["v1", "v2"])
@pytest.mark.parametrize("arrange", SITUATIONS)
def test_it_says_the_same_as_the_view(pos, shortly, as_the_view_says, arrange, dialect) -> None:
    pos.store.account.dialect = dialect
    pos.store.account.save()
    arrange(pos)
    as_the_view_says()  # writes what there is to write
    expected = as_the_view_says()
    assert shortly() == expected


@pytest.mark.parametrize("own", ["v1", "v2"])
def test_the_point_of_sale_s_own_dialect_goes_before_the_account_s(pos, order, shortly, as_the_view_says, own) -> None:
    pos.store.account.dialect = "v2" if own == "v1" else "v1"
    pos.store.account.save()
    PointOfSale.objects.update(dialect=own)
    assert [as_the_view_says(), as_the_view_says()][1] == shortly()


@pytest.mark.django_db(transaction=True)  # a row's version is the transaction that wrote it
def test_what_is_to_be_written_is_left_to_the_view(pos, order, shortly, as_the_view_says) -> None:
    assert shortly() is None  # never polled
    PointOfSale.objects.update(last_polled_at=timezone.now())
    assert shortly() is None  # never shown
    first = as_the_view_says()
    assert shortly() is None  # marking it as shown was a change
    assert as_the_view_says() == first == shortly()
    PointOfSale.objects.update(last_polled_at=timezone.now() - timedelta(seconds=10))
    assert shortly() is None


def test_a_rest_is_left_to_the_view(order, paid, payment, shortly, as_the_view_says) -> None:
    settle(order.pk, remote(paid(order, payment(1, 300), status="opened")), actor="test")
    as_the_view_says()
    assert as_the_view_says()[0] == 200
    assert shortly() is None


@pytest.mark.parametrize("token", ["x" * 43, "short", "", "a/b", "é" * 30, "\x00" * 20, "x" * 5000])
def test_an_unknown_token_is_left_to_the_view(db, token) -> None:
    connection.ensure_connection()
    assert _passes_on({"PATH_INFO": f"/mp/orders/{token}", "REQUEST_METHOD": "GET"})


@pytest.mark.parametrize("behind", ["\x00", "\x00junk", "/", " "])
def test_a_token_with_something_behind_it_is_another_one(pos, shortly, as_the_view_says, behind) -> None:
    as_the_view_says()
    assert shortly() is not None
    assert _passes_on({"PATH_INFO": f"/mp/orders/{pos.poll_token}{behind}", "REQUEST_METHOD": "GET"})


@pytest.mark.parametrize("method", ["POST", "HEAD", "OPTIONS", "DELETE"])
def test_other_methods_are_left_to_the_view(pos, as_the_view_says, method) -> None:
    as_the_view_says()
    assert _passes_on({"PATH_INFO": f"/mp/orders/{pos.poll_token}", "REQUEST_METHOD": method})


def _passes_on(environ: dict[str, str]) -> bool:
    def answer(*_said: Any) -> Any:
        pytest.fail("was answered")

    return list(ahead_of(lambda _environ, _start_response: [b"Django's"])(environ, answer)) == [b"Django's"]


def test_it_asks_the_database_once(order, shortly, as_the_view_says, monkeypatch) -> None:
    for _poll in range(2):
        as_the_view_says()
    shortly()
    asked: list[bytes] = []
    pgconn = connection.connection.pgconn

    class Counting:
        def exec_prepared(self, name: bytes, parameters: list[bytes]) -> Any:
            asked.append(name)
            return pgconn.exec_prepared(name, parameters)

    link = SimpleNamespace(pgconn=Counting())
    monkeypatch.setattr(express, "_here", SimpleNamespace(django=SimpleNamespace(connection=link), prepared=link))
    assert shortly()[0] == 200
    assert len(asked) == 1


def test_its_polls_are_counted_in_the_spell(pos, order, shortly, as_the_view_says) -> None:
    for _poll in range(2):
        as_the_view_says()
    for _poll in range(3):
        assert shortly() is not None
    PointOfSale.objects.update(last_polled_at=timezone.now() - timedelta(seconds=10))
    as_the_view_says()
    assert PollSpell.objects.get(pos=pos).polls == 6


@pytest.mark.parametrize(
    ("answer", "prepare"), [("in_process", _in_process), ("unreachable", _offline), ("order", OrderFactory.create)]
)
def test_its_polls_are_counted_by_what_was_answered(pos, shortly, as_the_view_says, answer: str, prepare) -> None:
    def counted() -> float:
        return metrics.REGISTRY.get_sample_value("qr_polls_total", {"answer": answer}) or 0

    prepare(pos=pos)
    before = counted()
    as_the_view_says()
    assert counted() == before + 1
    assert shortly() is not None
    assert shortly() is not None
    assert counted() == before + 3


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("loss", ["the statement", "the connection", "the session"])
def test_after_a_loss_the_view_answers_and_then_it_does_again(pos, shortly, as_the_view_says, loss) -> None:
    as_the_view_says()
    expected = shortly()
    assert expected is not None
    if loss == "the statement":  # as a pooler in between may do
        connection.cursor().execute("DEALLOCATE ALL")
    elif loss == "the connection":
        connection.close()
    else:
        connection.connection.pgconn.finish()
    assert shortly() is None
    close_old_connections()  # as each request begins
    assert as_the_view_says() == expected
    assert shortly() == expected


def test_kept_answers_do_not_grow_without_end(pos, order, as_the_view_says, monkeypatch) -> None:
    monkeypatch.setattr(offered, "_MOST", 3)
    for _n in range(9):
        Order.objects.update(description="changed")
        as_the_view_says()
    assert 0 < len(offered._kept) <= 3
