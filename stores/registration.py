"""How far something of ours has come at Mercado Pago: a row's own schedule of making itself known there."""

from datetime import datetime
from typing import Self, TypeVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Registration(models.TextChoices):
    """What Mercado Pago knows of it."""

    PENDING = "pending", _("being registered")
    REGISTERED = "registered", _("registered")
    REFUSED = "refused", _("refused")
    HOST_NOT_ENABLED = "host_not_enabled", _("our address is not enabled yet")


_Row = TypeVar("_Row", bound=models.Model)


class RegisteredQuerySet(models.QuerySet[_Row]):
    """Which of them."""

    def due_to_register(self, now: datetime) -> Self:
        return self.filter(registration_due_at__lte=now)

    def to_register(self) -> Self:
        """Those that wait for Mercado Pago to hear of them, now or later."""
        return self.filter(registration=Registration.PENDING)


class Registered(models.Model):
    """A store or a point of sale: made here, then made known to Mercado Pago by a worker.

    `registration_due_at` is when that is tried (again): the row is the schedule, so no lost wake-up loses it.
    `revision` counts the changes: what was registered is only up to date when it did not grow meanwhile.
    """

    registration = models.CharField(
        _("at Mercado Pago"),
        max_length=20,
        choices=Registration,
        default=Registration.PENDING,
        editable=False,
    )
    registration_code = models.CharField(max_length=60, blank=True, default="", editable=False)
    registration_message = models.CharField(max_length=300, blank=True, default="", editable=False)
    registration_due_at = models.DateTimeField(null=True, editable=False)
    registration_attempts = models.PositiveSmallIntegerField(default=0, editable=False)
    registered_at = models.DateTimeField(_("registered on"), null=True, editable=False)
    revision = models.PositiveIntegerField(default=0, editable=False)
    remote_id = models.BigIntegerField(_("id at Mercado Pago"), null=True, unique=True, editable=False)

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=Q(registration__in=Registration.values), name="%(class)s_registration_known"
            ),
        ]
        indexes = [
            models.Index(
                fields=["registration_due_at"],
                condition=Q(registration_due_at__isnull=False),
                name="%(class)s_to_register",
            ),
        ]
