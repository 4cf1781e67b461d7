"""One running station for all end-to-end tests; a pump of its own for each."""

from collections.abc import Iterator

import pytest

from tests.end_to_end import leaks
from tests.end_to_end.station import Pump, Station, open_station


@pytest.fixture(scope="package")
def station(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Station]:
    with open_station(tmp_path_factory.mktemp("var")) as station:
        yield station
        print(station.stack.last_words())  # noqa: T201 - pytest shows it with a failure
        leaks.refuse(station)


@pytest.fixture
def pump(station: Station) -> Iterator[Pump]:
    pump = station.register_pos()
    yield pump
    for scan_id in pump.scans:
        if pump.phone(scan_id)["state"] != "paid":
            station.phone("POST", f"scans/{scan_id}/abort")
