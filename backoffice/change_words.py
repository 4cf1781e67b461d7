"""How changes of some settings are told: what the log of changes keeps as JSON, as a code or as a bare number."""

import json
from decimal import Decimal

from auditlog.models import LogEntry
from django.contrib.auth.models import User
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from backoffice import roles
from stores import changes, hours
from stores.amounts import with_currency
from stores.models import Store


def start() -> None:
    changes.told_as(User, "groups", lambda name, _entry: roles.called(name))
    changes.told_as(Store, "business_hours", _hours)
    changes.told_as(Store, "refund_limit", _amount)
    changes.named(User, "managers", _("stores"))  # the store's field, changed from the person's side
    changes.named(User, "is_staff", _("access to the back-office"))  # Django's own name says it in no language


def _hours(text: str, _entry: LogEntry) -> str:
    return "; ".join(f"{day}: {slots}" for day, slots in hours.lines(json.loads(text))) or "–"


def _amount(text: str, entry: LogEntry) -> StrOrPromise:
    store = Store.objects.select_related("account").filter(pk=entry.object_id).first()
    return with_currency(Decimal(text), store.account.site) if store else text
