"""What customers owe, and every change on the way."""

import secrets
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import F, Max, Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from gateway.sites import CURRENCY_CHOICES, Site
from orders.models.append_only import AppendOnly
from orders.states import APPROVED, Attention, LoyaltyStatus, PaymentStatus, Status
from pos.models import ControllerKey, PointOfSale
from stores.models import Account

_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # without the letters people confuse: references are read aloud
_PAID = (PaymentStatus.PAID, PaymentStatus.OVERPAID)

REFERENCE = f"[{_ALPHABET}]{{24}}"


def make_reference() -> str:
    """A new external reference: 24 characters of [A-Z0-9], 120 random bits, never reused (protocol.md §1.2, §11.9)."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(24))


def money_field(label: Any, **options: Any) -> "models.DecimalField[Any, Any]":
    """An amount of the order's currency."""
    return models.DecimalField(label, max_digits=14, decimal_places=2, **options)


class OrderQuerySet(models.QuerySet["Order"]):
    """Which orders."""

    def visible_to(self, key: ControllerKey) -> "OrderQuerySet":
        """Those that a controller's key may see."""
        return self.filter(pos__in=PointOfSale.objects.visible_to(key))

    def open(self) -> "OrderQuerySet":
        return self.filter(status=Status.OPEN)

    def payable(self, now: datetime) -> "OrderQuerySet":
        """What a customer who scans now may be asked to pay. Not what was paid and only waits to be closed."""
        return self.to_pay().filter(expires_at__gt=now)

    def to_pay(self) -> "OrderQuerySet":
        """Open, and not paid in full."""
        return self.open().exclude(payment_status__in=_PAID)

    def paid_but_not_closed(self) -> "OrderQuerySet":
        """Those for which `is_paid_but_not_closed` holds; those that are over, while Mercado Pago is asked about them.

        `paid_at` is when the payment that covered them was approved. docs/runbook.md says the same in SQL.
        """
        followed = Q(status=Status.OPEN) | Q(next_check_at__isnull=False)  # both have an index, and are few
        paid = self.filter(followed, payment_status__in=_PAID).exclude(status=Status.CLOSED)
        approved = Q(merchant_orders__payments__status=APPROVED)
        paid_at = Max("merchant_orders__payments__approved_at", filter=approved)
        return paid.annotate(paid_at=Coalesce(paid_at, Max("merchant_orders__created_at"), "created_at"))

    def due_for_a_check(self, now: datetime) -> "OrderQuerySet":
        return self.filter(next_check_at__lte=now)

    def due_to_expire(self, now: datetime) -> "OrderQuerySet":
        return self.open().filter(expires_at__lte=now)

    def due_for_points(self, now: datetime) -> "OrderQuerySet":
        return self.filter(loyalty_due_at__lte=now)

    def with_site(self) -> "OrderQuerySet":
        return self.select_related("pos__store__account")

    def locked(self) -> "OrderQuerySet":
        """The row lock under which state and money change. SQLite takes its write lock at BEGIN IMMEDIATE instead."""
        return self.select_for_update(of=("self",)).with_site()


class Order(models.Model):
    """What one customer owes at one point of sale. Frozen once made: another amount is another order."""

    pos = models.ForeignKey(PointOfSale, models.PROTECT, related_name="orders", verbose_name=_("point of sale"))
    external_reference = models.CharField(
        _("external reference"), max_length=64, unique=True, default=make_reference, editable=False
    )
    reference = models.CharField(_("controller's reference"), max_length=64, blank=True, default="")
    title = models.CharField(_("title"), max_length=256, blank=True, default="")
    description = models.CharField(_("description"), max_length=256, blank=True, default="")
    # Frozen with the order and only ever read whole: rows of their own would buy nothing.
    items = models.JSONField(_("items"), encoder=DjangoJSONEncoder)
    currency = models.CharField(_("currency"), max_length=3, choices=CURRENCY_CHOICES)
    total_amount = money_field(_("total"))

    # Only in the wire's second dialect; frozen, so that every serve says the same.
    taxes = models.JSONField(_("taxes"), default=list, blank=True)
    marketplace_fee = money_field(_("marketplace fee"), default=Decimal(0))
    loyalty = models.JSONField(_("loyalty"), null=True, blank=True, encoder=DjangoJSONEncoder)
    # Beside the block, so that the database holds them unique: a sale's number earns points once.
    loyalty_transaction_id = models.CharField(max_length=40, null=True, unique=True, editable=False)
    loyalty_status = models.CharField(
        _("loyalty status"), max_length=20, choices=LoyaltyStatus, blank=True, default="", editable=False
    )
    loyalty_points = models.IntegerField(_("loyalty points"), null=True, editable=False)
    loyalty_due_at = models.DateTimeField(null=True, editable=False)  # when Mercado Pago is asked for them

    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.OPEN)
    payment_status = models.CharField(
        _("payment status"), max_length=20, choices=PaymentStatus, default=PaymentStatus.UNPAID
    )
    paid_amount = money_field(_("paid"), default=Decimal(0))
    refunded_amount = money_field(_("refunded"), default=Decimal(0))
    attention = models.CharField(_("attention"), max_length=20, choices=Attention, null=True, blank=True)
    # The last reason that a person set aside, and the facts that it rested on: see `orders.attention`.
    set_aside_for = models.CharField(max_length=20, blank=True, default="", editable=False)
    set_aside_facts = models.CharField(max_length=64, blank=True, default="", editable=False)

    idempotency_key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    expires_at = models.DateTimeField(_("expires"))
    first_served_at = models.DateTimeField(_("first shown to a customer"), null=True)
    closed_at = models.DateTimeField(_("closed"), null=True)
    # When Mercado Pago is to be asked although no news came: the row is the schedule, so no lost wake-up loses it.
    next_check_at = models.DateTimeField(null=True, editable=False)
    checks = models.PositiveIntegerField(default=0, editable=False)

    objects = OrderQuerySet.as_manager()

    class Meta:
        verbose_name = _("order")
        verbose_name_plural = _("orders")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["pos"], condition=Q(status="open"), name="order_one_open_per_pos"),
            models.UniqueConstraint(fields=["pos", "idempotency_key"], name="order_idempotency_key_unique"),
            models.CheckConstraint(condition=Q(status__in=Status.values), name="order_status_known"),
            models.CheckConstraint(
                condition=Q(payment_status__in=PaymentStatus.values), name="order_payment_status_known"
            ),
            models.CheckConstraint(
                condition=Q(attention=None) | Q(attention__in=Attention.values), name="order_attention_known"
            ),
            models.CheckConstraint(condition=Q(total_amount__gt=0), name="order_total_positive"),
            models.CheckConstraint(
                condition=Q(refunded_amount__gte=0, refunded_amount__lte=F("paid_amount")),
                name="order_refunded_at_most_paid",
            ),
            models.CheckConstraint(
                condition=Q(status="closed", closed_at__isnull=False) | (~Q(status="closed") & Q(closed_at=None)),
                name="order_closed_at_when_closed",
            ),
        ]
        indexes = [
            models.Index(fields=["pos", "-id"], name="order_latest_of_pos"),
            models.Index(fields=["next_check_at"], condition=Q(next_check_at__isnull=False), name="order_next_check"),
            models.Index(fields=["expires_at"], condition=Q(status="open"), name="order_open_expires"),
            models.Index(
                fields=["loyalty_due_at"], condition=Q(loyalty_due_at__isnull=False), name="order_loyalty_due"
            ),
            models.Index(fields=["pos", "closed_at"], condition=Q(closed_at__isnull=False), name="order_closed_of_pos"),
            models.Index(fields=["attention", "-id"], name="order_list"),  # what needs a look, then the latest
            models.Index(fields=["attention"], condition=Q(attention__isnull=False), name="order_attention"),
            models.Index(fields=["total_amount"], name="order_amount"),
            models.Index(fields=["reference"], condition=~Q(reference=""), name="order_reference"),
            # Few among millions; most are unpaid or paid, and found soon.
            models.Index(
                fields=["payment_status", "-id"],
                condition=Q(
                    payment_status__in=("partially_paid", "overpaid", "partially_refunded", "refunded", "charged_back")
                ),
                name="order_uncommonly_paid",
            ),
        ]

    def __str__(self) -> str:
        return self.external_reference

    @property
    def in_logs(self) -> dict[str, str]:
        """What every line carries that is logged while this order is worked on: see `stores.tracing`."""
        return {
            "order": self.external_reference,
            "pos": self.pos.external_id,
            "account": str(self.account.user_id),
        }

    @property
    def account(self) -> Account:
        return self.pos.store.account

    @property
    def site(self) -> Site:
        return self.account.site

    @property
    def kept_amount(self) -> Decimal:
        """Paid, and not gone back."""
        kept: Decimal = self.paid_amount - self.refunded_amount
        return kept

    @property
    def left_to_pay(self) -> Decimal:
        left: Decimal = self.total_amount - self.kept_amount
        return max(left, Decimal(0))

    @property
    def is_held_open(self) -> bool:
        """Whether its time was over once, with a part paid: its expiry is postponed again and again since then."""
        return Attention.PARTIALLY_PAID in (self.attention, self.set_aside_for)

    @property
    def is_paid_but_not_closed(self) -> bool:
        return self.status != Status.CLOSED and self.payment_status in _PAID


class Transition(AppendOnly):
    """One change of an order."""

    order = models.ForeignKey(Order, models.PROTECT, related_name="transitions", verbose_name=_("order"))
    from_status = models.CharField(_("from"), max_length=10, choices=Status, blank=True, default="")
    to_status = models.CharField(_("to"), max_length=10, choices=Status)
    reason = models.CharField(_("why"), max_length=200)
    actor = models.CharField(_("who"), max_length=100)
    at = models.DateTimeField(_("when"), auto_now_add=True)

    class Meta:
        verbose_name = _("transition")
        verbose_name_plural = _("transitions")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(condition=Q(to_status__in=Status.values), name="transition_status_known"),
            # Every state is entered at most once: the table has no way back. Rows that stay where they are only tell.
            models.UniqueConstraint(
                fields=["order", "to_status"], condition=~Q(from_status=F("to_status")), name="transition_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_from_status_display()} → {self.get_to_status_display()}".strip()
