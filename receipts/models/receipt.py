"""Receipts: a number without gaps per store, and content that never changes. Refunds get slips that refer to one."""

from django.conf import settings
from django.core import signing
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from orders.models import Order, RefundRequest
from stores.models import Store

_signer = signing.Signer(sep=".", salt="receipts.public-link")


class Kind(models.TextChoices):
    """What a document is about."""

    RECEIPT = "receipt", _("receipt")
    REFUND = "refund", _("refund slip")


class Format(models.TextChoices):
    """How a receipt can be had (contract §4). Each has a writer in `receipts.writers`."""

    HTML = "html", "HTML"
    PDF = "pdf", "PDF"
    ESCPOS = "escpos", "ESC/POS"
    TEXT = "txt", _("plain text")


MEDIA_TYPES = {
    Format.HTML: "text/html",
    Format.PDF: "application/pdf",
    Format.ESCPOS: "application/vnd.escpos",
    Format.TEXT: "text/plain",
}
EXTENSIONS = {Format.HTML: "html", Format.PDF: "pdf", Format.ESCPOS: "bin", Format.TEXT: "txt"}


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

    def drawn(self) -> "ReceiptQuerySet":
        return self.filter(drawn_at__isnull=False)

    def with_store(self) -> "ReceiptQuerySet":
        return self.select_related("store__account")


class Receipt(models.Model):
    """What a customer takes home. `content` holds every word of it: a reprint next year says the same.

    A refund's slip is one too: it has no `order` of its own but the receipt it is `of`, whose number it continues.
    """

    kind = models.CharField(_("kind"), max_length=10, choices=Kind, default=Kind.RECEIPT)
    order = models.OneToOneField(Order, models.PROTECT, null=True, related_name="receipt", verbose_name=_("order"))
    of = models.ForeignKey("self", models.PROTECT, null=True, related_name="slips", verbose_name=_("of receipt"))
    refund_request = models.OneToOneField(
        RefundRequest, models.PROTECT, null=True, related_name="slip", verbose_name=_("refund request")
    )
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
        constraints = [
            models.UniqueConstraint(
                fields=["store", "sequence"], condition=Q(kind="receipt"), name="receipt_sequence_unique"
            ),
            models.UniqueConstraint(fields=["of", "sequence"], condition=Q(kind="refund"), name="slip_sequence_unique"),
            models.CheckConstraint(
                condition=Q(kind="receipt", order__isnull=False, of=None, refund_request=None)
                | Q(kind="refund", order=None, of__isnull=False, refund_request__isnull=False),
                name="receipt_of_an_order_or_a_refund",
            ),
        ]
        indexes = [
            models.Index(fields=["id"], condition=models.Q(drawn_at=None), name="receipt_undrawn"),
            models.Index(fields=["number"], name="receipt_number"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def sale(self) -> Order:
        """The order that was paid, or paid back."""
        order = self.order or (self.of.order if self.of else None)
        assert order is not None  # noqa: S101 - a constraint
        return order

    @property
    def public_url(self) -> str:
        """The customer's own link: no login, and nobody can guess it."""
        return f"{settings.PUBLIC_URL}" + reverse("public-receipt", args=[_signer.sign(str(self.pk))])

    @property
    def links(self) -> dict[str, str]:
        """Where controllers fetch it, by format, and the customer's link."""
        if self.of:
            path = reverse("refund-receipt", args=[self.of.order_id, self.refund_request_id])
        else:
            path = reverse("order-receipt", args=[self.order_id])
        api = settings.PUBLIC_URL + path
        return {format.value: f"{api}?format={format.value}" for format in Format} | {"public": self.public_url}


def receipt_id_of(token: str) -> int | None:
    """The receipt behind a public link; None when the link is not one of ours."""
    try:
        return int(_signer.unsign(token))
    except (signing.BadSignature, ValueError):
        return None
