"""Each address of the back-office for each role: the table `doors.txt`, which people read before it is changed.

A line is an address, with what is one's own in it, and per role what GET and an empty POST are answered. After a change
that is meant: `WRITE_DOORS=1 pytest tests/backoffice/test_every_door.py`, then read the difference.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.db import transaction
from django.test import Client
from django.urls import reverse

from backoffice import roles
from backoffice.roles import Role
from stores.models import Store
from tests.backoffice.stations import Station, add_what_no_store_has, build
from tests.backoffice.test_scoping import HARMLESS, OF_MANY, OF_ONE_THING, STANDARD, TESTED_BELOW, address, patterns

TABLE = Path(__file__).parent / "doors.txt"
OF_EVERYBODY = {"login", "login_code", "logout", "handbook_chapter", "handbook_picture"}  # also of who has no role


@pytest.fixture
def station(db: None, payload: Any) -> Station:
    station = build("Propia", 888222888, payload)
    add_what_no_store_has(station)
    return station


def doors(station: Station) -> Iterator[tuple[str, str]]:
    """A name, and the address."""
    for model in admin.site._registry:
        for page in ("changelist", "add"):
            yield f"{model._meta.label_lower} {page}", address(model, page)
    for model, rows in station.rows.items():
        for page in ("change", "history", "delete"):
            yield f"{model._meta.label_lower} {page}", address(model, page, rows[0])
    for name, of in OF_ONE_THING.items():
        yield name, reverse(f"admin:{name}", kwargs=of(station))
    for name, cases in OF_MANY.items():
        for kwargs, _query in cases:
            yield " ".join([name, *kwargs.values()]), reverse(f"admin:{name}", kwargs=kwargs)
    for name in HARMLESS - OF_EVERYBODY:
        yield name, reverse(f"admin:{name}")


def visitors(station: Station) -> Iterator[tuple[str, Client]]:
    """One of each role, who looks after the station; and whoever has none."""
    for role in (*Role, None):
        user = User.objects.create_user(f"a {role}", is_staff=True)
        roles.give(user, role)
        for store in station.rows[Store]:
            store.managers.add(user)
        client = Client(raise_request_exception=False)
        client.force_login(user)
        yield role or "no role", client


def knock(client: Client, url: str) -> str:
    """What comes of both, undone at once."""
    heard = []
    for method in (client.get, client.post):
        with transaction.atomic():
            answer: Any = method(url)
            heard.append("login" if answer.get("Location", "").startswith("/admin/login") else str(answer.status_code))
            if answer.streaming:
                assert b"".join(answer.streaming_content)  # its file is closed with its end
            transaction.set_rollback(True)
    return "/".join(heard)


def test_what_each_role_hears_at_each_door(station, mercado_pago) -> None:
    people = dict(visitors(station))
    lines = ["{:<44}".format("GET/POST") + "".join(f"{name:<21}" for name in people)]
    for name, url in sorted({*doors(station)}):  # some are asked for in several ways
        lines.append(f"{name:<44}" + "".join(f"{knock(client, url):<21}" for client in people.values()))
    found = "".join(f"{line.rstrip()}\n" for line in lines)
    if os.environ.get("WRITE_DOORS"):
        TABLE.write_text(found)
    assert found == TABLE.read_text(), "what a role may do has changed: see above how to say that it is meant"
    assert not mercado_pago.calls


def test_the_table_has_every_door_in_it() -> None:
    names = {pattern.name for pattern in patterns(admin.site.get_urls())} - {None}
    models = {model._meta.label_lower: model for model in admin.site._registry}
    of_models = {f"{label.replace('.', '_')}_{page}" for label in models for page in STANDARD}
    listed = {line.split()[0] for line in TABLE.read_text().splitlines()}
    assert names - of_models - listed == OF_EVERYBODY | TESTED_BELOW
    assert {*models} <= listed
