"""What the tests of accounts share."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from stores.models import Application
from tests.factories import ApplicationFactory

API = "https://api.mercadopago.com"


@pytest.fixture
def application(db: None) -> Application:
    return ApplicationFactory.create()


@pytest.fixture
def manager(db: None) -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("manager"))
    return client


def grant(user_id: int, name: str = "granted", **changes: Any) -> dict[str, Any]:
    """The answer of POST /oauth/token, as Mercado Pago documents it."""
    return {
        "access_token": f"APP_USR-1234567890123456-112411-{name}-{user_id}",
        "token_type": "bearer",
        "expires_in": 15552000,
        "scope": "read write offline_access",
        "user_id": user_id,
        "refresh_token": f"TG-{name}-{user_id}",
        "public_key": "APP_USR-d0a26210-public",
        "live_mode": True,
    } | changes


def said(answer: Any) -> str:
    return " ".join(str(message) for message in answer.context["messages"])
