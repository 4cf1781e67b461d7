"""The nightly comparison of a business day with Mercado Pago, and every difference that it found."""

from django.contrib.admin import display
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from orders import words
from orders.models.order import Order, money_field
from stores.models import Store
from stores.setting_aside import SetAside


class DifferenceKind(models.TextChoices):
    """What is not the same here and there."""

    UNKNOWN_HERE = "unknown_here", _("merchant order is not known here")
    UNKNOWN_THERE = "unknown_there", _("merchant order is not known to Mercado Pago")
    MERCHANT_ORDER_STATUS = "merchant_order_status", _("status of a merchant order")
    PAYMENT_MISSING = "payment_missing", _("payment is not known here")
    PAYMENT_STATUS = "payment_status", _("status of a payment")
    PAYMENT_AMOUNT = "payment_amount", _("amount of a payment")
    PAYMENT_REFUNDED = "payment_refunded", _("refunded amount of a payment")
    NOT_COUNTED = "not_counted", _("merchant order is not counted here")
    NOT_CLOSED = "not_closed", _("paid in full, but not closed here")
    NOT_UNDERSTOOD = "not_understood", _("Mercado Pago's answer is not understood")


class Audit(models.Model):
    """One business day of a store: what we have beside what Mercado Pago has."""

    store = models.ForeignKey(Store, models.PROTECT, related_name="+", verbose_name=_("store"))
    day = models.DateField(_("business day"))
    done_at = models.DateTimeField(_("done"), auto_now_add=True)
    merchant_orders = models.PositiveIntegerField(_("merchant orders"))
    # Approved minus refunded, before anything was healed.
    ours = money_field(_("money here"))
    theirs = money_field(_("money at Mercado Pago"))

    class Meta:
        verbose_name = _("audit")
        verbose_name_plural = _("audits")
        ordering = ["-pk"]
        indexes = [models.Index(fields=["store", "day"], name="audit_of_day")]

    def __str__(self) -> str:
        return f"{self.store} · {self.day}"


class DifferenceQuerySet(models.QuerySet["Difference"]):
    """Which differences."""

    def left_to_people(self) -> "DifferenceQuerySet":
        """Not healed, and not set aside."""
        return self.filter(healed=False, set_aside_at=None)


class Difference(SetAside):
    """One thing that was not the same. `healed`: it was, after Mercado Pago was followed."""

    audit = models.ForeignKey(Audit, models.CASCADE, related_name="differences", verbose_name=_("audit"))
    kind = models.CharField(_("what differs"), max_length=25, choices=DifferenceKind)
    order = models.ForeignKey(Order, models.PROTECT, null=True, related_name="+", verbose_name=_("order"))
    merchant_order_id = models.BigIntegerField(_("merchant order"), null=True)
    payment_id = models.BigIntegerField(_("payment"), null=True)
    ours = models.CharField(_("here"), max_length=100, blank=True, default="")
    theirs = models.CharField(_("at Mercado Pago"), max_length=200, blank=True, default="")
    healed = models.BooleanField(_("healed"), default=False)

    objects = DifferenceQuerySet.as_manager()

    class Meta:
        verbose_name = _("difference")
        verbose_name_plural = _("differences")
        ordering = ["healed", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=DifferenceKind.values), name="difference_kind_known"),
        ]
        indexes = [
            models.Index(fields=["id"], condition=Q(healed=False, set_aside_at=None), name="difference_left_to_people"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.payment_id or self.merchant_order_id or ''}".strip()

    @property
    @display(description=_("here"))
    def here(self) -> str:
        return self._in_words(self.ours)

    @property
    @display(description=_("at Mercado Pago"))
    def there(self) -> str:
        return self._in_words(self.theirs)

    def _in_words(self, side: str) -> str:
        """What is not understood stands as it came."""
        if self.kind == DifferenceKind.NOT_UNDERSTOOD:
            return side
        return words.side(side, self.audit.store.account.site) or "–"
