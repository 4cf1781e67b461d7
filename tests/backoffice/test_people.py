"""People are managed without anybody becoming mightier than whoever manages them."""

from typing import Any

import pytest
from axes.models import AccessAttempt
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse

from backoffice import roles
from backoffice.models import SecondFactor
from backoffice.roles import Role

LIST = "/admin/auth/user/"


@pytest.fixture
def chain(db: None) -> Client:
    user = User.objects.create_user("chain", is_staff=True)
    roles.give(user, Role.CHAIN_ADMINISTRATOR)
    client = Client()
    client.force_login(user)
    return client


def page(person: User, name: str = "change") -> str:
    return f"{LIST}{person.pk}/{name}/"


def act(client: Client, action: str, *people: User, **fields: Any) -> Any:
    return client.post(LIST, {"action": action, "_selected_action": [p.pk for p in people]} | fields, follow=True)


PASSWORDS = {"password1": "a-long-pass-phrase", "password2": "a-long-pass-phrase"}


def test_a_chain_administrator_makes_a_manager_of_a_store(chain, store) -> None:
    form = {"username": "ana", "role": "station-manager", "managed_stores": store.pk, **PASSWORDS}
    answer = chain.post(f"{LIST}add/", form)
    assert answer.status_code == 302, answer.context["adminform"].form.errors
    ana = User.objects.get(username="ana")
    assert (ana.is_staff, ana.is_superuser, roles.role_of(ana)) == (True, False, Role.STATION_MANAGER)
    assert list(store.managers.all()) == [ana]
    shown = chain.get(LIST).content.decode()
    assert "station manager" in shown
    assert str(store) in shown


def test_a_manager_without_stores_is_asked_for_them(chain) -> None:
    answer = chain.post(f"{LIST}add/", {"username": "ana", "role": "cashier", **PASSWORDS})
    assert "managed_stores" in answer.context["adminform"].form.errors
    assert not User.objects.filter(username="ana").exists()


def test_a_role_is_changed_and_other_groups_stay(chain, store) -> None:
    ana = User.objects.create_user("ana", is_staff=True)
    roles.give(ana, Role.CASHIER)
    ana.groups.create(name="night shift")
    form = {"username": "ana", "role": "auditor", "is_active": "on"}
    assert chain.post(page(ana), form).status_code == 302
    assert {g.name for g in ana.groups.all()} == {"auditor", "night shift"}


def test_nobody_but_a_superuser_makes_superusers_or_touches_one(chain) -> None:
    root = User.objects.create_superuser("root", password="secret")
    ana = User.objects.create_user("ana", is_staff=True)
    assert "is_superuser" not in chain.get(page(ana)).context["adminform"].form.fields
    chain.post(page(ana), {"username": "ana", "role": "", "is_active": "on", "is_superuser": "on", "is_staff": "on",
                           "user_permissions": [p.pk for p in Permission.objects.all()[:3]]})  # fmt: skip
    ana.refresh_from_db()
    assert (ana.is_superuser, ana.user_permissions.count()) == (False, 0)
    assert chain.post(page(root), {"username": "root", "is_active": ""}).status_code == 403
    assert chain.post(page(root, "password"), {**PASSWORDS, "usable_password": "true"}).status_code == 403
    SecondFactor.objects.create(user=root, name="root")
    assert "who may do more than you" in act(chain, "reset_second_factor", root, apply="1").content.decode()
    assert SecondFactor.objects.count() == 1
    root.refresh_from_db()
    assert root.is_active
    assert root.check_password("secret")


def test_nobody_gives_what_they_do_not_have(db, store) -> None:
    clerk = User.objects.create_user("clerk", is_staff=True)
    roles.give(clerk, Role.CASHIER)
    clerk.user_permissions.set(
        Permission.objects.filter(codename__in=("view_user", "add_user", "change_user", "see_all_stores"))
    )
    client = Client()
    client.force_login(clerk)
    choices = dict(client.get(f"{LIST}add/").context["adminform"].form.fields["role"].choices)
    assert {*choices} == {"", "cashier"}
    answer = client.post(f"{LIST}add/", {"username": "ana", "role": "chain-administrator", **PASSWORDS})
    assert "role" in answer.context["adminform"].form.errors
    boss = User.objects.create_user("boss", is_staff=True, is_active=False)
    roles.give(boss, Role.CHAIN_ADMINISTRATOR)
    assert client.post(page(boss, "password"), {**PASSWORDS, "usable_password": "true"}).status_code == 403


def test_nobody_locks_themselves_out(chain) -> None:
    me = User.objects.get(username="chain")
    chain.post(page(me), {"username": "chain", "role": "cashier"})
    me.refresh_from_db()
    assert (me.is_active, roles.role_of(me)) == (True, Role.CHAIN_ADMINISTRATOR)


def test_a_lost_telephone_is_reset_and_written_down(chain) -> None:
    ana = User.objects.create_user("ana", is_staff=True)
    SecondFactor.objects.create(user=ana, name="ana")
    assert "For whoever has lost the telephone" in act(chain, "reset_second_factor", ana).content.decode()
    assert SecondFactor.objects.exists()
    assert "has no second factor any more" in act(chain, "reset_second_factor", ana, apply="1").content.decode()
    assert not SecondFactor.objects.exists()
    entry = LogEntry.objects.get(object_id=ana.pk)
    assert (entry.user.get_username(), "second factor" in entry.change_message) == ("chain", True)
    assert "second factor" in chain.get(page(ana, "history")).content.decode()


def test_a_paused_log_in_is_unlocked(chain) -> None:
    ana = User.objects.create_user("ana", password="right", is_staff=True)
    visitor = Client()
    for _ in range(5):
        visitor.post(reverse("admin:login"), {"username": "ana", "password": "wrong"})
    assert AccessAttempt.objects.exists()
    act(chain, "unlock", ana)
    assert visitor.post(reverse("admin:login"), {"username": "ana", "password": "right"}).status_code == 302


def test_one_who_was_guessed_at_from_everywhere_is_unlocked(chain, settings) -> None:
    settings.LOGIN_FAILURES_PER_HOUR = 3
    ana = User.objects.create_user("ana", password="right", is_staff=True)
    visitor = Client()
    for number in range(3):
        form = {"username": "ana", "password": "wrong"}
        visitor.post(reverse("admin:login"), form, REMOTE_ADDR=f"198.51.100.{number}")
    right = {"username": "ana", "password": "right"}
    assert visitor.post(reverse("admin:login"), right).status_code == 429
    act(chain, "unlock", ana)
    assert visitor.post(reverse("admin:login"), right).status_code == 302


def test_a_password_of_more_than_128_characters_is_refused_in_words(chain) -> None:
    ana = User.objects.create_user("ana", is_staff=True)
    long = "a-long-pass-phrase" * 8
    form = {"password1": long, "password2": long, "usable_password": "true"}
    answer = chain.post(page(ana, "password"), form, headers={"Accept-Language": "es"})
    assert "Su contraseña debe tener como máximo 128 caracteres." in answer.content.decode()


def test_groups_are_for_superusers(chain) -> None:
    assert chain.get("/admin/auth/group/").status_code == 403
    assert chain.get("/admin/auth/group/add/").status_code == 403
