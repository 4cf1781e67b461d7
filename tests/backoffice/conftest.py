"""People, and what a page says to them."""

import re
from collections.abc import Callable
from html import unescape

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client

from pos.models import PointOfSale
from tests.orders.conftest import paid, payment  # noqa: F401 - fixtures of sales, here too


@pytest.fixture
def night_manager(pos: PointOfSale) -> User:
    """Manages the store of `pos`, and may look at orders and points of sale there: nothing else."""
    user = User.objects.create_user("ana", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=("view_order", "view_pointofsale")))
    pos.store.managers.add(user)
    return user


@pytest.fixture
def log_in() -> Callable[[User], Client]:
    def logged_in(user: User) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return logged_in


@pytest.fixture
def admin(db: None, log_in: Callable[[User], Client]) -> Client:
    return log_in(User.objects.create_superuser("boss"))


def sentences(page: str) -> str:
    """What stands on a page, as one line of text."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())
