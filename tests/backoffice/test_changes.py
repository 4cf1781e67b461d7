"""Who changed which setting, from what to what."""

from decimal import Decimal
from importlib import import_module

import pytest
from auditlog.models import LogEntry
from django.apps import apps
from django.contrib.auth.models import User
from django.test import Client
from django.utils.translation import override

from backoffice import roles
from backoffice.roles import Role
from backoffice.watching import SEALED, WATCHED
from pos.models import ControllerStatus
from pos.services import report
from stores.changes import changes_of, history_of
from stores.fields import EncryptedTextField


@pytest.fixture
def ana(db) -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("ana"))
    return client


def form_of(page) -> dict[str, object]:
    return {k: "" if v is None else v for k, v in page.context["adminform"].form.initial.items()}


def test_a_changed_setting_names_the_person_and_both_values(ana, pos) -> None:
    address = f"/admin/pos/pointofsale/{pos.pk}/change/"
    assert ana.post(address, form_of(ana.get(address)) | {"order_lifetime": 600, "seen": ""}).status_code == 302
    (entry,) = [e for e in history_of(pos) if e.action == LogEntry.Action.UPDATE]
    assert entry.actor.username == "ana"
    assert [(c.field, c.before, c.after) for c in changes_of(entry)] == [("order lifetime", "900", "600")]
    history = ana.get(f"/admin/pos/pointofsale/{pos.pk}/history/").content.decode()
    assert "<td>order lifetime</td><td>900</td><td>600</td>" in history
    assert "ana" in ana.get("/admin/auditlog/logentry/").content.decode()


def test_choices_relations_and_yes_or_no_are_told_as_in_the_form(store, ana) -> None:
    store.refresh_from_db()
    store.late_refunds, store.is_active = "auto", False
    store.save()
    store.managers.add(User.objects.get())
    told = [(c.field, c.before, c.after) for entry in reversed(history_of(store)) for c in changes_of(entry)][-3:]
    # PostgreSQL keeps the keys of an entry in an order of its own.
    assert sorted(told) == [
        ("active", "yes", "no"),
        ("managers", "", "ana"),
        ("what was paid too late", "a person decides on a refund", "is refunded by itself"),
    ]


def test_roles_hours_and_limits_are_told_in_words(ana, store) -> None:
    store.refresh_from_db()
    store.business_hours = {"tuesday": [{"open": "08:00", "close": "18:00"}]}
    store.refund_limit = Decimal("1500")
    store.save()
    told = {c.field: (c.before, c.after) for c in changes_of(history_of(store)[0])}
    assert told == {"business hours": ("–", "Tuesday: 08:00-18:00"), "refund limit": ("–", "1,500.00 ARS")}
    roles.give(User.objects.get(), Role.STATION_MANAGER)
    assert [(c.before, c.after) for c in changes_of(history_of(User.objects.get())[0])] == [("", "station manager")]
    roles.give(User.objects.get(), Role.AUDITOR)
    given = [(c.before, c.after) for entry in history_of(User.objects.get())[:2] for c in changes_of(entry)]
    assert given == [("", "auditor"), ("station manager", "")]
    assert "station-manager" not in ana.get("/admin/auditlog/logentry/").content.decode()


def test_that_a_secret_changed_is_told_and_not_the_secret(account) -> None:
    account.refresh_from_db()
    old, account.access_token = account.access_token, "APP_USR-1-112326-another-secret-9876"
    account.save()
    entry = history_of(account)[0]
    assert [(c.before, c.after) for c in changes_of(entry)] == [("…", "…")]
    kept = str(list(LogEntry.objects.values_list("changes", flat=True)))
    assert "secret" not in kept
    assert old not in kept


def test_nothing_of_a_password_is_kept_or_shown(ana) -> None:
    person = User.objects.create_user("eva", password="a long password of hers")
    hashed = [person.password]
    person.set_password("and another one of hers")
    person.save()
    hashed.append(person.password)
    kept, page = (
        str(list(LogEntry.objects.values_list("changes", flat=True))),
        ana.get("/admin/auditlog/logentry/").content.decode(),
    )
    assert "eva" in page
    assert all(one[-4:] not in kept and f"…{one[-4:]}" not in page for one in hashed)
    assert [(c.before, c.after) for c in changes_of(history_of(person)[0])] == [("…", "…")]


def test_what_older_entries_kept_of_secrets_is_taken_out(ana) -> None:
    person = User.objects.create_user("eva", password="a long password of hers")
    LogEntry.objects.log_create(
        person, action=1, changes={"password": ["None", "…/LM="], "email": ["", "eva@example.com"]}
    )
    import_module("backoffice.migrations.0010_nothing_of_secrets").take_out(apps, None)
    entry = history_of(person)[0]
    assert entry.changes == {"password": ["", "…"], "email": ["", "eva@example.com"]}


def test_a_persons_stores_and_access_are_told_in_words(ana, store) -> None:
    eva = User.objects.create_user("eva")
    eva.managed_stores.add(store)
    eva.is_staff = True
    eva.save()
    for language, labels in (
        ("es", {"sucursales", "acceso a la administración"}),
        ("pt-br", {"lojas", "acesso à administração"}),
    ):
        with override(language):
            assert {c.field for entry in history_of(eva)[:2] for c in changes_of(entry)} == labels


def test_every_secret_that_people_enter_is_watched_and_none_is_compared_in_the_open() -> None:
    for model, fields in WATCHED.items():
        sealed = {field.name for field in model._meta.fields if isinstance(field, EncryptedTextField)}
        assert not sealed.intersection(fields)
        assert sealed - {"refresh_token"} == {*SEALED.get(model, ())}  # that one only machines write


def test_what_machines_report_is_no_change_of_a_setting(pos, django_assert_num_queries) -> None:
    before = LogEntry.objects.count()
    with django_assert_num_queries(1):
        report(pos, ControllerStatus.IN_PROCESS)
    assert LogEntry.objects.count() == before


def test_nobody_edits_the_log(ana, pos) -> None:
    pos.name = "Pump 9"
    pos.save()
    entry = history_of(pos)[0]
    before = list(LogEntry.objects.values())
    assert ana.get(f"/admin/auditlog/logentry/{entry.pk}/change/").status_code == 200
    for address in (f"{entry.pk}/change/", f"{entry.pk}/delete/", "add/"):
        assert ana.post(f"/admin/auditlog/logentry/{address}", {"action": 0}).status_code == 403
    assert list(LogEntry.objects.values()) == before
