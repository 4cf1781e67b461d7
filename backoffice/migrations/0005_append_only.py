from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

TABLE = "backoffice_decision"


def guard(apps: object, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """The function came with the money trail; see `orders.0009_append_only`."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(
            f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON {TABLE} "
            "FOR EACH ROW EXECUTE FUNCTION refuse_to_change()"
        )


def unguard(apps: object, schema_editor: BaseDatabaseSchemaEditor) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(f"DROP TRIGGER append_only ON {TABLE}")


class Migration(migrations.Migration):
    dependencies = [("backoffice", "0004_second_factors"), ("orders", "0009_append_only")]
    operations = [migrations.RunPython(guard, unguard)]
