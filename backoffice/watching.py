"""Which settings are watched: who changed what, from what to what. Money has a trail of its own (`orders.trail`)."""

from auditlog.registry import auditlog
from django.contrib.auth.models import Group, User
from django.db.models import Model

from pos.models import ControllerKey, Hook, PointOfSale
from receipts.models import Printer, PrinterKey
from stores.models import Account, Application, Store

# What people set. What machines write (reports, polls, schedules) would bury it, and cost the hot paths a query.
WATCHED: dict[type[Model], tuple[str, ...]] = {
    Account: (
        "site_code", "user_id", "sponsor_id", "is_test", "is_active", "dialect", "shadows", "application",
        "marketplace_fee_percentage", "refuse_invalid_signatures", "access_token", "webhook_secret",
    ),
    Application: ("name", "site_code", "client_id", "owner_id", "is_test", "client_secret"),
    Store: (
        "account", "external_id", "name", "street", "number", "city", "state", "reference", "latitude", "longitude",
        "time_zone", "business_hours", "surplus_refunds", "late_refunds", "tax", "tax_percentage", "is_active",
        "receipt_language", "receipt_paper", "receipt_columns", "receipt_codepage", "logo", "managers",
    ),
    PointOfSale: (
        "store", "external_id", "name", "category", "dialect", "order_lifetime", "heartbeat", "is_active",
    ),
    ControllerKey: ("name", "store", "pos", "revoked", "expiry_date"),
    Hook: ("store", "pos", "url", "is_active", "secret"),
    Printer: (
        "store", "pos", "name", "kind", "host", "port", "columns", "codepage", "must_answer", "prints_automatically",
        "is_active",
    ),
    PrinterKey: ("name", "printer", "revoked", "expiry_date"),
    User: ("username", "email", "is_active", "is_staff", "is_superuser", "password", "groups", "user_permissions"),
    Group: ("name", "permissions"),
}  # fmt: skip
SECRETS = {"access_token", "webhook_secret", "client_secret", "secret", "password"}


def start() -> None:
    """Have the changes of what is watched written down, with the person who made them."""
    for model, fields in WATCHED.items():
        many = {field.name for field in model._meta.many_to_many} & {*fields}
        auditlog.register(
            model,
            include_fields=[*fields],
            mask_fields=[*SECRETS.intersection(fields)],
            mask_callable="backoffice.watching.hide",
            m2m_fields=many,
        )


def hide(secret: str) -> str:
    """That a secret changed is told; of the secret, at most its last four characters."""
    return f"…{secret[-4:]}" if len(secret) >= 16 else "…"
