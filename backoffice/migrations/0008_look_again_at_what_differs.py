from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.utils import timezone


def look_again(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """What came after a close is noted from now on: of those that differ already, at the next look."""
    apps.get_model("backoffice", "Closing").objects.filter(differs=True).update(compare_at=timezone.now())


class Migration(migrations.Migration):
    dependencies = [("backoffice", "0007_closings_wait_for_people")]
    operations = [migrations.RunPython(look_again, migrations.RunPython.noop)]
