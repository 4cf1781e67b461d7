"""What waits for a person, as lists to open: the first thing that is seen after the log-in."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.contrib.auth.models import AbstractUser, AnonymousUser
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from notifications.models import Notification
from orders.models import Difference, Order, Refund, RefundRequest
from orders.states import RequestStatus
from pos.models import Finding, HookDelivery, PointOfSale
from receipts.models import Printer, PrintJob
from receipts.states import PrinterState
from stores.models import Account, Store
from stores.registration import Registration


@dataclass(frozen=True, slots=True)
class Waiting:
    """One list, how much is on it, and where it is."""

    label: StrOrPromise
    count: int
    url: str


def waiting(user: AbstractUser | AnonymousUser) -> list[Waiting]:
    """The lists that this person may open and that are not empty."""
    return [
        Waiting(label, count, f"{reverse(f'admin:{meta.app_label}_{meta.model_name}_changelist')}?{query}")
        for label, rows, query in _lists()
        if user.has_perm(f"{(meta := rows.model._meta).app_label}.view_{meta.model_name}")
        and (count := _of(user, rows).count())
    ]


def _of(user: AbstractUser | AnonymousUser, rows: "QuerySet[Any]") -> "QuerySet[Any]":
    """What the list will show this person."""
    return admin.site.get_model_admin(rows.model).visible_to(user, rows)  # type: ignore[attr-defined,no-any-return]


def _lists() -> Iterator[tuple[StrOrPromise, "QuerySet[Any]", str]]:
    yield _("Orders that need a look"), Order.objects.exclude(attention=None), "attention__isnull=False"
    proposals = RefundRequest.objects.filter(status=RequestStatus.PROPOSED)
    yield _("Refunds that wait for a decision"), proposals, f"status__exact={RequestStatus.PROPOSED}"
    unanswered = Refund.objects.unanswered(timezone.now())
    yield _("Refunds that Mercado Pago does not answer"), unanswered, "unanswered=yes"
    yield _("Differences with Mercado Pago"), Difference.objects.filter(healed=False), "healed__exact=0"
    wrong = Account.objects.with_wrong_credentials(timezone.now())
    yield _("Accounts whose credentials are wrong"), wrong, "wrong=yes"
    yield _("Deliveries about no order of ours"), Notification.objects.left_to_people(), "left=yes"
    not_registered = [Registration.REFUSED, Registration.HOST_NOT_ENABLED]
    for model, label in (
        (Store, _("Stores that Mercado Pago does not know")),
        (PointOfSale, _("Points of sale that Mercado Pago does not know")),
    ):
        query = f"registration__in={','.join(not_registered)}"
        yield label, model._default_manager.filter(registration__in=not_registered), query
    yield _("Stores and points of sale that differ at Mercado Pago"), Finding.objects.all(), ""
    given_up = HookDelivery.objects.exclude(failed_at=None)
    yield _("Webhook deliveries that no controller took"), given_up, "state=given_up"
    yield _("Receipts that are not, or perhaps not, on paper"), PrintJob.objects.undecided(), "undecided=yes"
    query = f"state__in={PrinterState.PAPER_OUT},{PrinterState.OFFLINE}&is_active__exact=1"
    yield _("Printers without paper, or offline"), Printer.objects.in_trouble(), query
