"""Reading the log of changed settings."""

from dataclasses import dataclass
from typing import Any

from auditlog.models import LogEntry
from django.contrib.admin.utils import label_for_field
from django.core.exceptions import FieldDoesNotExist
from django.db.models import Model, QuerySet
from django.utils.translation import gettext as _


@dataclass(frozen=True, slots=True)
class Change:
    """One setting, before and after, in words for people."""

    field: str
    before: str
    after: str


def history_of(row: Model) -> "QuerySet[LogEntry]":
    """The changes of one row's settings, the newest first; a hundred at most."""
    entries: QuerySet[LogEntry] = LogEntry.objects.get_for_object(row)
    return entries.select_related("actor").order_by("-pk")[:100]


def who(entry: LogEntry) -> str:
    """The person who made it; nobody is logged in where a command or a worker does."""
    return str(entry.actor or entry.actor_email or _("command line or worker"))


def changes_of(entry: LogEntry) -> list[Change]:
    """What an entry says, with the names that forms have for the fields and the choices."""
    model = entry.content_type.model_class()
    return [_change(model, name, values) for name, values in (entry.changes or {}).items()]


def _change(model: type[Model] | None, name: str, values: Any) -> Change:
    label = str(label_for_field(name, model)) if model and hasattr(model, name) else name
    if isinstance(values, dict):  # of a relation to many: what was added or taken away
        rows = ", ".join(values["objects"])
        return Change(label, "", rows) if values["operation"] == "add" else Change(label, rows, "")
    before, after = (_words(model, name, value) for value in values)
    return Change(label, before, after)


def _words(model: type[Model] | None, name: str, value: str) -> str:
    if value in ("None", ""):
        return "–"
    if value in ("True", "False"):
        return _("yes") if value == "True" else _("no")
    try:
        field: Any = model._meta.get_field(name) if model else None
    except FieldDoesNotExist:  # it was removed since
        return value
    if field is not None and field.is_relation and value.isdigit():
        row = field.related_model._default_manager.filter(pk=value).first()
        return str(row) if row else value
    return str(dict(getattr(field, "flatchoices", ())).get(value, value))
