"""Money that goes back: what was asked for, by whom, and the refund of each payment that it takes."""

import uuid
from datetime import datetime, timedelta
from decimal import Decimal

from django.conf import settings
from django.contrib.admin import display
from django.db import models
from django.db.models import Case, F, Q, Sum, When
from django.utils.translation import gettext_lazy as _

from orders import words
from orders.models.order import Order, money_field
from orders.models.payment import Payment
from orders.states import RefundStatus, RequestStatus
from stores.amounts import in_currency

_PATIENCE = timedelta(minutes=10)
_WENT_OUT = (RequestStatus.PENDING, RequestStatus.APPROVED, RequestStatus.FAILED)
# Where nobody else was asked, who asked has decided.
WHO_DECIDED = Case(When(decided_by="", status__in=_WENT_OUT, then=F("actor")), default=F("decided_by"))


class RefundRequestQuerySet(models.QuerySet["RefundRequest"]):
    """Which requests."""

    def of_rules(self) -> "RefundRequestQuerySet":
        """What the rules propose or refund by themselves."""
        return self.filter(idempotency_key=None)

    def asked_by_others(self) -> "RefundRequestQuerySet":
        """What people and controllers asked for, and was or is being refunded."""
        return self.exclude(idempotency_key=None).filter(status__in=(RequestStatus.PENDING, RequestStatus.APPROVED))

    def total(self) -> Decimal:
        amount: Decimal | None = self.aggregate(total=Sum("amount"))["total"]
        return amount or Decimal(0)


class RefundRequest(models.Model):
    """A wish to give back an amount of an order: of a controller's, of a person's, or proposed by the rules."""

    order = models.ForeignKey(Order, models.PROTECT, related_name="refund_requests", verbose_name=_("order"))
    amount = money_field(_("amount"))
    reason = models.CharField(_("reason"), max_length=200, blank=True, default="")
    actor = models.CharField(_("asked by"), max_length=100)
    status = models.CharField(_("status"), max_length=10, choices=RequestStatus)
    # Who asked, or was the first to agree to what the rules propose: the second person must be another one.
    first_person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("first person")
    )
    decided_by = models.CharField(_("decided by"), max_length=100, blank=True, default="")
    decided_because = models.CharField(_("decided because"), max_length=200, blank=True, default="")
    # Of a controller's or a person's; null when the rules ask.
    idempotency_key = models.CharField(max_length=255, null=True, editable=False)
    fingerprint = models.CharField(max_length=64, blank=True, default="", editable=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    objects = RefundRequestQuerySet.as_manager()

    class Meta:
        verbose_name = _("refund request")
        verbose_name_plural = _("refund requests")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["order", "idempotency_key"], name="refund_request_key_unique"),
            models.UniqueConstraint(
                fields=["order"],
                condition=Q(status="proposed", idempotency_key=None),
                name="refund_request_one_proposal_per_order",
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="refund_request_amount_positive"),
            models.CheckConstraint(condition=Q(status__in=RequestStatus.values), name="refund_request_status_known"),
        ]

    def __str__(self) -> str:
        return f"{in_currency(self.amount, self.order.currency)} · {self.order}"

    @property
    def is_of_rules(self) -> bool:
        return self.idempotency_key is None

    @property
    @display(description=_("why"))
    def why(self) -> str:
        """The reason for people: the rules' own are codes."""
        return str(words.why(self.reason))

    @property
    @display(description=_("decided by"))
    def who_decided(self) -> str:
        """As WHO_DECIDED, for people."""
        return str(words.who(self.decided_by or (self.actor if self.status in _WENT_OUT else ""))) or "-"


class RefundQuerySet(models.QuerySet["Refund"]):
    """Which refunds."""

    def asked(self) -> "RefundQuerySet":
        """Done, or on their way: the money is as good as gone."""
        return self.filter(status__in=(RefundStatus.PENDING, RefundStatus.APPROVED))

    def unreported(self) -> "RefundQuerySet":
        """On their way, or made since we last heard of their payment: not in its refunded amount yet.

        By Mercado Pago's dates or by ours: one of the two is enough to know that what we hold is newer.
        """
        is_later_there = Q(made_at__gt=F("payment__updated_at"))
        is_later_here = Q(answered_at__gt=F("payment__merchant_order__seen_at"))
        made = Q(status=RefundStatus.APPROVED) & is_later_there & is_later_here
        return self.filter(Q(status=RefundStatus.PENDING) | made)

    def unanswered(self, now: datetime) -> "RefundQuerySet":
        """Asked for long ago, and Mercado Pago has not said yes or no."""
        return self.filter(status=RefundStatus.PENDING, asked_at__lt=now - _PATIENCE)

    def total(self) -> Decimal:
        amount: Decimal | None = self.aggregate(total=Sum("amount"))["total"]
        return amount or Decimal(0)

    def due(self, now: datetime) -> "RefundQuerySet":
        return self.filter(status=RefundStatus.PENDING, next_attempt_at__lte=now)


class Refund(models.Model):
    """What goes back of one payment. The row and its key exist before Mercado Pago is called."""

    request = models.ForeignKey(RefundRequest, models.PROTECT, related_name="refunds", verbose_name=_("request"))
    payment = models.ForeignKey(Payment, models.PROTECT, related_name="refunds", verbose_name=_("payment"))
    amount = money_field(_("amount"))
    key = models.UUIDField(_("idempotency key"), unique=True, default=uuid.uuid4, editable=False)
    status = models.CharField(_("status"), max_length=10, choices=RefundStatus, default=RefundStatus.PENDING)
    remote_id = models.BigIntegerField(_("id at Mercado Pago"), null=True)
    attempts = models.PositiveIntegerField(_("attempts"), default=0)
    made_at = models.DateTimeField(_("made at Mercado Pago"), null=True)
    answered_at = models.DateTimeField(_("answered"), null=True)
    asked_at = models.DateTimeField(_("first asked"), null=True)
    next_attempt_at = models.DateTimeField(_("next attempt"), null=True)
    error = models.TextField(_("error"), blank=True, default="")

    objects = RefundQuerySet.as_manager()

    class Meta:
        verbose_name = _("refund")
        verbose_name_plural = _("refunds")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["payment", "remote_id"], name="refund_remote_id_unique"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="refund_amount_positive"),
            models.CheckConstraint(condition=Q(status__in=RefundStatus.values), name="refund_status_known"),
        ]
        indexes = [
            models.Index(fields=["next_attempt_at"], condition=Q(next_attempt_at__isnull=False), name="refund_due"),
            models.Index(fields=["made_at"], condition=Q(made_at__isnull=False), name="refund_of_day"),
        ]

    def __str__(self) -> str:
        return f"{in_currency(self.amount, self.request.order.currency)} · {self.payment}"
