"""The buttons that cure: actions that the back-office's lists have already, offered where they are needed."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from backoffice.diagnosis.facts import Facts
from orders.models import Order


@dataclass(frozen=True, slots=True)
class Cure:
    """An action of the list of a row; without an action, only the way to its page."""

    row: Callable[[Facts], Model | None]
    action: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What stands on the page: a button when `action` is set, a link when `url` alone is, else only what to ask for."""

    label: str
    url: str = ""
    action: str = ""
    pk: int | None = None


def offer(request: HttpRequest, cure: Cure, facts: Facts) -> Offer | None:
    """A button for who may press it; a link for who may only look; else whom to ask for what."""
    row = cure.row(facts)
    if row is None:
        return None
    list_of: Any = admin.site._registry[type(row)]
    meta = row._meta
    label = _label(list_of, cure.action)
    if cure.action and cure.action in list_of.get_actions(request):
        url = reverse(f"admin:{meta.app_label}_{meta.model_name}_changelist")
        return Offer(label=label, url=url, action=cure.action, pk=row.pk)
    if list_of.has_view_permission(request):
        return Offer(label=_("Open %(what)s") % {"what": row}, url=page_of(row))
    return Offer(label=_("Ask somebody who may do it: %(what)s") % {"what": label}) if cure.action else None


def page_of(row: Model) -> str:
    """Where a row can be read; an order's is its own timeline."""
    if isinstance(row, Order):
        return reverse("admin:timeline_order", args=[row.pk])
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])


def _label(list_of: Any, name: str) -> str:
    action = getattr(list_of, name, None)
    return str(getattr(action, "short_description", name))


check_now = Cure(lambda f: f.order, "check_now")
refund = Cure(lambda f: f.order, "refund")
release = Cure(lambda f: f.order if f.is_open else None, "release")
see_order = Cure(lambda f: f.order)
register_pos = Cure(lambda f: f.pos, "register_now")
register_store = Cure(lambda f: f.pos.store, "register_now")
fetch_code = Cure(lambda f: f.pos, "fetch_code")
activate_pos = Cure(lambda f: f.pos, "activate")
activate_store = Cure(lambda f: f.pos.store, "activate")
activate_account = Cure(lambda f: f.pos.store.account, "activate")
renew_token = Cure(lambda f: f.pos.store.account, "renew_token")
test_token = Cure(lambda f: f.pos.store.account, "test_credentials")
heal = Cure(lambda f: next((finding for finding in f.findings if finding.can_be_healed), None), "heal")
see_neighbour = Cure(lambda f: f.neighbour)
print_again = Cure(lambda f: f.print_job, "print_again")
see_receipt = Cure(lambda f: f.receipt)
see_printer = Cure(lambda f: f.printer)
print_posters = Cure(lambda f: f.pos, "print_posters")
verify_sticker = Cure(lambda f: f.pos, "verify_sticker")
