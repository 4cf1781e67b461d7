"""Receipts that customers had sent to themselves."""

from datetime import datetime

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from receipts.models.receipt import Receipt
from stores.fields import EncryptedTextField
from stores.times import written


class ReceiptMailQuerySet(models.QuerySet["ReceiptMail"]):
    """Which of them."""

    def due(self, now: datetime) -> "ReceiptMailQuerySet":
        return self.filter(due_at__lte=now)


class ReceiptMail(models.Model):
    """A receipt on its way by e-mail. The address is forgotten as soon as it is sent or given up."""

    receipt = models.ForeignKey(Receipt, models.CASCADE, related_name="mails", verbose_name=_("receipt"))
    address = EncryptedTextField(blank=True, default="", editable=False)
    address_hash = models.CharField(_("hash of the address"), max_length=64)
    created_at = models.DateTimeField(_("asked for"), auto_now_add=True)
    due_at = models.DateTimeField(_("next attempt"), null=True, default=timezone.now)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    sent_at = models.DateTimeField(_("sent"), null=True)
    error = models.CharField(_("error"), max_length=300, blank=True, default="")

    objects = ReceiptMailQuerySet.as_manager()

    class Meta:
        verbose_name = _("receipt by e-mail")
        verbose_name_plural = _("receipts by e-mail")
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["due_at"], condition=models.Q(due_at__isnull=False), name="receipt_mail_due"),
            models.Index(fields=["receipt", "created_at"], name="receipt_mail_of_receipt"),
        ]

    def __str__(self) -> str:
        return f"{self.receipt} {written(self.created_at, self.receipt.store.tz)}"
