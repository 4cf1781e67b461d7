"""Shadow mode: what the dialect that is not served would have said, kept beside what was."""

from typing import Final

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from orders.models.order import Order
from pos.models import PointOfSale


class ShadowAnswer(models.Model):
    """An answer to Mercado Pago in both dialects. One row for each situation of a point of sale, and for each order."""

    IMPOSSIBLE: Final = 0  # the shadow status of what the other dialect cannot say; the body is why

    pos = models.ForeignKey(PointOfSale, models.CASCADE, related_name="+", verbose_name=_("point of sale"))
    order = models.ForeignKey(Order, models.CASCADE, null=True, related_name="+", verbose_name=_("order"))
    situation = models.CharField(_("situation"), max_length=20)
    served_dialect = models.CharField(_("served dialect"), max_length=2)
    served_status = models.PositiveSmallIntegerField(_("served status"))
    served_body = models.TextField(_("served answer"))
    shadow_status = models.PositiveSmallIntegerField(_("shadow status"))
    shadow_body = models.TextField(_("shadow answer"))
    first_at = models.DateTimeField(_("first"), auto_now_add=True)
    last_at = models.DateTimeField(_("last"))

    class Meta:
        verbose_name = _("shadow answer")
        verbose_name_plural = _("shadow answers")
        ordering = ["-last_at"]
        indexes = [models.Index(fields=["last_at"], name="shadow_answer_last")]
        constraints = [
            models.UniqueConstraint(
                fields=["pos", "situation", "served_dialect"], condition=Q(order=None), name="shadow_answer_once"
            ),
            models.UniqueConstraint(
                fields=["order", "served_dialect"], condition=Q(order__isnull=False), name="shadow_answer_of_order"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.situation}, {self.served_dialect}"
