"""An index for a large table: on both databases, forwards and backwards, and again after it was cut off."""

from collections.abc import Iterator

import pytest
from django.db import connection, migrations, models
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

from stores.indexes import AddIndexConcurrently, RemoveIndexConcurrently

INDEX = models.Index(fields=["level", "id"], name="tank_level")
TABLE = "tests_tank"
MAKE = migrations.CreateModel(
    "Tank", [("id", models.BigAutoField(primary_key=True)), ("level", models.IntegerField())], {"indexes": []}
)


@pytest.fixture
def tanks(django_db_setup: None, django_db_blocker) -> Iterator[ProjectState]:
    """A table of its own, and not in a transaction: what is tried here refuses to be in one."""
    with django_db_blocker.unblock():
        state = run(MAKE, ProjectState())
        yield state
        with connection.schema_editor() as editor:
            editor.execute(f"DROP TABLE {TABLE}")
        connection.close()


def run(operation: Operation, before: ProjectState, *, forwards: bool = True) -> ProjectState:
    """As a migration with `atomic = False` does; what is the state after it."""
    after = before.clone()
    operation.state_forwards("tests", after)
    with connection.schema_editor(atomic=False) as editor:
        if forwards:
            operation.database_forwards("tests", editor, before, after)
        else:
            operation.database_backwards("tests", editor, after, before)
    return after


def indexes() -> set[str]:
    with connection.cursor() as cursor:
        found = connection.introspection.get_constraints(cursor, TABLE).items()
    return {name for name, said in found if said["index"] and not said["primary_key"]}


def value(query: str) -> object:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchone()[0]


def test_it_is_made_and_taken_back(tanks: ProjectState) -> None:
    run(AddIndexConcurrently("Tank", INDEX), tanks)
    assert indexes() == {"tank_level"}
    run(AddIndexConcurrently("Tank", INDEX), tanks, forwards=False)
    assert indexes() == set()


def test_it_is_removed_and_made_again(tanks: ProjectState) -> None:
    with_it = run(AddIndexConcurrently("Tank", INDEX), tanks)
    run(RemoveIndexConcurrently("Tank", "tank_level"), with_it)
    assert indexes() == set()
    run(RemoveIndexConcurrently("Tank", "tank_level"), with_it, forwards=False)
    assert indexes() == {"tank_level"}


@pytest.mark.postgresql
def test_one_that_was_cut_off_half_built_is_made_anew(tanks: ProjectState) -> None:
    run(AddIndexConcurrently("Tank", INDEX), tanks)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'tank_level'::regclass")
    run(AddIndexConcurrently("Tank", INDEX), tanks)
    assert value("SELECT indisvalid FROM pg_index WHERE indexrelid = 'tank_level'::regclass") is True


@pytest.mark.postgresql
def test_the_limit_for_locks_is_back_afterwards(tanks: ProjectState) -> None:
    before = value("SHOW lock_timeout")
    run(AddIndexConcurrently("Tank", INDEX), tanks)
    assert value("SHOW lock_timeout") == before
