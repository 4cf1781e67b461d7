"""Databases of their own for processes that tests start, on the PostgreSQL and the Redis of this run."""

import contextlib
import secrets
from collections.abc import Iterator
from urllib.parse import urlsplit, urlunsplit

import psycopg
import redis
from django.conf import settings

_of_redis: set[int] = set()  # those that a stack of this process uses
_IN_REDIS = 16  # what it has unless it is told otherwise


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


@contextlib.contextmanager
def new_redis() -> Iterator[str]:
    """The URL of an emptied one. Two stacks on the same would take each other's messages, and lose them."""
    parts = urlsplit(settings.REDIS_URL)
    given = int(parts.path.strip("/") or 0)
    # Tests that run side by side are given neighbours (`tests.settings`): theirs come last.
    numbers = [(given - further) % _IN_REDIS for further in (8, 0, *range(9, _IN_REDIS), *range(1, 8))]
    number = next(number for number in numbers if number not in _of_redis)
    url = urlunsplit(parts._replace(path=f"/{number}"))
    redis.Redis.from_url(url).flushdb()
    _of_redis.add(number)
    try:
        yield url
    finally:
        _of_redis.discard(number)
