"""Imports of whole chains."""

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from pos.models.point import PointOfSale
from stores.models import Store

_KEPT = timedelta(days=1)  # what nobody confirmed


class ImportRunQuerySet(models.QuerySet["ImportRun"]):
    """Which imports."""

    def abandoned(self) -> "ImportRunQuerySet":
        return self.filter(confirmed_at=None, created_at__lt=timezone.now() - _KEPT)


class ImportRun(models.Model):
    """A file that somebody uploaded: judged, then confirmed, then saved row by row by a worker.

    `due_at` is when a worker goes on with it. `problems` are rows that were good when it was confirmed, not any more.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("user")
    )
    file_name = models.CharField(_("file"), max_length=200)
    rows = models.JSONField(default=list)  # of the file as text: number and cells by column; gone when it is saved
    problems = models.JSONField(default=list)
    stores = models.ManyToManyField(Store, related_name="+")  # that it made or changed
    points_of_sale = models.ManyToManyField(PointOfSale, related_name="+")
    to_save = models.PositiveIntegerField(default=0)  # stores and points of sale
    created_at = models.DateTimeField(_("uploaded"), auto_now_add=True)
    confirmed_at = models.DateTimeField(_("confirmed"), null=True)
    due_at = models.DateTimeField(null=True)

    objects = ImportRunQuerySet.as_manager()

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["due_at"], condition=models.Q(due_at__isnull=False), name="import_run_due"),
        ]

    def __str__(self) -> str:
        return self.file_name

    @property
    def is_saved(self) -> bool:
        return self.confirmed_at is not None and self.due_at is None
