"""Who may do what: four roles, as groups of Django's, from the one table below.

Each is made anew with every `migrate`: change the table, not the group. People may have other groups besides.

Station managers and cashiers see what belongs to their stores (`Store.managers`): of accounts those of their stores,
without anything secret; of Mercado Pago's deliveries those about an order of theirs. Chain administrators and auditors
see all stores. Nobody deletes anything: rows explain money, and what is not used any more is switched off.
"""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, Final

from django.apps import apps as all_apps
from django.apps.registry import Apps
from django.conf import settings
from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractUser, AnonymousUser
    from django_stubs_ext import StrOrPromise


class Role(TextChoices):
    """The name of a group, and what people call it."""

    CHAIN_ADMINISTRATOR = "chain-administrator", _("chain administrator")
    STATION_MANAGER = "station-manager", _("station manager")
    CASHIER = "cashier", _("cashier")
    AUDITOR = "auditor", _("auditor")


# A line of what each may do, for people.
MAY: Final = {
    Role.CHAIN_ADMINISTRATOR: _("Chain administrators do everything, for all stores, and manage people."),
    Role.STATION_MANAGER: _("Station managers do everything about their stores."),
    Role.CASHIER: _("Cashiers see orders and receipts of their stores, and print copies."),
    Role.AUDITOR: _("Auditors see everything and change nothing."),
}
_VERBS: Final = {"v": "view", "a": "add", "c": "change"}

# v: see, a: add, c: change. To add a refund request is to ask for a refund, to change one is to decide on it; to change
# an order is to have it checked or canceled by hand; to change a notification is to have it worked on again; to add a
# print job is to print; to change an alarm is to snooze it.
TABLE: Final[dict[str, tuple[str, str, str, str]]] = {
    #                               chain  manager cashier auditor
    "stores.account":               ("vac", "v",   "",    "v"),
    "stores.application":           ("vac", "",    "",    "v"),
    "stores.store":                 ("vac", "vc",  "v",   "v"),
    "pos.pointofsale":              ("vac", "vac", "v",   "v"),
    "pos.controllerkey":            ("vac", "vac", "",    "v"),
    "pos.hook":                     ("vac", "vac", "",    "v"),
    "pos.hookdelivery":             ("v",   "v",   "",    "v"),
    "pos.finding":                  ("v",   "v",   "",    "v"),
    "orders.order":                 ("vc",  "vc",  "v",   "v"),
    "orders.transition":            ("v",   "v",   "v",   "v"),
    "orders.merchantorder":         ("v",   "v",   "",    "v"),
    "orders.payment":               ("v",   "v",   "v",   "v"),
    "orders.refundrequest":         ("vac", "vac", "v",   "v"),
    "orders.refund":                ("v",   "v",   "v",   "v"),
    "orders.audit":                 ("v",   "v",   "",    "v"),
    "orders.difference":            ("v",   "v",   "",    "v"),
    "orders.shadowanswer":          ("v",   "",    "",    "v"),
    "notifications.notification":   ("vc",  "vc",  "",    "v"),
    "receipts.receipt":             ("v",   "v",   "v",   "v"),
    "receipts.receiptbook":         ("v",   "v",   "",    "v"),
    "receipts.document":            ("v",   "v",   "",    "v"),
    "receipts.copy":                ("va",  "va",  "va",  "v"),
    "receipts.receiptmail":         ("v",   "v",   "",    "v"),
    "receipts.printer":             ("vac", "vac", "v",   "v"),
    "receipts.printerkey":          ("vac", "vac", "",    "v"),
    "receipts.printjob":            ("va",  "va",  "va",  "v"),
    "orders.moneyentry":            ("v",   "v",   "",    "v"),
    "backoffice.alarm":             ("vc",  "vc",  "",    "v"),
    "backoffice.alarmrecipient":    ("vac", "vac", "",    "v"),
    "backoffice.decision":          ("va",  "va",  "",    "v"),
    "backoffice.closing":           ("va",  "va",  "",    "v"),
    "backoffice.shift":             ("va",  "va",  "",    "v"),
    "backoffice.reopening":         ("va",  "va",  "",    "v"),
    "backoffice.settlementrun":     ("va",  "",    "",    "v"),
    "backoffice.settlementrow":     ("v",   "v",   "",    "v"),
    "auditlog.logentry":            ("v",   "",    "",    "v"),
    "auth.user":                    ("vac", "",    "",    "v"),
}  # fmt: skip
MORE: Final[dict[str, tuple[Role, ...]]] = {
    "stores.see_all_stores": (Role.CHAIN_ADMINISTRATOR, Role.AUDITOR),
    "stores.set_refund_limit": (Role.CHAIN_ADMINISTRATOR,),
}


def permissions_of(role: Role) -> Iterator[str]:
    """As `user.has_perm` takes them."""
    for model, letters in TABLE.items():
        app, _dot, name = model.partition(".")
        yield from (f"{app}.{_VERBS[letter]}_{name}" for letter in letters[list(Role).index(role)])
    yield from (permission for permission, roles in MORE.items() if role in roles)


def who_may(*permissions: str) -> list[Role]:
    """The roles that have all of these."""
    return [role for role in Role if set(permissions) <= set(permissions_of(role))]


def called(group: str) -> "StrOrPromise":
    """What people call a group: the word for a role; another group keeps its name."""
    return Role(group).label if group in Role.values else group


def role_of(user: "AbstractUser | AnonymousUser") -> Role | None:
    """The first one in the table's order; None for whoever has none, as superusers need none."""
    names = set(user.groups.values_list("name", flat=True)) if user.pk else set()
    return next((role for role in Role if role.value in names), None)


def granted(user: "AbstractUser") -> set[str]:
    """All that this person's groups and own permissions allow, also while the log-in is switched off."""
    permissions = all_apps.get_model("auth", "Permission").objects
    own = permissions.filter(user=user.pk) | permissions.filter(group__user=user.pk)
    return {f"{app}.{name}" for app, name in own.values_list("content_type__app_label", "codename")}


def give(user: "AbstractUser", role: Role | None) -> None:
    """Let this be the person's only role. Other groups stay."""
    groups = all_apps.get_model("auth", "Group").objects
    user.groups.remove(*user.groups.filter(name__in=Role.values))  # of others the log would tell that they were taken
    if role:
        user.groups.add(groups.get(name=role.value))


def needs_second_factor(user: "AbstractUser | AnonymousUser") -> bool:
    """Whether TWO_FACTOR_REQUIRED names this person's role. Superusers count as chain administrators."""
    required = set(settings.TWO_FACTOR_REQUIRED)
    if "all" in required or not required - {"off"}:
        return "all" in required
    role = Role.CHAIN_ADMINISTRATOR if user.is_superuser else role_of(user)
    return role is not None and role.value in required


def unknown_roles(names: Iterable[str]) -> set[str]:
    """Of those that TWO_FACTOR_REQUIRED names."""
    return set(names) - {"off", "all", *Role.values}


def update(*, using: str, apps: Apps = all_apps, **_signal: Any) -> None:
    """Make the four groups, and give each just what the table says. Runs after every `migrate`."""
    try:
        groups = apps.get_model("auth", "Group").objects.using(using)
        permissions = apps.get_model("auth", "Permission").objects.using(using)
    except LookupError:
        return
    known = {
        f"{app}.{name}": pk for pk, app, name in permissions.values_list("pk", "content_type__app_label", "codename")
    }
    for role in Role:
        group, _is_new = groups.get_or_create(name=role.value)
        group.permissions.set([known[name] for name in permissions_of(role) if name in known])
