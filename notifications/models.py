"""The inbox: every delivery from Mercado Pago as it came, and what came of it."""

from datetime import datetime

from django.contrib.admin import display
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from gateway.signatures import Verdict
from notifications import words
from orders.models import Order
from stores.models import Account
from stores.setting_aside import SetAside


class Outcome(models.TextChoices):
    """What came of a delivery."""

    RECEIVED = "received", _("received, not worked on yet")
    PROCESSED = "processed", _("the order was brought up to date")
    IGNORED = "ignored", _("about something we do not follow")
    UNREADABLE = "unreadable", _("does not say what it is about")
    UNMATCHED = "unmatched", _("about no order of ours")
    REFUSED = "refused", _("its signature is wrong")
    FAILED = "failed", _("Mercado Pago could not be asked")


class NotificationQuerySet(models.QuerySet["Notification"]):
    """Which deliveries."""

    def due(self, now: datetime) -> "NotificationQuerySet":
        return self.filter(next_attempt_at__lte=now)

    def waiting(self) -> "NotificationQuerySet":
        """Those that something is left to do for, now or later."""
        return self.filter(next_attempt_at__isnull=False)

    def left_to_people(self) -> "NotificationQuerySet":
        """What could not be worked on for a whole day, and is not set aside."""
        outcomes = (Outcome.UNMATCHED, Outcome.FAILED)
        return self.filter(outcome__in=outcomes, next_attempt_at=None, set_aside_at=None)


class Notification(SetAside):
    """A raw delivery. Stored before anything is thought about it, so that it can always be worked on again."""

    account = models.ForeignKey(Account, models.PROTECT, related_name="notifications", verbose_name=_("account"))
    received_at = models.DateTimeField(_("received"), auto_now_add=True)
    headers = models.JSONField(_("headers"))
    query = models.TextField(_("query"), blank=True)
    body = models.BinaryField(_("body"))
    verdict = models.CharField(_("signature"), max_length=10, choices=[(v.value, v.value) for v in Verdict])
    topic = models.CharField(_("topic"), max_length=40, blank=True)
    resource_id = models.BigIntegerField(_("about"), null=True)

    outcome = models.CharField(_("outcome"), max_length=10, choices=Outcome, default=Outcome.RECEIVED)
    order = models.ForeignKey(Order, models.SET_NULL, null=True, related_name="notifications", verbose_name=_("order"))
    attempts = models.PositiveIntegerField(_("attempts"), default=0)
    error = models.TextField(_("error"), blank=True)
    processed_at = models.DateTimeField(_("processed"), null=True)
    # When to work on it (again); null when nothing is left to do. The sweep goes by this alone.
    next_attempt_at = models.DateTimeField(_("next attempt"), null=True)

    objects = NotificationQuerySet.as_manager()

    class Meta:
        verbose_name = _("notification")
        verbose_name_plural = _("notifications")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(outcome__in=Outcome.values), name="notification_outcome_known"),
            models.CheckConstraint(
                condition=Q(verdict__in=[v.value for v in Verdict]), name="notification_verdict_known"
            ),
        ]
        indexes = [
            models.Index(fields=["account", "-id"], name="notification_latest"),
            models.Index(fields=["resource_id"], name="notification_about"),
            models.Index(
                fields=["next_attempt_at"], condition=Q(next_attempt_at__isnull=False), name="notification_due"
            ),
            models.Index(
                fields=["id"],
                condition=Q(outcome__in=("unmatched", "failed"), next_attempt_at=None, set_aside_at=None),
                name="notification_left_to_people",
            ),
        ]

    def __str__(self) -> str:
        return f"{words.topic(self.topic or '?')} {self.resource_id or ''}"

    @property
    @display(description=_("body"))
    def body_text(self) -> str:
        """The body for people."""
        return bytes(self.body).decode(errors="replace")
