"""News that is lost, comes twice, late, or in another order; and the same without threads and clocks."""

import heapq
import itertools
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import responses

from simulator import chaos as knobs
from simulator import deliveries
from tests.simulator.conftest import Merchant, Seller
from tests.simulator.process import wait_for


@pytest.fixture
def ipn_only(merchant: Merchant, offer) -> None:
    """One delivery an event."""
    merchant.says(offer | {"notification_url": f"{merchant.url}/news?source_news=ipn"})


def ids(merchant: Merchant, topic: str) -> list[str]:
    """Of the resources that news came of, in the order in which it came."""
    queries = [parse_qs(urlsplit(delivery["path"]).query) for delivery in merchant.deliveries]
    return [query["id"][0] for query in queries if query.get("topic") == [topic]]


def test_dropped_news_comes_in_no_shape_and_is_not_in_the_log(seller: Seller, merchant: Merchant, offer, scan, chaos):
    merchant.says(offer)
    chaos(notifications_dropped=1)
    lost = str(scan("ready")["merchant_order_id"])
    chaos()
    kept = str(scan("ready")["merchant_order_id"])
    wait_for(lambda: len(merchant.deliveries) == 2)
    wait_for(lambda: len(news_in_the_log(seller, kept)) == 2)
    assert not [delivery for delivery in merchant.deliveries if lost in delivery["path"]]
    assert news_in_the_log(seller, lost) == []


def news_in_the_log(seller: Seller, resource: str) -> list[str]:
    exchanges = seller.phone("GET", "exchanges")["exchanges"]
    return [e["url"] for e in exchanges if e["kind"] == "notification" and resource in e["url"]]


def test_duplicated_news_comes_a_second_time_shortly_after(merchant: Merchant, ipn_only, scan, chaos) -> None:
    chaos(notifications_duplicated=1)
    order = scan("ready")["merchant_order_id"]
    wait_for(lambda: len(merchant.deliveries) == 2)
    first, second = merchant.deliveries
    assert ids(merchant, "merchant_order") == [str(order)] * 2
    assert 0.4 < second["at"] - first["at"] < 5
    assert first["body"] == second["body"]


def test_delayed_news_comes_later(merchant: Merchant, ipn_only, scan, pay, chaos) -> None:
    chaos(notifications_delayed=1, notification_delay=1.5)
    ready = scan("ready")
    chaos()
    pay(ready)
    wait_for(lambda: len(merchant.deliveries) == 3)
    *prompt, late = merchant.deliveries
    assert late["at"] - prompt[0]["at"] > 1
    assert late["body"]["topic"] == "merchant_order"


def test_reordered_news_comes_in_another_order(merchant: Merchant, ipn_only, scan, pay, chaos) -> None:
    chaos(notifications_reordered=1, reorder_window=1, seed=2)
    ready = scan("ready")
    for _ in range(8):
        paid = pay(ready, amount="10")
    wait_for(lambda: len(merchant.deliveries) == 17)
    sent = [str(payment["id"]) for payment in paid["payments"]]
    came = ids(merchant, "payment")
    assert sorted(came) == sent
    assert came != sent


class Clock:
    """Does what is scheduled, in the order of its time, and waits for nothing."""

    def __init__(self) -> None:
        self.now = 0.0
        self._work: list[tuple[float, int, Callable[[], None]]] = []
        self._counter = itertools.count()

    def schedule(self, seconds: float, work: Callable[[], None]) -> None:
        heapq.heappush(self._work, (self.now + seconds, next(self._counter), work))

    def run(self) -> None:
        while self._work:
            self.now, _, work = heapq.heappop(self._work)
            work()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[Clock]:
    clock = Clock()
    monkeypatch.setattr(deliveries, "schedule", clock.schedule)
    yield clock
    knobs.change({})


@pytest.fixture
def news(clock: Clock) -> Iterator[list[tuple[float, str]]]:
    """When which payment's news came."""
    came: list[tuple[float, str]] = []

    def confirm(request: Any) -> tuple[int, dict[str, str], str]:
        came.append((round(clock.now, 2), parse_qs(urlsplit(request.url).query)["id"][0]))
        return 200, {}, ""

    with responses.RequestsMock(assert_all_requests_are_fired=False) as wire:
        wire.add_callback("POST", "http://merchant.example/news", confirm)
        yield came


def announce(*payments: int) -> None:
    for payment in payments:
        deliveries.announce("payment", payment, "http://merchant.example/news")


def test_a_duplicate_comes_half_a_second_later(clock: Clock, news) -> None:
    knobs.change({"notifications_duplicated": 1})
    announce(1)
    clock.run()
    assert news == [(0, "1"), (0.55, "1")]


def test_a_delay_is_as_long_as_asked(clock: Clock, news) -> None:
    knobs.change({"notifications_delayed": 1, "notification_delay": 40})
    announce(1)
    clock.run()
    assert news == [(40, "1")]


def test_the_bag_is_emptied_a_window_after_the_first_came_in(clock: Clock, news) -> None:
    knobs.change({"notifications_reordered": 1, "reorder_window": 3})
    announce(1, 2, 3)
    clock.run()
    announce(4)
    clock.run()
    assert [when for when, _ in news] == [3, 3.01, 3.02, 6.02]
    assert deliveries.bag == []


def test_an_equal_seed_makes_an_equal_disorder(clock: Clock, news) -> None:
    wild = {name: 0.5 for name in knobs.PROBABILITIES if name.startswith("notifications_")}

    def play(seed: int) -> list[tuple[float, str]]:
        news.clear()
        clock.now = 0
        knobs.change(wild | {"seed": seed})
        announce(*range(20))
        clock.run()
        return list(news)

    first = play(1)
    assert play(1) == first
    assert play(2) != first
