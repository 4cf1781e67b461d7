"""What libraries name in English only is in people's words all the same."""

import pytest
from auditlog.models import LogEntry
from django.apps import apps
from django.utils.translation import override

from backoffice.admin.changes import BORROWED
from pos.models import ControllerKey
from receipts.models import PrinterKey
from stores.borrowed import HINTS


def test_all_that_the_log_of_changes_shows_is_among_the_texts_to_translate() -> None:
    with override("en"):
        meta = LogEntry._meta
        shown = {str(meta.get_field(name).verbose_name) for name in ("timestamp", "action")}
        shown |= {str(label) for _value, label in LogEntry.Action.choices}
        shown |= {str(meta.verbose_name), str(meta.verbose_name_plural)}
        shown.add(str(apps.get_app_config("auditlog").verbose_name))
    titles = {"Created {repr:s}", "Updated {repr:s}", "Deleted {repr:s}", "Logged {repr:s}"}
    actions = range(len(LogEntry.Action.choices))
    assert {str(LogEntry(action=action, object_repr="it")) for action in actions} == {
        title.format(repr="it") for title in titles
    }
    assert shown | titles == set(BORROWED)


@pytest.mark.parametrize("key", [ControllerKey, PrinterKey])
def test_all_that_a_key_shows_is_among_the_texts_to_translate(key) -> None:
    with override("en"):
        fields = [key._meta.get_field(name) for name in ("name", "revoked", "expiry_date")]
        hints = {str(field.help_text) for field in fields} | {str(fields[-1].verbose_name)}
    assert hints == set(HINTS)


@pytest.mark.parametrize(("language", "label"), [("es", "nombre"), ("pt-br", "nome")])
def test_a_keys_fields_have_names_in_every_language(language: str, label: str) -> None:
    with override(language):
        assert str(ControllerKey._meta.get_field("name").verbose_name) == label
        assert str(PrinterKey._meta.get_field("name").verbose_name) == label
