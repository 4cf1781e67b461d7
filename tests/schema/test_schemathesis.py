"""The API does what its schema says, whatever it is sent: schemathesis, over HTTP, on a store with all kinds of orders.

SCHEMATHESIS_MINUTES runs it for that long with new dice: `make schemathesis MINUTES=10`.
"""

import json
import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest

from pos import waiting
from tests.schema import world

MINUTES = float(os.environ.get("SCHEMATHESIS_MINUTES", "0"))
CONFIG = Path(__file__).with_name("schemathesis.toml")
USUAL = ["--seed", "20261124", "--max-examples", "12"]


@pytest.fixture
def no_waiting():
    """Long polls come back at once, as when too many are waiting already: otherwise nothing else would be tried."""
    for _ in range(16):
        assert waiting.WAITING.acquire(blocking=False)
    yield
    waiting.WAITING.release(16)


@pytest.fixture
def quiet():
    """What is refused a thousand times is not logged a thousand times; faults are."""
    logging.disable(logging.WARNING)
    yield
    logging.disable(logging.NOTSET)


@pytest.mark.django_db(transaction=True)
def test_the_api_keeps_to_its_schema(live_server, settings, tmp_path, no_waiting, quiet) -> None:
    settings.MERCADO_PAGO_API_URL = "http://127.0.0.1:9"  # nobody answers there
    key, orders = world.build()
    config = tmp_path / "schemathesis.toml"
    ids = [*orders, *range(orders[-1] + 1, orders[-1] + 30)]  # also of those that are made on the way
    config.write_text(CONFIG.read_text().format(key=key, orders=ids, points=json.dumps(world.POINTS)))
    command = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(config), "--no-color", "run"]
    length = ["--max-time", str(round(MINUTES * 60))] if MINUTES else USUAL
    where = [f"{live_server.url}/api/schema/", "--url", live_server.url]
    done = subprocess.run(
        [*command, *length, *where], cwd=tmp_path, stdout=None if MINUTES else subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
