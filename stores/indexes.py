"""Indexes for tables that are large and in use: built without a lock that a poll or a sale would wait for.

A migration that uses one stands alone and has `atomic = False`; docs/deploy.md says why.
"""

from typing import Any

from django.contrib.postgres import operations
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

_IS_BROKEN = "SELECT 1 FROM pg_index WHERE indexrelid = to_regclass(%s) AND NOT indisvalid"


class AddIndexConcurrently(operations.AddIndexConcurrently):
    """Django's, which on SQLite is a plain AddIndex, and which can be run again after it was cut off."""

    def database_forwards(self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, *states: Any) -> None:
        if schema_editor.connection.vendor != "postgresql":
            migrations.AddIndex.database_forwards(self, app_label, schema_editor, *states)
            return
        schema_editor.execute("SET lock_timeout TO 0")  # it waits for old transactions, but nobody waits for it
        name = schema_editor.quote_name(self.index.name)
        if not schema_editor.collect_sql and _is_broken(schema_editor, name):
            schema_editor.execute(f"DROP INDEX CONCURRENTLY {name}")
        super().database_forwards(app_label, schema_editor, *states)
        schema_editor.execute("RESET lock_timeout")

    def database_backwards(self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, *states: Any) -> None:
        is_postgresql = schema_editor.connection.vendor == "postgresql"
        kind = operations.AddIndexConcurrently if is_postgresql else migrations.AddIndex
        kind.database_backwards(self, app_label, schema_editor, *states)


class RemoveIndexConcurrently(operations.RemoveIndexConcurrently):
    """Django's, which on SQLite is a plain RemoveIndex."""

    def database_forwards(self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, *states: Any) -> None:
        is_postgresql = schema_editor.connection.vendor == "postgresql"
        kind = operations.RemoveIndexConcurrently if is_postgresql else migrations.RemoveIndex
        kind.database_forwards(self, app_label, schema_editor, *states)

    def database_backwards(self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, *states: Any) -> None:
        is_postgresql = schema_editor.connection.vendor == "postgresql"
        kind = operations.RemoveIndexConcurrently if is_postgresql else migrations.RemoveIndex
        kind.database_backwards(self, app_label, schema_editor, *states)


def _is_broken(schema_editor: BaseDatabaseSchemaEditor, name: str) -> bool:
    """Left behind half built by a run that was cut off: it is written to, never read, and in the way."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(_IS_BROKEN, [name])
        return cursor.fetchone() is not None
