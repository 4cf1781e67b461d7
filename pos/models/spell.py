"""What controllers said of their points of sale, for as long as they said the same."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from pos.models.point import ControllerStatus, PointOfSale


class StatusSpell(models.Model):
    """A time in which a controller said one and the same: append-only, written when it is over.

    The one that goes on is in the point of sale itself, so that a heartbeat costs nothing more.
    """

    pos = models.ForeignKey(PointOfSale, models.CASCADE, related_name="status_spells", verbose_name=_("point of sale"))
    status = models.CharField(_("status"), max_length=10, choices=ControllerStatus)
    since = models.DateTimeField(_("first report"))
    last_at = models.DateTimeField(_("last report"))
    reports = models.PositiveIntegerField(_("reports"))
    amount = models.DecimalField(_("last amount"), max_digits=14, decimal_places=2, null=True)

    class Meta:
        verbose_name = _("report of a controller")
        verbose_name_plural = _("reports of controllers")
        constraints = [
            models.CheckConstraint(condition=Q(status__in=ControllerStatus.values), name="status_spell_known"),
        ]
        indexes = [
            models.Index(fields=["pos", "-since"], name="status_spell_of_pos"),
            models.Index(fields=["last_at"], name="status_spell_last"),
        ]

    def __str__(self) -> str:
        return f"{self.pos_id}: {self.status}"
