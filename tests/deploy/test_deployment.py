"""docs/deploy.md on a machine of its own: the units' processes behind TLS, on PostgreSQL and Redis."""

import pytest

from tests.deploy.machine import Machine
from tests.deploy.roads import Systemd

pytestmark = [pytest.mark.stack, pytest.mark.postgresql, pytest.mark.redis, pytest.mark.proxy]


def test_the_page_leads_a_stranger_to_a_printed_receipt(receipt: str) -> None:
    assert "10,5 L × $ 1.200,00" in receipt
    assert "0001-00000001" in receipt


def test_every_health_check_says_well_and_then_ill(road: Systemd, machine: Machine) -> None:
    from tests.deploy import recipes

    for name in ("web", "worker", "beat"):
        machine.run(*recipes.health_check(name), env={"PORT": str(machine.web_ports[0])})
    for name in ("web", "worker", "beat"):
        with pytest.raises(AssertionError, match="ended with 1"):
            machine.run(*recipes.health_check(name), env={"PORT": "1", "REDIS_URL": "redis://127.0.0.1:1", "VAR_DIR": "/"})
