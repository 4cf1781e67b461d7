import pytest

from stores.models import Account
from tests.factories import AccountFactory


@pytest.fixture
def seller(db: None) -> Account:
    """The account that the tables name."""
    return AccountFactory.create(user_id=178106235)
