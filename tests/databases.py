"""Databases of their own for processes that tests start, on the PostgreSQL of this run."""

import contextlib
import secrets
from collections.abc import Iterator

import psycopg
from django.conf import settings


@contextlib.contextmanager
def new_database() -> Iterator[str]:
    """The URL of an empty one, which is gone afterwards."""
    database = settings.DATABASES["default"]
    name = f"qr_test_{secrets.token_hex(4)}"
    login = {name: database[name.upper()] for name in ("host", "port", "user", "password") if database[name.upper()]}
    with psycopg.connect(dbname="postgres", autocommit=True, **login) as server:
        server.execute(f"CREATE DATABASE {name}")
        who = login.get("user", "") + (f":{login['password']}" if "password" in login else "")
        try:
            yield f"postgres://{who}@{login.get('host', '')}:{login.get('port', 5432)}/{name}"
        finally:
            server.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
