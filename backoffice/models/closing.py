"""Closes of day and of shift: frozen figures, their differences as lines, and who opened them again and why."""

from datetime import date

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from orders.models import AppendOnly, Order, Payment, Refund, money_field
from pos.models import PointOfSale
from stores.models import Store
from stores.setting_aside import SetAside


class LineKind(models.TextChoices):
    """Why two sums of a day are not the same."""

    PAID_BEFORE = "paid_before", _("paid before this day began, closed in it")
    PAID_AFTER = "paid_after", _("closed in this day, paid after its end")
    OVERPAID = "overpaid", _("paid twice or too much")
    PAID_SHORT = "paid_short", _("closed, but not paid in full")
    NO_PAYMENT = "no_payment", _("closed without a payment")
    STILL_OPEN = "still_open", _("paid, but the order is still open")
    SOLD_NOTHING = "sold_nothing", _("paid, but the order was canceled or expired")
    CLOSED_BEFORE = "closed_before", _("paid again: the order was closed before this day")
    CLOSED_AFTER = "closed_after", _("paid in this day, closed after its end")
    REFUND_OF_OTHER_DAY = "refund_of_other_day", _("refund of another day's sale")
    REFUNDED_OUTSIDE = "refunded_outside", _("refunded at Mercado Pago, not from here")
    CHARGED_BACK = "charged_back", _("charged back")
    PUMP = "pump", _("pump total differs from its orders")
    NOT_HANDED_IN = "not_handed_in", _("no pump total was handed in")
    OPEN_ORDER = "open_order", _("order is still open")
    LATE_ORDER = "late_order", _("order, known since the close only")
    LATE_PAYMENT = "late_payment", _("payment, known since the close only")
    LATE_REFUND = "late_refund", _("refund, known since the close only")
    LATE_CHARGEBACK = "late_chargeback", _("charged back since the close")
    LATE_OUTSIDE = "late_outside", _("refunded at Mercado Pago since the close")
    GONE = "gone", _("counted at the close, not any more")


class Shift(models.Model):
    """Who answers for a store from when to when. It belongs to the business day in which it was opened."""

    store = models.ForeignKey(Store, models.PROTECT, related_name="+", verbose_name=_("store"))
    day = models.DateField(_("business day"))
    opened_at = models.DateTimeField(_("opened"))
    opened_by = models.CharField(_("opened by"), max_length=150)
    ended_at = models.DateTimeField(_("ended"), null=True)

    class Meta:
        verbose_name = _("shift")
        verbose_name_plural = _("shifts")
        ordering = ["opened_at"]
        constraints = [
            models.UniqueConstraint(fields=["store"], condition=Q(ended_at=None), name="shift_one_running_per_store"),
        ]
        indexes = [models.Index(fields=["store", "day"], name="shift_of_day")]

    def __str__(self) -> str:
        return f"{self.opened_by} · {self.opened_at.astimezone(self.store.tz):%H:%M}"


class PumpTotal(models.Model):
    """What a pump says it sold by QR, as handed in for a day or for a shift of it."""

    pos = models.ForeignKey(PointOfSale, models.PROTECT, related_name="+", verbose_name=_("point of sale"))
    day = models.DateField(_("business day"))
    shift = models.ForeignKey(Shift, models.PROTECT, null=True, related_name="+", verbose_name=_("shift"))
    amount = money_field(_("amount"))
    volume = models.DecimalField(_("volume"), max_digits=12, decimal_places=3, null=True)
    actor = models.CharField(_("handed in by"), max_length=150)
    at = models.DateTimeField(_("when"), auto_now=True)

    class Meta:
        verbose_name = _("pump total")
        verbose_name_plural = _("pump totals")
        constraints = [
            models.UniqueConstraint(fields=["pos", "day"], condition=Q(shift=None), name="pump_total_one_a_day"),
            models.UniqueConstraint(
                fields=["pos", "shift"], condition=Q(shift__isnull=False), name="pump_total_one_a_shift"
            ),
            models.CheckConstraint(condition=Q(amount__gte=0), name="pump_total_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.pos} · {self.day} · {self.amount}"


class ClosingQuerySet(models.QuerySet["Closing"]):
    """Which closes."""

    def in_force(self) -> "ClosingQuerySet":
        """Those that nobody opened again."""
        return self.filter(reopening=None)

    def left_to_people(self) -> "ClosingQuerySet":
        """News came after them, and nobody has said that it may stay so."""
        return self.in_force().filter(differs=True, set_aside_at=None)

    def of(self, store: Store, day: date, shift: Shift | None = None) -> "ClosingQuerySet":
        return self.filter(store=store, day=day, shift=shift)


class Closing(SetAside, AppendOnly):
    """A business day of a store, or a shift of it, as it stood when it was closed. Never changed; opened again it
    gets a further version."""

    store = models.ForeignKey(Store, models.PROTECT, related_name="+", verbose_name=_("store"))
    day = models.DateField(_("business day"))
    shift = models.ForeignKey(Shift, models.PROTECT, null=True, related_name="closings", verbose_name=_("shift"))
    version = models.PositiveSmallIntegerField(_("version"))
    begin = models.DateTimeField(_("from"))
    end = models.DateTimeField(_("to"))
    currency = models.CharField(_("currency"), max_length=3)
    figures = models.JSONField(_("figures"), encoder=DjangoJSONEncoder)
    entries = models.JSONField(encoder=DjangoJSONEncoder)  # which orders, payments, refunds are counted, by id
    closed_by = models.CharField(_("closed by"), max_length=150)
    closed_at = models.DateTimeField(_("closed"))
    # Late news changes no figure: it is only noted that there is some. The row is the schedule of the comparison.
    differs = models.BooleanField(_("differs now"), default=False)
    differs_since = models.DateTimeField(null=True, editable=False)
    late = models.JSONField(default=dict, editable=False)  # of each kind of late line how many, and their sum
    compare_at = models.DateTimeField(null=True, editable=False)

    objects = ClosingQuerySet.as_manager()

    class Meta:
        verbose_name = _("close of day")
        verbose_name_plural = _("closes of day")
        ordering = ["-day", "-pk"]
        constraints = [
            # Of two people who close at once one wins.
            models.UniqueConstraint(
                fields=["store", "day", "version"], condition=Q(shift=None), name="closing_of_day_version"
            ),
            models.UniqueConstraint(
                fields=["shift", "version"], condition=Q(shift__isnull=False), name="closing_of_shift_version"
            ),
        ]
        indexes = [
            models.Index(fields=["store", "day"], name="closing_of_day"),
            models.Index(fields=["compare_at"], condition=Q(compare_at__isnull=False), name="closing_to_compare"),
            models.Index(fields=["id"], condition=Q(differs=True, set_aside_at=None), name="closing_left_to_people"),
        ]

    def __str__(self) -> str:
        return f"{self.store} · {self.day}"


class ClosingLine(AppendOnly):
    """One difference, with what is behind it. `amount` is signed: what it adds to the side that was counted."""

    closing = models.ForeignKey(Closing, models.PROTECT, related_name="lines", verbose_name=_("close of day"))
    kind = models.CharField(_("what differs"), max_length=20, choices=LineKind)
    amount = money_field(_("amount"))
    pos = models.ForeignKey(PointOfSale, models.PROTECT, null=True, related_name="+", verbose_name=_("point of sale"))
    order = models.ForeignKey(Order, models.PROTECT, null=True, related_name="+", verbose_name=_("order"))
    payment = models.ForeignKey(Payment, models.PROTECT, null=True, related_name="+", verbose_name=_("payment"))
    refund = models.ForeignKey(Refund, models.PROTECT, null=True, related_name="+", verbose_name=_("refund"))

    class Meta:
        verbose_name = _("difference of a day")
        verbose_name_plural = _("differences of a day")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=LineKind.values), name="closing_line_kind_known"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.amount}"


class Reopening(AppendOnly):
    """Who opened a closed day or shift again, when, and why: append-only."""

    closing = models.OneToOneField(Closing, models.PROTECT, related_name="reopening", verbose_name=_("close of day"))
    actor = models.CharField(_("who"), max_length=150)
    at = models.DateTimeField(_("when"), auto_now_add=True)
    reason = models.CharField(_("why"), max_length=200)

    class Meta:
        verbose_name = _("reopening")
        verbose_name_plural = _("reopenings")
        constraints = [models.CheckConstraint(condition=~Q(reason=""), name="reopening_has_a_reason")]

    def __str__(self) -> str:
        return f"{self.closing}: {self.reason}"
