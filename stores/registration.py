"""How far something of ours has come at Mercado Pago: a row's own schedule of making itself known there."""

from datetime import datetime, timedelta
from typing import ClassVar, Self, TypeVar

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.timesince import timeuntil
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from stores.refusals import WAITS, Refusal, Refusals


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

    def try_again(self) -> int:
        """Have those told again at once for which a person has done something elsewhere: our host was enabled."""
        waits_for_others = self.filter(registration=Registration.HOST_NOT_ENABLED)
        return waits_for_others.update(registration=Registration.PENDING, registration_due_at=timezone.now())


_STATE = (
    "registration", "registration_code", "registration_message", "registration_due_at", "registration_attempts",
    "revision",
)  # fmt: skip


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

    refusals: ClassVar[Refusals] = {}

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

    def is_to_be_told(self, *, after: timedelta = timedelta()) -> None:
        """Mercado Pago must hear of it: from a worker, `after` some time. Save afterwards."""
        self.revision += 1
        self.registration, self.registration_due_at = Registration.PENDING, timezone.now() + after
        self.registration_code = self.registration_message = ""
        self.registration_attempts = 0

    def tell_again(self) -> None:
        """Have a worker tell Mercado Pago of it although nothing changed. Saves nothing else of the row."""
        self.is_to_be_told()
        self.save(update_fields=_STATE)

    @property
    def refusal(self) -> Refusal | None:
        """Mercado Pago's last refusal, in words for people; None when there was none."""
        if not self.registration_message or self.registration == Registration.REGISTERED:
            return None
        known = self.refusals.get(self.registration_code.upper())
        values = {"code": self.registration_code, "message": self.registration_message}
        if known is None or self.registration != Registration.REFUSED:
            return Refusal("", gettext("Mercado Pago refuses it: %(message)s") % values)
        return Refusal(known.field, str(known.sentence) % values)

    @property
    def outcome(self) -> StrOrPromise:
        """How its registration stands and what to do, in a sentence or two."""
        if self.registration == Registration.REGISTERED:
            return gettext("Mercado Pago knows it as it stands here.")
        if self.registration == Registration.HOST_NOT_ENABLED:
            return gettext(
                "Mercado Pago has not enabled our host yet. Ask your Mercado Pago adviser to enable the domain of "
                "PUBLIC_URL for this account; it is tried again every hour, or at once with “Register now” or "
                "register_pending."
            )
        if self.registration == Registration.REFUSED and self.refusal:
            return self.refusal.sentence
        wait = WAITS.get(self.registration_code)
        if wait is None:
            return gettext("It is being made known to Mercado Pago; a worker does that within seconds.")
        if not self.registration_due_at or self.registration_due_at - timezone.now() < timedelta(minutes=1):
            return gettext("%(why)s It is tried again within a minute.") % {"why": wait}
        return gettext("%(why)s It is tried again in %(time)s.") % {
            "why": wait,
            "time": timeuntil(self.registration_due_at),
        }
