"""What is wrong now, and was: one row for each thing as long as it lasts. And whether the worker lives."""

from datetime import datetime
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from backoffice.models.case import of_places_of
from stores.models import Account, Store

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractUser, AnonymousUser


class AlarmKind(models.TextChoices):
    """What is wrong."""

    PAID_NOT_CLOSED = "paid_not_closed", _("paid at Mercado Pago, not closed here")
    NO_NEWS = "no_news", _("Mercado Pago sends no notifications")
    NEWS_FAILS = "news_fails", _("notifications cannot be followed")
    BEHIND = "behind", _("notifications are not worked on")
    POS_SILENT = "pos_silent", _("point of sale silent")
    REFUND_FAILED = "refund_failed", _("money did not go back")
    DISPUTED = "disputed", _("payment disputed")
    WAITS = "waits", _("something waits long for a person")
    PRINTER = "printer", _("printer without paper, or offline")
    NOT_PRINTED = "not_printed", _("receipts not printed")
    NOT_DRAWN = "not_drawn", _("paid orders without a receipt")
    TOKEN = "token", _("access token refused, or about to end")


class AlarmQuerySet(models.QuerySet["Alarm"]):
    """Which alarms."""

    def visible_to(self, user: "AbstractUser | AnonymousUser") -> Self:
        """Those about this person's stores; those about everything only for who sees all stores."""
        return self.filter(of_places_of(user))

    def running(self) -> Self:
        """Not over, or not for long enough to be sure."""
        return self.filter(ended_at=None)

    def going_on(self) -> Self:
        """What is wrong at this moment."""
        return self.running().filter(quiet_since=None)

    def due(self, now: datetime) -> Self:
        """Those that people are to be told of, the first time or again."""
        return self.going_on().filter(tell_at__lte=now)


class Alarm(models.Model):
    """Something that is wrong, from its beginning to its end: `backoffice.alarms.rounds` alone writes it."""

    kind = models.CharField(_("what"), max_length=20, choices=AlarmKind)
    subject = models.CharField(max_length=60)  # "order 17", "store 3": no foreign key, for it may be of any app
    label = models.CharField(_("about"), max_length=200)
    values = models.JSONField(default=dict)  # of its sentence, before any language: see `backoffice.alarms.words`
    store = models.ForeignKey(Store, models.CASCADE, null=True, related_name="+", verbose_name=_("store"))
    account = models.ForeignKey(Account, models.CASCADE, null=True, related_name="+", verbose_name=_("account"))
    since = models.DateTimeField(_("since"))
    raised_at = models.DateTimeField(_("noticed"))
    told_at = models.DateTimeField(_("people were told"), null=True)
    # When they are told, first or again: moved on by telling, and by snoozing.
    tell_at = models.DateTimeField(_("people are told again"))
    snoozed_until = models.DateTimeField(_("snoozed until"), null=True)
    snoozed_by = models.CharField(_("snoozed by"), max_length=150, blank=True, default="")
    quiet_since = models.DateTimeField(null=True)  # it seems to be over; if it comes back soon, it is the same alarm
    ended_at = models.DateTimeField(_("over"), null=True)

    objects = AlarmQuerySet.as_manager()

    class Meta:
        verbose_name = _("alarm")
        verbose_name_plural = _("alarms")
        default_permissions = ("view", "change")  # change: may snooze
        ordering = [models.F("ended_at").desc(nulls_first=True), "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "subject"], condition=Q(ended_at=None), name="alarm_runs_once"),
            models.CheckConstraint(condition=Q(kind__in=AlarmKind.values), name="alarm_kind_known"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.label}"


class Heartbeat(models.Model):
    """When the worker was last heard of. One row; who makes a round holds its lock."""

    at = models.DateTimeField()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.at)
