"""What all tests share. Factories give the least valid object; what a test asserts on stands in the test."""

import json
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import responses
from django.conf import settings
from django.db import connection
from rest_framework.test import APIClient

from gateway.breaker import Process
from orders.models import Order
from pos.models import PointOfSale
from pos.services import create_key
from stores import breaker
from stores.models import Account, Store
from tests import factories

PAYLOADS = Path(__file__).parent / "payloads"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--refuse-skips", action="store_true", help="fail when a test of a service or a browser is skipped"
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    reasons = {
        "postgresql": None
        if settings.DATABASES["default"]["ENGINE"].endswith("postgresql")
        else "needs a real PostgreSQL: set DATABASE_URL=postgres://…",
        "redis": None if settings.REDIS_URL else "needs a real Redis: set REDIS_URL=redis://…",
        "promtool": None if shutil.which("promtool") else "needs promtool, of Debian's prometheus",
        "browser": None if Path("/usr/bin/chromium").exists() else "needs Debian's chromium: apt-get install chromium",
    }
    for item in items:
        for mark, reason in reasons.items():
            if reason and item.get_closest_marker(mark):
                if config.getoption("--refuse-skips"):
                    raise pytest.UsageError(f"{item.nodeid} would be skipped: {reason}")
                item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(autouse=True)
def _asks_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """What another test heard of Mercado Pago is forgotten; pauses go by the time that tests travel in."""
    monkeypatch.setattr(breaker, "_PROCESS", Process(clock=time.time, patience=0))


@pytest.fixture
def account(db: None) -> Account:
    return factories.AccountFactory.create()


@pytest.fixture
def store(account: Account) -> Store:
    return factories.StoreFactory.create(account=account)


@pytest.fixture
def pos(store: Store) -> PointOfSale:
    return factories.PosFactory.create(store=store)


@pytest.fixture
def order(pos: PointOfSale) -> Order:
    """500.00 ARS, open, not served yet."""
    return factories.OrderFactory.create(pos=pos)


@pytest.fixture
def pump(store: Store) -> APIClient:
    """A controller with the key of `store`."""
    return controller(create_key(name="pump", store=store))


def controller(key: str) -> APIClient:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Api-Key {key}")
    return client


@pytest.fixture
def mercado_pago() -> Iterator[responses.RequestsMock]:
    """Mercado Pago at the socket: whatever is not registered here cannot be reached."""
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield mock


@pytest.fixture
def payload() -> Callable[[str], dict[str, Any]]:
    """A whole payload by name; vary it with `|`."""
    return lambda name: json.loads((PAYLOADS / f"{name}.json").read_text())


@pytest.fixture
def has_row_locks() -> bool:
    return connection.features.has_select_for_update
