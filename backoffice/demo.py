"""What a newcomer finds: an account, a store, two points of sale, a manager, and a key to play the pump with."""

import json
import os
from dataclasses import asdict, dataclass
from decimal import Decimal
from pathlib import Path

import requests
from django.conf import settings
from django.contrib.auth import get_user_model

from backoffice import roles
from backoffice.roles import Role
from pos.models import ControllerKey
from pos.services import create_key, register_pos
from stores import accounts, connecting
from stores.models import Application, Store, make_token
from stores.services import register_store

USER_ID = 446566691
SPONSOR_ID = 334249281
CLIENT_ID = "1234567890123456"
TOKEN = f"APP_USR-{CLIENT_ID}-112326-demodemodemodemodemodemodemodemo-{USER_ID}"
PEOPLE = {
    "administrator": Role.CHAIN_ADMINISTRATOR,
    "manager": Role.STATION_MANAGER,
    "cashier": Role.CASHIER,
    "auditor": Role.AUDITOR,
}
POINTS_OF_SALE = {"POS0001": "Surtidor 1", "POS0002": "Surtidor 2"}


@dataclass(frozen=True, slots=True)
class Demo:
    """What to log in with."""

    username: str
    password: str
    key: str


def seed() -> Demo:
    """Make the demo, or bring it up to date; running it again keeps all data, the password and the key."""
    account = accounts.save(site="MLA", user_id=USER_ID, access_token=TOKEN, sponsor_id=SPONSOR_ID, is_test=True)
    store = register_store(
        account,
        external_id="STORE001",
        name="Estación Caseros",
        street="Caseros",
        number="3039",
        city="Belgrano",
        state="Capital Federal",
        latitude=Decimal("-34.6352"),
        longitude=Decimal("-58.4057"),
    )
    _make_the_application()
    for external_id, name in POINTS_OF_SALE.items():
        register_pos(store, external_id=external_id, name=name, category="gas_station")
    _make_people(store)
    demo = _recall() or _remember(store)
    _hand_the_key_to_the_simulator(demo.key)
    return demo


def _make_people(store: Store) -> None:
    """One for each role, to try them: the password is the name."""
    users = get_user_model().objects
    for name, role in PEOPLE.items():
        if not users.filter(username=name).exists():
            person = users.create_user(name, password=name, is_staff=True)
            roles.give(person, role)
            if role in (Role.STATION_MANAGER, Role.CASHIER):
                store.managers.add(person)


def _make_the_application() -> None:
    """An integrator's, also at the simulator: its page has a button to connect more sellers."""
    known = {"name": "Demo integrator", "site_code": "MLA", "owner_id": SPONSOR_ID, "is_test": True}
    application, _is_new = Application.objects.get_or_create(
        client_id=CLIENT_ID, defaults=known | {"client_secret": make_token()}
    )
    _tell_the_simulator(
        f"applications/{CLIENT_ID}",
        client_secret=application.client_secret,
        redirect_uri=connecting.callback_url(),
        site=application.site_code,
    )


def _file() -> Path:
    return Path(settings.VAR_DIR) / "demo.json"


def _recall() -> Demo | None:
    """The key is stored hashed, so the demo's is kept beside the embedded database; useless without that."""
    if not _file().exists():
        return None
    demo = Demo(**json.loads(_file().read_text()))
    known = get_user_model().objects.filter(username=demo.username).exists()
    return demo if known and ControllerKey.objects.is_valid(demo.key) else None


def _remember(store: Store) -> Demo:
    demo = Demo("demo", "demo", create_key(name="Demo pump", store=store))
    users = get_user_model().objects
    manager = users.filter(username=demo.username).first() or users.create_superuser(demo.username)
    manager.set_password(demo.password)
    manager.save()
    store.managers.add(manager)
    descriptor = os.open(_file(), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(asdict(demo), file)
    return demo


def _hand_the_key_to_the_simulator(key: str) -> None:
    """So that the pump panel beside its phone works at once."""
    _tell_the_simulator("controller", api_url=settings.PUBLIC_URL, api_key=key)


def _tell_the_simulator(what: str, **body: str) -> None:
    answer = requests.put(f"{settings.MERCADO_PAGO_API_URL}/simulator/{what}", json=body, timeout=5)
    answer.raise_for_status()
