from collections.abc import Iterator

import pytest

from pos.models import Hook
from stores.models import Account
from tests.factories import AccountFactory
from tests.pos.receiver import Receiver, listening


@pytest.fixture
def seller(db: None) -> Account:
    """The account that the tables name."""
    return AccountFactory.create(user_id=178106235)


@pytest.fixture
def receiver(settings) -> Iterator[Receiver]:
    settings.HOOKS_ALLOW_HTTP = True  # it is in this machine
    with listening() as receiver:
        yield receiver


@pytest.fixture
def hook(store, receiver) -> Hook:
    return Hook.objects.create(store=store, url=receiver.url)
