"""Which settings are watched: who changed what, from what to what. Money has a trail of its own (`orders.trail`)."""

from collections.abc import Collection
from typing import Any

from auditlog.middleware import AuditlogMiddleware
from auditlog.models import LogEntry
from auditlog.registry import auditlog
from django.contrib.auth.models import Group, User
from django.db.models import Model
from django.db.models.signals import pre_save
from django.http import HttpRequest, HttpResponseBase

from backoffice.models import AlarmRecipient
from pos.models import ControllerKey, Hook, PointOfSale
from receipts.models import Printer, PrinterKey
from stores.fields import Sealed, Unreadable
from stores.models import Account, Application, Store

# What people set. What machines write (reports, polls, schedules) would bury it, and cost the hot paths a query.
WATCHED: dict[type[Model], tuple[str, ...]] = {
    Account: (
        "site_code", "user_id", "sponsor_id", "is_test", "is_active", "dialect", "shadows", "application",
        "marketplace_fee_percentage", "refuse_invalid_signatures",
    ),
    Application: ("name", "site_code", "client_id", "owner_id", "is_test"),
    Store: (
        "account", "external_id", "name", "street", "number", "city", "state", "reference", "latitude", "longitude",
        "time_zone", "business_hours", "day_starts", "surplus_refunds", "late_refunds", "refund_limit", "tax",
        "tax_percentage", "is_active", "receipt_language", "receipt_paper", "receipt_columns", "receipt_codepage",
        "logo", "managers",
    ),
    PointOfSale: (
        "store", "external_id", "name", "category", "dialect", "order_lifetime", "heartbeat", "is_active",
    ),
    ControllerKey: ("name", "store", "pos", "revoked", "expiry_date"),
    Hook: ("store", "pos", "url", "is_active"),
    AlarmRecipient: ("user", "store", "url", "language", "is_active"),
    Printer: (
        "store", "pos", "name", "kind", "host", "port", "columns", "codepage", "must_answer", "prints_automatically",
        "is_active",
    ),
    PrinterKey: ("name", "printer", "revoked", "expiry_date"),
    User: ("username", "email", "is_active", "is_staff", "is_superuser", "password", "groups", "user_permissions"),
    Group: ("name", "permissions"),
}  # fmt: skip
# Sealed: comparing opens them, so it is done only when one is really written, and never stops a save.
SEALED: dict[type[Model], tuple[str, ...]] = {
    Account: ("access_token", "webhook_secret"),
    Application: ("client_secret",),
    Hook: ("secret",),
    AlarmRecipient: ("secret",),
}


def start() -> None:
    """Have the changes of what is watched written down, with the person who made them."""
    for model, fields in WATCHED.items():
        many = {field.name for field in model._meta.many_to_many} & {*fields}
        auditlog.register(
            model,
            include_fields=[*fields],
            mask_fields=["password"] if "password" in fields else [],
            mask_callable="backoffice.watching.hide",
            m2m_fields=many,
        )
    for model in SEALED:
        pre_save.connect(_note_secrets, sender=model, dispatch_uid="changed secrets")


def hide(secret: str) -> str:
    """That a secret changed is told, and whether there was one: nothing of it, not even its end or its length."""
    return "" if secret in ("", "None") else "…"


def _note_secrets(
    sender: type[Model], instance: Model, raw: bool = False, update_fields: Collection[str] | None = None, **_: Any
) -> None:
    written = [n for n in SEALED[sender] if not isinstance(instance.__dict__.get(n), Sealed)]
    written = [n for n in written if update_fields is None or n in update_fields]
    stored = None if instance._state.adding or not written else sender._default_manager.filter(pk=instance.pk).first()
    if stored is None:
        return
    pairs = {n: (_opened(stored, n), _opened(instance, n)) for n in written}
    changes = {n: [hide(old), hide(new)] for n, (old, new) in pairs.items() if old != new}
    if changes:
        LogEntry.objects.log_create(instance, action=LogEntry.Action.UPDATE, changes=changes)


def _opened(row: Model, name: str) -> str:
    try:
        return getattr(row, name) or ""
    except Unreadable:
        return ""  # no key opens it any more: whatever is written now is a change


class PeopleMiddleware(AuditlogMiddleware):  # type: ignore[misc]
    """Names the person behind a change. Only where people are: machines are not asked who is logged in."""

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path.startswith("/admin/"):
            return super().__call__(request)  # type: ignore[no-any-return]
        return self.get_response(request)  # type: ignore[no-any-return]
