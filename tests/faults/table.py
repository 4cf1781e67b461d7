"""Each fault by its name: how it strikes, how it ends, and what is said of it meanwhile."""

import contextlib
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.db import connection

from tests.end_to_end.station import wait_for
from tests.faults import clock, kill_points
from tests.faults.ground import Ground
from tests.faults.kill_points import KILL_POINTS, KillPoint

Strike = Callable[[Ground], AbstractContextManager[None]]
_HOUR = 3600.0  # seconds


@dataclass(frozen=True)
class Fault:
    """`strike` breaks something and, when it is left, stops breaking it: nothing else is done by hand.

    `lasts`: seconds. `told`: what /readyz names meanwhile. `normal_within`: seconds from the end until all is as ever.
    """

    name: str
    strike: Strike
    lasts: float = 8.0
    told: str = ""
    normal_within: float = 90.0
    answers_deliveries: bool = False  # with 200 and within a second, also while it lasts


def _broken(break_it: Callable[[Ground], Any], mend_it: Callable[[Ground], Any] = lambda _ground: None) -> Strike:
    @contextlib.contextmanager
    def strike(ground: Ground) -> Iterator[None]:
        break_it(ground)
        try:
            yield
        finally:
            mend_it(ground)

    return strike


def _weather(**knobs: float) -> Strike:
    return _broken(
        lambda ground: ground.station.phone("PUT", "chaos", knobs),
        lambda ground: ground.station.phone("PUT", "chaos", {}),
    )


def _ahead(seconds: float) -> Strike:
    return _broken(
        lambda ground: clock.put(ground.signs, ahead=seconds), lambda ground: clock.put(ground.signs, ahead=0)
    )


@contextlib.contextmanager
def _two_beats(ground: Ground) -> Iterator[None]:
    stack = ground.station.stack
    stack.add("second-beat", stack.command_of("beat").replace("beat-schedule", "second-beat-schedule"))
    stack.start("second-beat")
    yield
    stack.stop("second-beat")


def _spoil_the_schedule(ground: Ground) -> None:
    """As a disk does that was full when it was written."""
    os.kill(ground.station.stack.pids()["beat"], signal.SIGKILL)
    for file in ground.station.stack.var.glob("beat-schedule*"):
        file.write_bytes(b"\0" * 100)


@contextlib.contextmanager
def _hung_in_a_transaction(ground: Ground) -> Iterator[None]:
    """As a worker does whose machine froze: the locks of every order and book are its own, and it never lets go."""
    stack = ground.station.stack
    stack.add("hung", "python manage.py shell --no-imports -c 'from tests.faults.ground import hang; hang()'")
    stack.start("hung")
    wait_for("it has its locks", _has_locks, within=60)
    yield


def _has_locks() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'hung' "
            "AND state = 'idle in transaction' AND query LIKE '%FOR UPDATE%'"
        )
        [[count]] = cursor.fetchall()
    return bool(count)


@contextlib.contextmanager
def _no_room_for_receipts(ground: Ground) -> Iterator[None]:
    """The disk is full; where none could be mounted, the folder is gone and a file stands in its place."""
    if ground.receipts_are_mounted:
        ballast = ground.receipts / "ballast"
        with contextlib.suppress(OSError), ballast.open("wb", buffering=0) as file:
            while True:
                file.write(b"\0" * 65536)
        yield
        ballast.unlink()
    else:
        away = ground.receipts.rename(ground.receipts.with_name("away"))
        ground.receipts.write_text("not a folder")
        yield
        ground.receipts.unlink()
        away.rename(ground.receipts)


def _killed_at(*points: KillPoint) -> Strike:
    """One after the other: the next one as soon as somebody died of the one before."""

    @contextlib.contextmanager
    def strike(ground: Ground) -> Iterator[None]:
        for point in points:
            kill_points.arm(point, ground.signs)
            is_over = partial(kill_points.has_killed, point, ground.signs)
            wait_for(f"{point.process} is killed at: {point.name}", is_over, within=180)
        yield

    return strike


FAULTS = (
    Fault("Redis refuses", _broken(lambda g: g.redis.stop(), lambda g: g.redis.start()), told="broker",
          answers_deliveries=True),
    Fault("Redis is silent", _broken(lambda g: g.redis.hold(), lambda g: g.redis.go_on()), told="broker",
          answers_deliveries=True),
    Fault("Redis is emptied", _broken(lambda g: g.redis.empty()), answers_deliveries=True),
    Fault("PostgreSQL is restarted",
          _broken(lambda g: g.postgresql.stop(), lambda g: g.postgresql.start()), told="database"),
    Fault("PostgreSQL crashes",
          _broken(lambda g: g.postgresql.stop("immediate"), lambda g: g.postgresql.start()), told="database"),
    Fault("PostgreSQL is out of connections", lambda g: g.postgresql.without_connections(), told="database"),
    Fault("PostgreSQL is read-only", _broken(lambda g: g.postgresql.set("default_transaction_read_only", "on"),
          lambda g: g.postgresql.set("default_transaction_read_only", "off")), told="database"),
    Fault("a process hangs in a transaction", _hung_in_a_transaction, normal_within=150),
    Fault("two beats at once", _two_beats, lasts=20),
    Fault("beat's schedule is spoilt", _broken(_spoil_the_schedule)),
    Fault("Mercado Pago is slow", _weather(api_slow=1, slow=12), lasts=20),
    Fault("Mercado Pago: 500", _weather(api_500=1)),
    Fault("Mercado Pago: 502 as HTML", _weather(api_502=1)),
    Fault("Mercado Pago: 429, Retry-After 5", _weather(api_429=1, retry_after=5)),
    Fault("Mercado Pago: 200 that is no JSON", _weather(api_no_json=1)),
    Fault("Mercado Pago: 200 of another shape", _weather(api_other_json=1)),
    Fault("Mercado Pago: bodies cut", _weather(api_cut=1)),
    Fault("Mercado Pago: wrong certificate",
          _broken(lambda g: g.station.to_mercado_pago.show(g.authority.server(is_ours=False)),
                  lambda g: g.station.to_mercado_pago.show(g.authority.server()))),
    Fault("no room for receipts", _no_room_for_receipts),
    Fault("clock an hour ahead, then back", _ahead(_HOUR), lasts=15),
    Fault("clock an hour behind, then right", _ahead(-_HOUR), lasts=15),
    Fault("killed at every point in turn, without a rest", _killed_at(*KILL_POINTS), lasts=0, normal_within=150),
    *(Fault(f"{point.process} killed: {point.name}", _killed_at(point), lasts=0, normal_within=150)
      for point in KILL_POINTS),
)  # fmt: skip
