from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models import Q

SECRETS = ("password", "access_token", "webhook_secret", "client_secret", "secret")


def take_out(apps: Apps, schema_editor: BaseDatabaseSchemaEditor | None) -> None:
    """The last four characters of secrets, of a password's hash too, were kept with their changes."""
    entries = apps.get_model("auditlog", "LogEntry").objects
    some = Q()
    for name in SECRETS:
        some |= Q(changes__has_key=name)
    for entry in entries.filter(some).iterator():
        for name in SECRETS:
            if isinstance(pair := entry.changes.get(name), list):
                entry.changes[name] = ["" if one in ("", "None") else "…" for one in pair]
        entries.filter(pk=entry.pk).update(changes=entry.changes)


class Migration(migrations.Migration):
    dependencies = [("backoffice", "0009_alarms"), ("auditlog", "0017_add_actor_email")]
    operations = [migrations.RunPython(take_out, migrations.RunPython.noop)]
