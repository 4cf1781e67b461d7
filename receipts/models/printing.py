"""Printers at the stations, what is to be printed on them, and the keys of the agents that fetch it."""

import re
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Case, Q, When
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework_api_key.models import AbstractAPIKey, BaseAPIKeyManager

from pos.models import PointOfSale
from receipts.models.document import Copy
from receipts.models.receipt import Receipt
from receipts.ports import may_print_at
from receipts.states import IN_TROUBLE, JobState, PrinterKind, PrinterState, Trouble
from stores.borrowed import name_fields
from stores.models import CodePage, Columns, Store

_HOST = re.compile(r"[A-Za-z0-9_.:-]+")  # a name, IPv4 or IPv6


class PrinterQuerySet(models.QuerySet["Printer"]):
    """Which printers."""

    def active(self) -> "PrinterQuerySet":
        return self.filter(is_active=True)

    def in_trouble(self) -> "PrinterQuerySet":
        return self.active().filter(state__in=IN_TROUBLE)

    def readiest_first(self) -> "PrinterQuerySet":
        """Those that print most surely first, those that cannot be reached last."""
        ranks = (PrinterState.READY, PrinterState.UNKNOWN, PrinterState.PAPER_OUT, PrinterState.OFFLINE)
        rank = Case(*(When(state=state, then=number) for number, state in enumerate(ranks)))
        return self.order_by(rank, "name")

    def of(self, pos: PointOfSale) -> "PrinterQuerySet":
        """Those that receipts of this point of sale may go to: its own, and its store's."""
        return self.active().filter(Q(pos=pos) | Q(pos=None, store=pos.store_id))


class Printer(models.Model):
    """A receipt printer of a store, or of one of its points of sale."""

    store = models.ForeignKey(Store, models.PROTECT, related_name="printers", verbose_name=_("store"))
    pos = models.ForeignKey(
        PointOfSale, models.PROTECT, null=True, blank=True, related_name="printers", verbose_name=_("point of sale"),
        help_text=_("Empty: for all points of sale of the store."),
    )  # fmt: skip
    name = models.CharField(_("name"), max_length=60)
    kind = models.CharField(_("how it is reached"), max_length=10, choices=PrinterKind, default=PrinterKind.NETWORK)
    host = models.CharField(
        _("host"), max_length=253, blank=True, default="", help_text=_("For network printers: name or IP address.")
    )
    port = models.PositiveIntegerField(
        _("port"), default=9100, validators=[MinValueValidator(1), MaxValueValidator(65535)]
    )
    columns = models.PositiveSmallIntegerField(_("characters per line"), choices=Columns, default=Columns.USUAL)
    codepage = models.CharField(_("code page"), max_length=12, choices=CodePage, default=CodePage.CP858)
    must_answer = models.BooleanField(
        _("must say how it is"),
        default=False,
        help_text=_("Print only when it answers to a status request. Leave it off for printers that cannot."),
    )
    prints_automatically = models.BooleanField(
        _("prints by itself"), default=False, help_text=_("Every receipt and refund slip, as soon as there is one.")
    )
    automatic_since = models.DateTimeField(null=True, editable=False)  # receipts before it are left alone
    is_active = models.BooleanField(_("active"), default=True)

    state = models.CharField(
        _("state"), max_length=10, choices=PrinterState, default=PrinterState.UNKNOWN, editable=False
    )
    trouble = models.CharField(_("why"), max_length=20, choices=Trouble, blank=True, default="", editable=False)
    state_since = models.DateTimeField(_("since"), null=True, editable=False)
    seen_at = models.DateTimeField(_("last heard of"), null=True, editable=False)
    asked = models.PositiveBigIntegerField(default=0, editable=False)  # how often its agent asked: the last one counts
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    objects = PrinterQuerySet.as_manager()

    class Meta:
        verbose_name = _("printer")
        verbose_name_plural = _("printers")
        ordering = ["store", "name"]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=PrinterKind.values), name="printer_kind_known"),
            models.CheckConstraint(condition=Q(state__in=PrinterState.values), name="printer_state_known"),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.pos or self.store})"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self.prints_automatically:
            self.automatic_since = None
        elif self.automatic_since is None:
            self.automatic_since = timezone.now()
        super().save(*args, **kwargs)

    def clean(self) -> None:
        if self.pos and self.pos.store_id != self.store_id:
            text = _("This point of sale belongs to another store: %(store)s.")
            raise ValidationError({"pos": ValidationError(text, params={"store": self.pos.store})})
        if self.kind == PrinterKind.NETWORK and not self.host:
            raise ValidationError({"host": _("Give the name or the IP address of the printer.")})
        if self.kind == PrinterKind.NETWORK and not _HOST.fullmatch(self.host):
            raise ValidationError({"host": _("This is no name and no IP address; write one like 192.168.0.9.")})
        if self.kind == PrinterKind.NETWORK and not may_print_at(self.port):
            raise ValidationError({"port": _("No printer listens at this port; nearly all do at 9100.")})


class PrinterKey(AbstractAPIKey):
    """The API key of the agent that prints on one printer, and sees nothing else."""

    printer = models.ForeignKey(Printer, models.CASCADE, related_name="keys", verbose_name=_("printer"))

    objects = BaseAPIKeyManager()  # type: ignore[assignment,misc]

    class Meta(AbstractAPIKey.Meta):
        abstract = False
        verbose_name = _("print agent's key")  # type: ignore[assignment]
        verbose_name_plural = _("print agents' keys")  # type: ignore[assignment]


name_fields(PrinterKey)


class PrintJobQuerySet(models.QuerySet["PrintJob"]):
    """Which print jobs."""

    def due(self, now: datetime) -> "PrintJobQuerySet":
        """What can be started now: waiting, or left by somebody who had not sent a byte."""
        return self.filter(Q(state=JobState.QUEUED) | Q(state=JobState.SENDING, started_at=None), due_at__lte=now)

    def left_behind(self, now: datetime) -> "PrintJobQuerySet":
        """What somebody began to send and did not come back from."""
        return self.filter(state=JobState.SENDING, started_at__isnull=False, due_at__lte=now)

    def undecided(self) -> "PrintJobQuerySet":
        """Receipts that a person must look at: is there paper, and shall it be printed again? Not test pages."""
        return self.filter(state__in=[JobState.FAILED, JobState.UNKNOWN], decided_by="", receipt__isnull=False)


class PrintJob(models.Model):
    """One thing to be printed once. Who sends it holds it until `due_at`; each attempt has a number of its own."""

    printer = models.ForeignKey(Printer, models.PROTECT, related_name="jobs", verbose_name=_("printer"))
    receipt = models.ForeignKey(
        Receipt, models.PROTECT, null=True, related_name="print_jobs", verbose_name=_("receipt")
    )  # null: a test page
    copy = models.ForeignKey(Copy, models.PROTECT, null=True, related_name="+", verbose_name=_("copy"))
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    actor = models.CharField(_("who"), max_length=150)
    state = models.CharField(_("state"), max_length=10, choices=JobState, default=JobState.QUEUED)
    trouble = models.CharField(_("why"), max_length=20, choices=Trouble, blank=True, default="")
    detail = models.CharField(_("detail"), max_length=300, blank=True, default="")
    attempts = models.PositiveIntegerField(_("attempts"), default=0)
    due_at = models.DateTimeField(_("next attempt"), null=True, default=timezone.now)
    started_at = models.DateTimeField(_("began to print"), null=True)
    finished_at = models.DateTimeField(_("finished"), null=True)
    sent = models.PositiveIntegerField(_("bytes sent"), default=0)
    decided_by = models.CharField(_("decided by"), max_length=150, blank=True, default="")
    decided_because = models.CharField(_("decided because"), max_length=200, blank=True, default="")

    objects = PrintJobQuerySet.as_manager()

    class Meta:
        verbose_name = _("print job")
        verbose_name_plural = _("print jobs")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=JobState.values), name="print_job_state_known"),
            models.UniqueConstraint(
                fields=["receipt", "printer"], condition=Q(copy=None), name="print_job_one_original"
            ),
        ]
        indexes = [
            models.Index(fields=["printer", "due_at"], condition=Q(due_at__isnull=False), name="print_job_due"),
            models.Index(
                fields=["id"], condition=Q(state__in=["failed", "unknown"], decided_by=""), name="print_job_undecided"
            ),
        ]

    def __str__(self) -> str:
        what = self.receipt or _("test page")
        return f"{what} → {self.printer.name}"

    @property
    def is_copy(self) -> bool:
        return self.copy_id is not None
