"""A short hour of bad weather; `make chaos` has the long one."""

import pytest

from tests.end_to_end import leaks
from tests.end_to_end.chaos import WEATHER, play
from tests.end_to_end.station import open_station

pytestmark = pytest.mark.stack


def test_in_the_worst_of_weathers_every_peso_is_accounted_for(tmp_path) -> None:
    with open_station(tmp_path, {"LOG_FORMAT": "json"}) as station:  # as in a deployment
        tally = play(station, orders=48, pumps=12, kills=1, quiet_within=60, catch_up=True, say=print)
        leaks.refuse(station)
    print(tally)  # noqa: T201 - pytest shows it with a failure
    assert (tally.differences, tally.closed_twice, tally.numbered_twice) == ([], 0, 0)
    assert (sum(tally.visits.values()), tally.kills) == (48, 1)
    assert all(tally.weather[name] for name in WEATHER if name.startswith("notifications"))
