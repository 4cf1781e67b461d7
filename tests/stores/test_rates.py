"""Who comes too often waits; nobody else does."""

import pytest
import time_machine
from django.test import RequestFactory

from config.wsgi import application
from stores import rates
from stores.gate import gate
from stores.rates import Rates


def test_ten_seconds_worth_may_come_at_once_and_then_as_often_as_allowed(monkeypatch) -> None:
    now = 1000.0
    monkeypatch.setattr(rates, "monotonic", lambda: now)
    counted = Rates()
    assert [counted.wait("a", per_second=4) for _ in range(41)] == [0.0] * 41
    assert 0 < counted.wait("a", per_second=4) <= 0.25
    assert counted.wait("b", per_second=4) == 0
    now += 0.25
    assert counted.wait("a", per_second=4) == 0
    assert counted.wait("a", per_second=4) > 0
    now += 3600
    assert [counted.wait("a", per_second=4) for _ in range(41)] == [0.0] * 41


def test_without_a_limit_nobody_waits() -> None:
    counted = Rates()
    assert not any(counted.wait("a", per_second=0) for _ in range(10_000))


def test_a_million_names_are_not_remembered(monkeypatch) -> None:
    now = 1000.0
    monkeypatch.setattr(rates, "monotonic", lambda: now)
    counted = Rates()
    for number in range(25_000):
        now += 0.001
        assert counted.wait(str(number), per_second=1000) == 0
    assert len(counted._until) <= 10_000


def test_a_flood_of_one_token_is_refused_as_json_before_anything_is_asked(settings) -> None:
    settings.MERCADO_PAGO_CALLS_PER_SECOND = 1
    settings.MERCADO_PAGO_NOTIFICATIONS_PER_SECOND = 2
    asked: list[str] = []
    heads: list[tuple[str, dict[str, str]]] = []

    def application(environ, start_response):
        asked.append(environ["PATH_INFO"])
        return [b""]

    def come(path: str) -> bytes:
        environ = RequestFactory().get(path).environ
        return b"".join(gated(environ, lambda status, headers, *_: heads.append((status, dict(headers)))))  # type: ignore[arg-type]

    gated = gate(application)
    with time_machine.travel("2026-11-24", tick=False):
        for _ in range(20):
            come("/mp/orders/a")
        assert asked == ["/mp/orders/a"] * 11
        assert heads[-1][0] == "429 Too Many Requests"
        assert heads[-1][1]["Content-Type"] == "application/json"
        come("/mp/orders/b")
        come("/admin/")
        assert asked[11:] == ["/mp/orders/b", "/admin/"]
        for _ in range(30):
            come("/mp/notifications/a")
        assert asked[13:] == ["/mp/notifications/a"] * 21


def test_whoever_polls_for_a_queue_of_customers_is_far_from_the_limit(settings) -> None:
    """A phone asks once a second or two; forty cars at one pump would not be refused."""
    counted = Rates()
    assert not any(counted.wait("a", per_second=settings.MERCADO_PAGO_CALLS_PER_SECOND) for _ in range(40 * 30))


@pytest.mark.django_db(transaction=True)  # the server opens and closes connections of its own
def test_neither_is_he_refused_on_the_whole_way(order) -> None:
    answered = []
    for _ in range(200):
        environ = RequestFactory().get(f"/mp/orders/{order.pos.poll_token}").environ
        list(application(environ, lambda status, *_: answered.append(status)))  # type: ignore[arg-type]  # no write() is needed
    assert set(answered) == {"200 OK"}
