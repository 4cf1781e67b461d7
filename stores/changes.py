"""Reading the log of changed settings."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from auditlog.models import LogEntry
from django.contrib.admin.utils import label_for_field
from django.core.exceptions import FieldDoesNotExist
from django.db.models import Model, QuerySet
from django.utils.translation import gettext as _
from django_stubs_ext import StrOrPromise

Names = Mapping[tuple[type[Model], str], str]  # of a row, by its model and key
Write = Callable[[str, LogEntry], StrOrPromise]  # of what an entry keeps, in words for people

_writes: dict[tuple[type[Model], str], Write] = {}
_names: dict[tuple[type[Model], str], StrOrPromise] = {}


@dataclass(frozen=True, slots=True)
class Change:
    """One setting, before and after, in words for people."""

    field: str
    before: str
    after: str


def told_as(model: type[Model], name: str, write: Write) -> None:
    """Have a field's values, or the names of a relation to many, told so: for whoever knows the models."""
    _writes[model, name] = write


def named(model: type[Model], name: str, label: StrOrPromise) -> None:
    """Have a field called so: one that is another model's, or that a library calls in its own way."""
    _names[model, name] = label


def history_of(row: Model) -> "QuerySet[LogEntry]":
    """The changes of one row's settings, the newest first; a hundred at most."""
    entries: QuerySet[LogEntry] = LogEntry.objects.get_for_object(row)
    return entries.select_related("actor").order_by("-pk")[:100]


def who(entry: LogEntry) -> str:
    """The person who made it; nobody is logged in where a command or a worker does."""
    return str(entry.actor or entry.actor_email or _("command line or worker"))


def names_in(entries: Iterable[LogEntry]) -> Names:
    """What the rows are called that these entries speak of: one query for each model, not for each entry."""
    keys: dict[type[Model], set[str]] = {}
    for entry in entries:
        model = entry.content_type.model_class()
        for name, values in (entry.changes or {}).items():
            related = _related(model, name)
            if related and not isinstance(values, dict):
                keys.setdefault(related, set()).update(value for value in values if value.isdigit())
    return {
        (related, str(row.pk)): str(row)
        for related, some in keys.items()
        for row in related._default_manager.select_related().filter(pk__in=some)  # names speak of others
    }


def changes_of(entry: LogEntry, names: Names | None = None) -> list[Change]:
    """What an entry says, with the names that forms have for the fields and the choices."""
    model = entry.content_type.model_class()
    known = names_in([entry]) if names is None else names
    return [_change(entry, model, name, values, known) for name, values in (entry.changes or {}).items()]


def _change(entry: LogEntry, model: type[Model] | None, name: str, values: Any, names: Names) -> Change:
    label = _label(model, name)
    if isinstance(values, dict):  # of a relation to many: what was added or taken away
        rows = ", ".join(_written(entry, model, name, value) for value in values["objects"])
        return Change(label, "", rows) if values["operation"] == "add" else Change(label, rows, "")
    before, after = (_words(entry, model, name, value, names) for value in values)
    return Change(label, before, after)


def _label(model: type[Model] | None, name: str) -> str:
    if model is None:
        return name
    if (model, name) in _names:
        return str(_names[model, name])
    return str(label_for_field(name, model)) if hasattr(model, name) else name


def _written(entry: LogEntry, model: type[Model] | None, name: str, value: str) -> str:
    write = _writes.get((model, name)) if model else None
    return str(write(value, entry)) if write else value


def _words(entry: LogEntry, model: type[Model] | None, name: str, value: str, names: Names) -> str:
    if value in ("None", ""):
        return "–"
    if value in ("True", "False"):
        return _("yes") if value == "True" else _("no")
    if related := _related(model, name):
        return names.get((related, value), value)
    choices = getattr(_field(model, name), "flatchoices", ())
    return str(dict(choices).get(value) or _written(entry, model, name, value))


def _related(model: type[Model] | None, name: str) -> type[Model] | None:
    related: type[Model] | None = getattr(_field(model, name), "related_model", None)
    return related


def _field(model: type[Model] | None, name: str) -> Any:
    try:
        return model._meta.get_field(name) if model else None
    except FieldDoesNotExist:  # it was removed since
        return None
