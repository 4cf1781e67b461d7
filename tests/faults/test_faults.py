"""The quick ones of `make faults`, with whatever database and Redis the tests are run on."""

import contextlib
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.end_to_end import leaks
from tests.end_to_end.station import Pump, Station, open_station, wait_for
from tests.faults import kill_points
from tests.faults.certificates import Authority
from tests.faults.ground import Supervisor
from tests.faults.kill_points import KILL_POINTS
from tests.faults.sales import delivering, what_is_down

pytestmark = pytest.mark.stack
POINTS = ("delivery answered, no worker told", "order closed, not committed", "one file stored, others not")


@pytest.fixture(scope="module")
def signs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("signs")


@pytest.fixture(scope="module")
def station(tmp_path_factory: pytest.TempPathFactory, signs: Path) -> Iterator[Station]:
    authority = Authority(signs)
    env = {
        "DJANGO_SETTINGS_MODULE": "tests.faults.settings",
        "FAULTS_DIR": str(signs),
        "REQUESTS_CA_BUNDLE": str(authority.file),
    }
    with open_station(tmp_path_factory.mktemp("var"), env, tls=authority.server()) as station, Supervisor(station):
        yield station
        print(station.stack.last_words())  # noqa: T201 - pytest shows it with a failure
        leaks.refuse(station)


@pytest.fixture
def pump(station: Station) -> Pump:
    return station.register_pos()


@pytest.fixture
def quiet(station: Station) -> Iterator[None]:
    """Mercado Pago sends no news."""
    station.phone("PUT", "notifications", {"enabled": False})
    yield
    station.phone("PUT", "notifications", {"enabled": True})


@contextlib.contextmanager
def weather(station: Station, **knobs: float) -> Iterator[None]:
    station.phone("PUT", "chaos", knobs)
    try:
        yield
    finally:
        station.phone("PUT", "chaos", {})


@contextlib.contextmanager
def wrong_certificate(station: Station) -> Iterator[None]:
    """The one that the wire showed first is its own; the other is nobody's."""
    with tempfile.TemporaryDirectory() as folder:
        right = station.to_mercado_pago.show(Authority(Path(folder)).server(is_ours=False))
        try:
            yield
        finally:
            station.to_mercado_pago.show(right)


def paid_order(pump: Pump) -> Any:
    order = pump.sells()
    scan = pump.scan()
    pump.until_phone(scan, state="ready")
    pump.pay(scan)
    return order


def has_failed(station: Station) -> bool:
    """What came of a delivery, until it is tried again."""
    return any(row["outcome"] == "failed" for row in station.rows("notifications.notification"))


@pytest.mark.redis
@pytest.mark.parametrize("how", ["pull", "hold"])
def test_while_redis_refuses_or_is_silent_deliveries_are_answered_and_kept(pump, station, how) -> None:
    order = paid_order(pump)
    pump.until_closed(order, within=150)
    getattr(station.to_redis, how)()
    try:
        with delivering(station) as deliveries:
            order = paid_order(pump)
            wait_for("/readyz names the broker", lambda: "broker" in what_is_down(station))
            time.sleep(2)
    finally:
        station.to_redis.mend()
    assert set(deliveries.answers) == {200}
    assert deliveries.longest < 1, deliveries
    pump.until_closed(order, within=150)
    wait_for("/readyz is content", lambda: not what_is_down(station))


def test_whatever_dies_at_any_step_the_order_closes_once_and_has_one_receipt(station, signs) -> None:
    pumps = [station.register_pos() for _ in range(3)]
    points = [point for point in KILL_POINTS if point.name in POINTS]
    for point in points:
        kill_points.arm(point, signs)
    orders = []
    while not all(kill_points.has_killed(point, signs) for point in points):
        orders = [(pump, paid_order(pump)) for pump in pumps]
        for pump, order in orders:
            pump.until_closed(order, within=180)
    transitions = [row["order"] for row in station.rows("orders.transition") if row["to_status"] == "closed"]
    receipts = station.rows("receipts.receipt")
    assert len(transitions) == len(set(transitions)) == len(receipts)
    assert sorted(row["sequence"] for row in receipts) == list(range(1, len(receipts) + 1))


@pytest.mark.parametrize(
    "fault",
    [
        lambda station: weather(station, api_429=1, retry_after=2),
        lambda station: weather(station, api_other_json=1),
        lambda station: weather(station, api_no_json=1),
        wrong_certificate,
    ],
    ids=["429 with Retry-After", "JSON of another shape", "no JSON", "wrong certificate"],
)
def test_whatever_mercado_pago_answers_the_order_closes_when_it_is_well_again(pump, station, fault) -> None:
    with fault(station):
        order = paid_order(pump)
        wait_for("a delivery has failed", lambda: has_failed(station))
        assert pump.order(order)["status"] == "open"
    closed = pump.until_closed(order, within=150)
    assert closed["attention"] is None
