"""Once a release is out, no migration stops the sales: docs/deploy.md, section 10. Judged by its SQL on PostgreSQL."""

import re
from collections.abc import Callable, Iterator, Sequence

import pytest
from django.contrib.postgres.operations import AddConstraintNotValid, ValidateConstraint
from django.db import connection, migrations, models
from django.db.migrations import Migration
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState
from django_migration_linter.sql_analyser.analyser import analyse_sql_statements
from django_migration_linter.sql_analyser.postgresql import PostgresqlAnalyser

from stores.indexes import AddIndexConcurrently, RemoveIndexConcurrently

pytestmark = pytest.mark.postgresql

# No release is published yet: the last migration of each app that the first one may have. Whoever publishes a release
# moves it to the last migrations of that release.
BASELINE = {"stores": 13, "pos": 10, "orders": 19, "notifications": 5, "receipts": 11, "backoffice": 10}
# What the linter does not look for. Both read the whole table under a lock, unless they are told not to.
_CHECKED = re.compile(r'ALTER TABLE (?P<table>"\w+") ADD CONSTRAINT .* (?:CHECK|FOREIGN KEY) (?!.*NOT VALID)')
_HELD = re.compile(r"\s*(?:UPDATE|DELETE|TRUNCATE|LOCK)\b", re.IGNORECASE)  # until its end

Judge = Callable[[Migration, ProjectState], list[str]]


def loader() -> MigrationLoader:
    return MigrationLoader(None)


def newer() -> Iterator[Migration]:
    for (app, name), migration in sorted(loader().disk_migrations.items()):
        if app in BASELINE and int(name[:4]) > BASELINE[app]:
            yield migration


@pytest.fixture
def judge(django_db_setup: None, django_db_blocker: pytest.FixtureRequest) -> Iterator[Judge]:
    """What is wrong with a migration. Nothing is carried out, so no transaction is needed around it."""
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        yield _judge
        connection.close()


def _judge(migration: Migration, before: ProjectState) -> list[str]:
    with connection.schema_editor(collect_sql=True, atomic=migration.atomic) as editor:
        migration.apply(before, editor, collect_sql=True)
    statements = [line for line in editor.collected_sql if not line.startswith("--")]
    errors, _ignored, warnings = analyse_sql_statements(
        PostgresqlAnalyser, ["BEGIN;", *statements, "COMMIT;"] if migration.atomic else statements, []
    )
    made = {found[1] for found in re.finditer(r'CREATE TABLE ("\w+")', "\n".join(statements))}
    checked = [one for one in map(_CHECKED.match, statements) if one and one["table"] not in made]
    held = [one for one in statements if _HELD.match(one)]
    return [
        *(issue.code for issue in (*errors, *warnings)),
        *["ADD_CONSTRAINT"] * len(checked),
        *["HOLDS_ROWS"] * len(held),
        *["RUN_PYTHON" for _ in _in_python(migration.operations)],
    ]


def _in_python(operations: Sequence[Operation]) -> Iterator[Operation]:
    """What no SQL tells of. A command that works in batches, after the deployment, fills rows instead."""
    for operation in operations:
        if isinstance(operation, migrations.RunPython):
            yield operation
        elif isinstance(operation, migrations.SeparateDatabaseAndState):
            yield from _in_python(operation.database_operations)


def test_no_migration_after_the_release_stops_the_sales(judge: Judge) -> None:
    states = loader()
    found = {
        f"{migration.app_label}.{migration.name}": judge(
            migration, states.project_state((migration.app_label, migration.name), at_end=False)
        )
        for migration in newer()
    }
    assert not {name: problems for name, problems in found.items() if problems}, "see docs/deploy.md, section 10"


INDEX = models.Index(fields=["reference", "id"], name="a_new_index")
CHECK = models.CheckConstraint(condition=models.Q(total_amount__gt=0), name="a_new_check")
EXISTING = "order_amount"


@pytest.mark.parametrize(
    ("problem", "operation"),
    [
        ("CREATE_INDEX", migrations.AddIndex("Order", INDEX)),
        ("DROP_INDEX", migrations.RemoveIndex("Order", EXISTING)),
        ("NOT_NULL", migrations.AddField("Order", "litres", models.IntegerField(default=0))),
        ("DROP_COLUMN", migrations.RemoveField("Order", "title")),
        ("RENAME_COLUMN", migrations.RenameField("Order", "title", "heading")),
        ("RENAME_TABLE", migrations.RenameModel("Order", "Sale")),
        ("ALTER_COLUMN", migrations.AlterField("Order", "title", models.TextField(max_length=9))),
        ("ADD_CONSTRAINT", migrations.AddConstraint("Order", CHECK)),
        ("RUN_PYTHON", migrations.RunPython(migrations.RunPython.noop)),
        ("RUN_PYTHON", migrations.SeparateDatabaseAndState([migrations.RunPython(migrations.RunPython.noop)])),
        ("HOLDS_ROWS", migrations.RunSQL("update orders_order set title = ''")),
        ("HOLDS_ROWS", migrations.RunSQL("LOCK TABLE orders_order")),
        ("ADD_UNIQUE", migrations.AddConstraint("Order", models.UniqueConstraint(fields=["title"], name="u"))),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_would_stop_them_is_found(judge: Judge, problem: str, operation: Operation) -> None:
    assert problem in judge(_of(operation), loader().project_state())


@pytest.mark.parametrize(
    "operations",
    [
        [AddIndexConcurrently("Order", INDEX)],
        [RemoveIndexConcurrently("Order", EXISTING)],
        [migrations.AddField("Order", "litres", models.IntegerField(db_default=0))],
        [migrations.AddField("Order", "litres", models.IntegerField(null=True))],
        [AddConstraintNotValid("Order", CHECK)],
        [migrations.CreateModel("Tank", [("id", models.BigAutoField(primary_key=True)), ("n", models.IntegerField())])],
        [
            migrations.SeparateDatabaseAndState(
                state_operations=[migrations.RemoveField("Order", "title")],
                database_operations=[
                    migrations.AlterField(
                        "Order", "title", models.CharField(max_length=256, blank=True, default="", db_default="")
                    )
                ],
            )
        ],
    ],
    ids=["index", "no index", "default", "nullable", "not valid", "new table", "unused"],
)
def test_what_the_page_says_to_do_instead_is_fine(judge: Judge, operations: Sequence[Operation]) -> None:
    is_alone = isinstance(operations[0], AddIndexConcurrently | RemoveIndexConcurrently)
    assert judge(_of(*operations, atomic=not is_alone), loader().project_state()) == []


def test_a_constraint_is_validated_without_a_lock(judge: Judge) -> None:
    before = loader().project_state()
    AddConstraintNotValid("Order", CHECK).state_forwards("orders", before)
    assert judge(_of(ValidateConstraint("Order", CHECK.name)), before) == []


def _of(*operations: Operation, atomic: bool = True) -> Migration:
    made: Migration = type("Migration", (Migration,), {"operations": operations, "atomic": atomic})(
        "9999_try", "orders"
    )
    return made
