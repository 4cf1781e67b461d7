"""Queries that are compiled once. On hot paths the ORM takes longer to spell a SELECT than the database to answer."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, count
from typing import Any, Generic, TypeVar

from django.core.exceptions import EmptyResultSet
from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models import Model, QuerySet
from django.db.models.query import get_related_populators

Row = TypeVar("Row", bound=Model)
Argument = int | str | Sequence[int]
Shape = tuple[str | int, ...]  # of the arguments: a list of another length is another statement


@dataclass(frozen=True, slots=True)
class _Spelled:
    """A statement with where the arguments go, and the compiler that knows what its columns are."""

    sql: str
    params: tuple[Any, ...]
    places: tuple[int, ...]  # for each parameter: which of the values it is, or -1
    compiler: Any
    names: list[str]
    populators: list[Any]
    converters: Any

    def execute(self, values: list[Any]) -> list[Any]:
        params = [values[at] if at >= 0 else fixed for at, fixed in zip(self.places, self.params, strict=True)]
        with connection.cursor() as cursor:
            cursor.execute(self.sql, params)
            return cursor.fetchall()  # type: ignore[no-any-return]

    def rows(self, fetched: list[Any]) -> Iterator[Any]:
        """As `ModelIterable` makes them."""
        info = self.compiler.klass_info
        begin, end = info["select_fields"][0], info["select_fields"][-1] + 1
        for values in self.compiler.apply_converters(fetched, self.converters):
            row = info["model"].from_db(DEFAULT_DB_ALIAS, self.names, values[begin:end])
            for populator in self.populators:
                populator.populate(values, row)
            yield row


class Compiled(Generic[Row]):
    """Calls `build` once for each shape of its arguments: numbers, texts, and lists of numbers. Each call asks anew.

    `build` must put every argument into the statement as it is, once or more, and do nothing that depends on its value.
    """

    def __init__(self, build: "Callable[..., QuerySet[Row]]") -> None:
        self._build = build
        self._spelled: dict[tuple[str, Shape], _Spelled | None] = {}

    def __call__(self, *arguments: Argument) -> list[Row]:
        shape = tuple(a.__class__.__name__ if isinstance(a, int | str) else len(a) for a in arguments)
        key = connection.vendor, shape
        if key not in self._spelled:
            self._spelled[key] = self._spell(shape)
        if (spelled := self._spelled[key]) is None:
            return []
        values = list(chain.from_iterable([a] if isinstance(a, int | str) else a for a in arguments))
        return list(spelled.rows(spelled.execute(values)))

    def _spell(self, shape: Shape) -> _Spelled | None:
        numbers = count(7_100_000_001)  # that no query has by itself
        texts = (f"argument {number}" for number in count(7_100_000_001))
        marks: list[Any] = [
            [next(numbers) for _ in range(one)] if isinstance(one, int) else next(texts if one == "str" else numbers)
            for one in shape
        ]
        values = list(chain.from_iterable(mark if isinstance(mark, list) else [mark] for mark in marks))
        compiler = self._build(*marks).query.get_compiler(DEFAULT_DB_ALIAS)
        try:
            sql, params = compiler.as_sql()
        except EmptyResultSet:  # e.g. an empty list
            return None
        places = tuple(values.index(param) if param in values else -1 for param in params)
        # An empty list takes the conditions beside it away with it.
        if 0 not in shape and not {*range(len(values))} <= {*places}:
            raise TypeError(f"an argument is not in the statement as it is: {sql}")
        info, select = compiler.klass_info, compiler.select
        names = [select[at][0].target.attname for at in info["select_fields"]]
        populators = get_related_populators(info, select, DEFAULT_DB_ALIAS)  # type: ignore[call-arg]  # of Django 6
        converters = compiler.get_converters([column[0] for column in select])
        return _Spelled(sql, tuple(params), places, compiler, names, populators, converters)
