"""Who is told of alarms, and what they were told."""

from datetime import datetime
from typing import Self
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from backoffice.models.alarm import Alarm
from pos.addresses import ForbiddenAddress, check_typed
from stores.fields import EncryptedTextField, make_token
from stores.models import Store


class AlarmRecipient(models.Model):
    """A person, at the e-mail address of their log-in and of the stores they see; or a webhook."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, editable=False, related_name="+", verbose_name=_("person")
    )
    url = models.URLField(_("address"), max_length=300, blank=True, default="")
    secret = EncryptedTextField(_("signing secret"), default=make_token, editable=False)
    store = models.ForeignKey(
        Store, models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("store"),
        help_text=_("Empty: all that you see."),
    )  # fmt: skip
    language = models.CharField(_("language"), max_length=10, choices=settings.LANGUAGES)
    is_active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        verbose_name = _("alarm recipient")
        verbose_name_plural = _("alarm recipients")
        constraints = [
            models.CheckConstraint(condition=Q(user=None) ^ Q(url=""), name="alarm_recipient_is_person_or_webhook"),
        ]

    def __str__(self) -> str:
        return str(self.user or urlsplit(self.url).hostname)  # the rest of an address may be a secret

    def clean(self) -> None:
        if self.url:
            try:
                check_typed(self.url)
            except ForbiddenAddress as error:
                raise ValidationError({"url": str(error)}) from error
        same = AlarmRecipient.objects.filter(user=self.user_id, url=self.url, store=self.store_id)
        if same.exclude(pk=self.pk).exists():
            raise ValidationError(_("There is one already that is told the same."))


class AlarmEvent(models.TextChoices):
    """What is told."""

    BEGAN = "began", _("began")
    GOES_ON = "goes_on", _("goes on")
    OVER = "over", _("over")
    TEST = "test", _("test")


class AlarmMessageQuerySet(models.QuerySet["AlarmMessage"]):
    """Which messages."""

    def due(self, now: datetime) -> Self:
        """Those of recipients who still want to be told."""
        wanted = Q(recipient__user=None) | Q(recipient__user__is_active=True)
        return self.filter(wanted, recipient__is_active=True, due_at__lte=now)


class AlarmMessage(models.Model):
    """One thing told to one recipient. The row is the schedule: tried until it is sent or given up."""

    recipient = models.ForeignKey(
        AlarmRecipient, models.CASCADE, related_name="messages", verbose_name=_("alarm recipient")
    )
    alarm = models.ForeignKey(Alarm, models.CASCADE, null=True, related_name="messages", verbose_name=_("alarm"))
    event = models.CharField(_("event"), max_length=10, choices=AlarmEvent)
    created_at = models.DateTimeField(_("created"), default=timezone.now)
    due_at = models.DateTimeField(_("next attempt"), null=True, default=timezone.now)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    sent_at = models.DateTimeField(_("sent"), null=True)
    answer = models.CharField(_("last answer"), max_length=300, blank=True, default="")

    objects = AlarmMessageQuerySet.as_manager()

    class Meta:
        verbose_name = _("alarm message")
        verbose_name_plural = _("alarm messages")
        default_permissions = ()
        constraints = [
            models.CheckConstraint(condition=Q(event__in=AlarmEvent.values), name="alarm_message_event_known"),
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(due_at__isnull=False), name="alarm_message_due"),
            models.Index(fields=["recipient", "-id"], name="alarm_message_latest"),
        ]

    def __str__(self) -> str:
        return f"{self.get_event_display()}: {self.alarm or ''}"
