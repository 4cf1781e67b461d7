"""One machine for all tests of a deployment: the units' processes behind TLS, with a sale on it already."""

from collections.abc import Iterator

import pytest

from tests.deploy.machine import new_machine
from tests.deploy.roads import Systemd, play_the_page


@pytest.fixture(scope="module")
def road(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Systemd]:
    with new_machine(tmp_path_factory.mktemp("machine")) as machine:
        road = Systemd(machine)
        road.lay_out("1.0")
        road.up()
        yield road
        print(machine.last_words())  # noqa: T201 - pytest shows it with a failure


@pytest.fixture(scope="module")
def receipt(road: Systemd) -> str:
    """What the page's last command prints."""
    return play_the_page(road)


@pytest.fixture
def trusted(road: Systemd, monkeypatch: pytest.MonkeyPatch) -> None:
    """Clients trust the proxy's certificate, as they do a real one."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(road.proxy.authority))
