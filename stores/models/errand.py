"""What people asked for that takes a while, and what came of it."""

from datetime import datetime
from typing import Any, Self

from django.conf import settings
from django.core.files.storage import Storage, storages
from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _


def shared_storage() -> Storage:
    """Where workers leave files that the web hands out."""
    return storages["receipts"]


class ErrandQuerySet(models.QuerySet["Errand"]):
    """Which errands."""

    def due(self, now: datetime) -> Self:
        return self.filter(due_at__lte=now)


class Errand(models.Model):
    """A worker does it object by object, and notes of each what came of it.

    `due_at` is when a worker goes on with it; it is moved on while one is at it, so that it is due again if that one
    is killed.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("user")
    )
    work = models.CharField(max_length=60)  # what is done: see `stores.working.work_of`
    action = models.CharField(max_length=60)  # of the list that `rows_url` leads to: does the same once more
    args = models.JSONField(default=dict)
    language = models.CharField(max_length=10)  # of who asked
    back = models.CharField(max_length=2000)  # where who asked came from
    rows_url = models.CharField(max_length=200)
    total = models.PositiveIntegerField(_("objects"))
    done = models.PositiveIntegerField(_("done"), default=0)  # the failed ones are done, too
    failed = models.PositiveIntegerField(_("failed"), default=0)
    created_at = models.DateTimeField(_("asked"), auto_now_add=True)
    started_at = models.DateTimeField(_("started"), null=True)
    finished_at = models.DateTimeField(_("finished"), null=True)
    stopped_at = models.DateTimeField(_("stopped"), null=True)
    due_at = models.DateTimeField(null=True)
    file = models.FileField(storage=shared_storage, blank=True)
    file_problem = models.CharField(max_length=300, blank=True, default="")

    objects = ErrandQuerySet.as_manager()

    class Meta:
        verbose_name = _("long action")
        verbose_name_plural = _("my long actions")
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["due_at"], condition=models.Q(due_at__isnull=False), name="errand_due"),
            models.Index(fields=["finished_at"], name="errand_finished"),
        ]

    def __str__(self) -> str:
        return f"{self.work} {self.pk}"

    @property
    def actor(self) -> str:
        """As orders and refunds note who did it."""
        return str(self.user) if self.user else "–"

    @property
    def is_over(self) -> bool:
        return self.finished_at is not None


class ErrandStep(models.Model):
    """What is done to one object. Its sentence is kept before its translation, for readers of any language."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")
        SKIPPED = "skipped", _("not done")

    errand = models.ForeignKey(Errand, models.CASCADE, related_name="steps")
    object_id = models.BigIntegerField()
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    label = models.CharField(max_length=200, blank=True, default="")
    text = models.TextField(blank=True, default="")
    values = models.JSONField(default=dict)
    url = models.CharField(max_length=300, blank=True, default="")  # of what it made

    class Meta:
        indexes = [models.Index(fields=["errand", "state", "id"], name="errand_step_next")]
        constraints = [
            models.UniqueConstraint(fields=["errand", "object_id"], name="errand_step_once"),
        ]

    def __str__(self) -> str:
        return self.label or str(self.object_id)

    @property
    def sentence(self) -> str:
        """What came of it, in the reader's language."""
        values: dict[str, Any] = self.values
        return gettext(self.text) % values if self.text else ""
