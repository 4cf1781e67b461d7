"""What Mercado Pago asked of points of sale, and heard."""

from typing import Final

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from gateway.dialects import Situation
from orders.models.order import Order
from pos.models import PointOfSale

ORDER: Final = "order"


class Heard(models.TextChoices):
    """What Mercado Pago heard: an order, or why there was none."""

    ORDER = ORDER, _("an order to pay")
    IN_PROCESS = Situation.IN_PROCESS.value, _("in process")
    NOTHING = Situation.NOTHING.value, _("nothing to pay")
    PAID = Situation.PAID.value, _("the last order is paid")
    UNREACHABLE = Situation.UNREACHABLE.value, _("the controller cannot be reached")


class PollSpell(models.Model):
    """A time in which Mercado Pago kept asking and heard one and the same. `polls` is about right, never exact."""

    pos = models.ForeignKey(PointOfSale, models.CASCADE, related_name="+", verbose_name=_("point of sale"))
    order = models.ForeignKey(Order, models.CASCADE, null=True, related_name="polls", verbose_name=_("order"))
    heard = models.CharField(_("heard"), max_length=20, choices=Heard)
    since = models.DateTimeField(_("first asked"))
    last_at = models.DateTimeField(_("last asked"))
    polls = models.PositiveIntegerField(_("asked about"), default=1)
    is_going_on = models.BooleanField(default=True)

    class Meta:
        verbose_name = _("polling by Mercado Pago")
        verbose_name_plural = _("pollings by Mercado Pago")
        constraints = [
            models.UniqueConstraint(fields=["pos"], condition=Q(is_going_on=True), name="poll_spell_one_goes_on"),
            models.CheckConstraint(condition=Q(heard__in=Heard.values), name="poll_spell_heard_known"),
        ]
        indexes = [
            models.Index(fields=["pos", "-since"], name="poll_spell_of_pos"),
            models.Index(fields=["last_at"], name="poll_spell_last"),
        ]

    def __str__(self) -> str:
        return f"{self.pos_id}: {self.heard}"
