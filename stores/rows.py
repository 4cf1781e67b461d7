"""Rows written with statements that are spelled once. On hot paths the ORM spells an INSERT longer than it takes."""

from collections.abc import Sequence
from functools import cache
from typing import Any

from django.db import DEFAULT_DB_ALIAS, DatabaseError, connection
from django.db.models import AutoField, Field, Model


def insert(rows: Sequence[Model]) -> None:
    """Rows of one model, new ones: what `bulk_create` does. Their keys are set; no signals are sent."""
    if not rows:
        return
    model = type(rows[0])
    if not connection.features.can_return_rows_from_bulk_insert:  # SQLite before 3.35
        model._default_manager.bulk_create(rows)
        return
    columns = _columns(model)
    places = f"({', '.join(['%s'] * len(columns))})"
    sql = f"{_insert_into(model)} {', '.join([places] * len(rows))} RETURNING {_name(_key(model))}"
    with connection.cursor() as cursor:
        cursor.execute(sql, [_value(field, row, add=True) for row in rows for field in columns])
        for row, (pk,) in zip(rows, cursor.fetchall(), strict=True):
            row.pk = pk
            row._state.adding, row._state.db = False, DEFAULT_DB_ALIAS


def update(row: Model, names: Sequence[str]) -> None:
    """What `save(update_fields=names)` does, without signals. Raises DatabaseError when the row is gone."""
    fields, sql = _update(type(row), tuple(names))
    with connection.cursor() as cursor:
        cursor.execute(sql, [*(_value(field, row, add=False) for field in fields), row.pk])
        if cursor.rowcount != 1:
            raise DatabaseError(f"{type(row).__name__} {row.pk} is not there any more: nothing was saved.")


@cache
def _insert_into(model: type[Model]) -> str:
    return f"INSERT INTO {_quoted(model._meta.db_table)} ({', '.join(map(_name, _columns(model)))}) VALUES"


@cache
def _columns(model: type[Model]) -> "list[Field[Any, Any]]":
    return [field for field in model._meta.local_concrete_fields if not isinstance(field, AutoField)]


@cache
def _update(model: type[Model], names: tuple[str, ...]) -> "tuple[list[Field[Any, Any]], str]":
    fields = [field for field in model._meta.local_concrete_fields if field.name in names]
    if len(fields) != len(names):
        raise ValueError(f"{model.__name__} has not all of these fields: {', '.join(names)}")
    changes = ", ".join(f"{_name(field)} = %s" for field in fields)
    sql = f"UPDATE {_quoted(model._meta.db_table)} SET {changes} WHERE {_name(_key(model))} = %s"  # noqa: S608 - names
    return fields, sql


def _value(field: "Field[Any, Any]", row: Model, *, add: bool) -> Any:
    return field.get_db_prep_save(field.pre_save(row, add), connection)


def _key(model: type[Model]) -> "Field[Any, Any]":
    return model._meta.pk


def _name(field: "Field[Any, Any]") -> str:
    return _quoted(str(field.column))


def _quoted(name: str) -> str:
    return connection.ops.quote_name(name)
