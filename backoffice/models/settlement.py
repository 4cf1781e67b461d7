"""Reports of Mercado Pago's on what it settled: the file, and each row of it beside what is known here."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from orders.models import Order, Payment, Refund, money_field
from stores.models import Account


class Report(models.TextChoices):
    """Which of Mercado Pago's reports."""

    SETTLEMENT = "settlement", _("all transactions (account money)")
    RELEASE = "release", _("releases (released money)")


class RowKind(models.TextChoices):
    """What a row of a report is about."""

    PAYMENT = "payment", _("payment")
    REFUND = "refund", _("refund")
    CHARGEBACK = "chargeback", _("chargeback")
    DISPUTE = "dispute", _("dispute")
    OTHER = "other", _("other movement of the account")


class Fate(models.TextChoices):
    """What became of a row."""

    MATCHED = "matched", _("matched")
    AMOUNT_DIFFERS = "amount_differs", _("amount differs")
    DOES_NOT_ADD_UP = "does_not_add_up", _("gross, fees and taxes are not the net")
    UNKNOWN_PAYMENT = "unknown_payment", _("order of ours, payment is not known here")
    NOT_OURS = "not_ours", _("not of these points of sale")
    TOLD_BEFORE = "told_before", _("the other report told of it")
    NOT_UNDERSTOOD = "not_understood", _("cannot be read")


class SettlementRun(models.Model):
    """A file that somebody uploaded, read by a worker. `due_at` is when one goes on with it."""

    account = models.ForeignKey(Account, models.PROTECT, related_name="+", verbose_name=_("account"))
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("user")
    )
    file_name = models.CharField(_("file"), max_length=200)
    report = models.CharField(_("report"), max_length=10, choices=Report, blank=True, default="")
    rows_read = models.PositiveIntegerField(_("rows read"), default=0)
    rows_new = models.PositiveIntegerField(_("new rows"), default=0)
    problem = models.CharField(_("what is wrong with it"), max_length=300, blank=True, default="")
    created_at = models.DateTimeField(_("uploaded"), auto_now_add=True)
    done_at = models.DateTimeField(_("done"), null=True)
    due_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name = _("settlement report")
        verbose_name_plural = _("settlement reports")
        ordering = ["-pk"]
        indexes = [models.Index(fields=["due_at"], condition=Q(due_at__isnull=False), name="settlement_run_due")]

    def __str__(self) -> str:
        return self.file_name


class SettlementPiece(models.Model):
    """A piece of an uploaded file, until it is read: a large one is never in memory as a whole, nor on one disk."""

    run = models.ForeignKey(SettlementRun, models.CASCADE, related_name="pieces")
    content = models.BinaryField()

    class Meta:
        verbose_name = _("piece of a file")
        verbose_name_plural = _("pieces of a file")
        ordering = ["pk"]

    def __str__(self) -> str:
        return str(self.pk)


class SettlementRow(models.Model):
    """One row of a report. Amounts are signed as they move the account: net = gross + fees + taxes."""

    run = models.ForeignKey(SettlementRun, models.PROTECT, related_name="rows", verbose_name=_("settlement report"))
    account = models.ForeignKey(Account, models.PROTECT, related_name="+", verbose_name=_("account"))
    key = models.CharField(max_length=64, editable=False)  # of what it says: the same row is kept once
    report = models.CharField(_("report"), max_length=10, choices=Report)
    number = models.PositiveIntegerField(_("row"))
    kind = models.CharField(_("kind"), max_length=10, choices=RowKind)
    word = models.CharField(_("Mercado Pago's word"), max_length=60, blank=True, default="")
    source_id = models.CharField(_("id at Mercado Pago"), max_length=100, blank=True, default="")
    external_reference = models.CharField(_("external reference"), max_length=255, blank=True, default="")
    at = models.DateTimeField(_("when"), null=True)
    gross = money_field(_("gross"), null=True)
    fees = money_field(_("fees"), null=True)
    taxes = money_field(_("taxes"), null=True)
    net = money_field(_("net"), null=True)
    fate = models.CharField(_("what became of it"), max_length=20, choices=Fate)
    note = models.CharField(_("note"), max_length=200, blank=True, default="")
    order = models.ForeignKey(Order, models.PROTECT, null=True, related_name="+", verbose_name=_("order"))
    payment = models.ForeignKey(Payment, models.PROTECT, null=True, related_name="+", verbose_name=_("payment"))
    refund = models.ForeignKey(Refund, models.PROTECT, null=True, related_name="+", verbose_name=_("refund"))

    class Meta:
        verbose_name = _("settled movement")
        verbose_name_plural = _("settled movements")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["account", "key"], name="settlement_row_once"),
            models.CheckConstraint(condition=Q(fate__in=Fate.values), name="settlement_row_fate_known"),
        ]
        indexes = [
            models.Index(fields=["run", "fate"], name="settlement_row_of_run"),
            models.Index(fields=["source_id"], condition=~Q(source_id=""), name="settlement_row_source"),
            models.Index(
                fields=["external_reference"], condition=~Q(external_reference=""), name="settlement_row_reference"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.source_id}"
