"""The hot paths do no more than they did: queries and calls are counted, so that a busy machine changes nothing.

Red, and rightly so? `HOT_PATHS=write pytest tests/hot_paths` on each backend writes anew what is usual.
Shown with `-s`: the functions that are called most, of every path.
"""

import json
import math
import os
from collections import Counter
from pathlib import Path
from typing import Any, Final

import pytest
from django.db import connection, transaction

from stores.models import Account
from tests.hot_paths.counting import Calls, calls_of, queries_of
from tests.hot_paths.walks import Walks

# Statements to the database, transactions not counted, on PostgreSQL and on SQLite.
QUERIES: Final = {
    "poll_nothing_to_pay": (1, 2),
    "poll_an_order": (1, 2),
    "poll_an_order_anew": (3, 2),
    "create_an_order": (6, 6),
    "take_a_delivery": (2, 2),
    "settle_a_payment": (12, 12),
}
_SHORT_WAY: Final = "orders/express.py:_ask"  # its statement goes past Django, which counts the others
MARGIN: Final = 1.10  # over the calls that are usual, which usual.json tells by backend, path and package
_FILE: Final = Path(__file__).parent / "usual.json"
_WRITES: Final = os.environ.get("HOT_PATHS") == "write"


@pytest.mark.parametrize("path", QUERIES)
@pytest.mark.django_db(transaction=True)
def test_a_hot_path_asks_and_calls_no_more_than_it_did(path, mercado_pago, payload) -> None:
    walk = getattr(Walks(mercado_pago, payload), path)
    walk()()
    queries = queries_of(walk())
    calls = calls_of(walk)
    queries += [_SHORT_WAY] * calls.functions[_SHORT_WAY]
    print(f"\n{path}: {len(queries)} queries, {calls.total} calls\n{_most(calls.functions)}")  # noqa: T201 - with -s
    allowed = dict(zip(("postgresql", "sqlite"), QUERIES[path], strict=True))[connection.vendor]
    assert len(queries) <= allowed, "\n".join([f"{path}: at most {allowed}", *queries])
    if _WRITES:
        _write(path, calls)
    usual = Counter(_read()[connection.vendor][path])
    most = math.ceil(usual.total() * MARGIN)
    grown = (
        f"{path} makes {calls.total} calls; usual are {usual.total()}, allowed {most}. More than usual, by package:\n"
        f"{_most(calls.packages - usual)}\nCalled most:\n{_most(calls.functions)}"
    )
    assert calls.total <= most, grown


def test_calls_and_queries_of_python_and_of_c_are_counted_where_they_happen(db) -> None:
    def prepare() -> Any:
        return lambda: [_shout(word) for word in ("a", "b", "c")]

    calls = calls_of(prepare)
    assert calls.functions["tests/hot_paths/test_ceilings.py:_shout"] == 3
    assert calls.functions["tests/hot_paths/test_ceilings.py calls str.upper"] == 3
    assert calls.packages["tests"] >= 6
    assert calls_of(prepare).total == calls.total


def test_statements_are_counted_and_what_frames_them_is_not(account) -> None:
    def rename() -> None:
        with transaction.atomic():
            Account.objects.filter(pk=account.pk).update(is_test=True)

    [query] = queries_of(rename)
    assert query.startswith("UPDATE")


def _shout(word: str) -> str:
    return word.upper()


def _most(counted: "Counter[str]") -> str:
    return "\n".join(f"{number:>8} {name}" for name, number in counted.most_common(15))


def _read() -> dict[str, dict[str, dict[str, int]]]:
    known: dict[str, dict[str, dict[str, int]]] = json.loads(_FILE.read_text()) if _FILE.exists() else {}
    return known


def _write(path: str, calls: Calls) -> None:
    known = _read()
    known.setdefault(connection.vendor, {})[path] = dict(sorted(calls.packages.items()))
    _FILE.write_text(json.dumps(known, indent=1, sort_keys=True) + "\n")
