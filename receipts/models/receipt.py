"""Receipts: a number without gaps per store, content that never changes, and what was drawn of it."""

from django.conf import settings
from django.core import signing
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from orders.models import Order
from stores.models import Store

_signer = signing.Signer(sep=".", salt="receipts.public-link")


class Format(models.TextChoices):
    """How a receipt can be had (contract §4). Each has a writer in `receipts.writers`."""

    HTML = "html", "HTML"
    TEXT = "txt", _("plain text")


MEDIA_TYPES = {Format.HTML: "text/html", Format.TEXT: "text/plain"}


class ReceiptBook(models.Model):
    """Where a store's numbering stands. Its row lock is what makes the numbers gapless."""

    store = models.OneToOneField(Store, models.PROTECT, related_name="+", verbose_name=_("store"))
    last = models.PositiveIntegerField(_("last number"), default=0)

    class Meta:
        verbose_name = _("receipt book")
        verbose_name_plural = _("receipt books")

    def __str__(self) -> str:
        return f"{self.store}: {self.last}"


class ReceiptQuerySet(models.QuerySet["Receipt"]):
    """Which receipts."""

    def undrawn(self) -> "ReceiptQuerySet":
        return self.filter(drawn_at=None)


class Receipt(models.Model):
    """What a customer takes home. `content` holds every word of it: a reprint next year says the same."""

    order = models.OneToOneField(Order, models.PROTECT, related_name="receipt", verbose_name=_("order"))
    store = models.ForeignKey(Store, models.PROTECT, related_name="+", verbose_name=_("store"))
    sequence = models.PositiveIntegerField(_("sequence"))
    number = models.CharField(_("number"), max_length=20)
    content = models.JSONField(_("content"))
    issued_at = models.DateTimeField(_("issued"))
    drawn_at = models.DateTimeField(_("drawn"), null=True)

    objects = ReceiptQuerySet.as_manager()

    class Meta:
        verbose_name = _("receipt")
        verbose_name_plural = _("receipts")
        ordering = ["-pk"]
        constraints = [models.UniqueConstraint(fields=["store", "sequence"], name="receipt_sequence_unique")]
        indexes = [models.Index(fields=["id"], condition=models.Q(drawn_at=None), name="receipt_undrawn")]

    def __str__(self) -> str:
        return self.number

    @property
    def public_url(self) -> str:
        """The customer's own link: no login, and nobody can guess it."""
        return f"{settings.PUBLIC_URL}" + reverse("public-receipt", args=[_signer.sign(str(self.pk))])

    @property
    def links(self) -> dict[str, str]:
        """Where controllers fetch it, by format, and the customer's link."""
        api = settings.PUBLIC_URL + reverse("order-receipt", args=[self.order_id])
        return {format.value: f"{api}?format={format.value}" for format in Format} | {"public": self.public_url}


class Document(models.Model):
    """A receipt as drawn in one format."""

    receipt = models.ForeignKey(Receipt, models.CASCADE, related_name="documents", verbose_name=_("receipt"))
    format = models.CharField(_("format"), max_length=6, choices=Format)
    content = models.BinaryField(_("content"))

    class Meta:
        verbose_name = _("document")
        verbose_name_plural = _("documents")
        constraints = [models.UniqueConstraint(fields=["receipt", "format"], name="document_once_per_format")]

    def __str__(self) -> str:
        return f"{self.receipt} {self.format}"

    @property
    def content_type(self) -> str:
        return f"{MEDIA_TYPES[Format(self.format)]}; charset=utf-8"


def receipt_id_of(token: str) -> int | None:
    """The receipt behind a public link; None when the link is not one of ours."""
    try:
        return int(_signer.unsign(token))
    except (signing.BadSignature, ValueError):
        return None
