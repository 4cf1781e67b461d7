"""What was drawn of receipts, and what was printed of them once more."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from receipts.models.receipt import EXTENSIONS, MEDIA_TYPES, Format, Receipt


class Document(models.Model):
    """A receipt as drawn in one format: a file in the receipts' storage. A lost one is drawn again."""

    receipt = models.ForeignKey(Receipt, models.CASCADE, related_name="documents", verbose_name=_("receipt"))
    format = models.CharField(_("format"), max_length=6, choices=Format)
    variant = models.CharField(_("variant"), max_length=20, blank=True, default="")  # "80mm", "42-cp858"
    name = models.CharField(_("file"), max_length=100)
    sha256 = models.CharField("SHA-256", max_length=64)
    size = models.PositiveIntegerField(_("bytes"))
    drawn_at = models.DateTimeField(_("drawn"), auto_now=True)

    class Meta:
        verbose_name = _("document")
        verbose_name_plural = _("documents")
        constraints = [models.UniqueConstraint(fields=["receipt", "format", "variant"], name="document_once")]

    def __str__(self) -> str:
        return f"{self.receipt} {self.format} {self.variant}".strip()

    @property
    def content_type(self) -> str:
        return content_type(Format(self.format))


class Copy(models.Model):
    """One more print of a receipt: which, by whom, when. The receipt itself is not counted and stays as it is."""

    receipt = models.ForeignKey(Receipt, models.PROTECT, related_name="copies", verbose_name=_("receipt"))
    number = models.PositiveIntegerField(_("number"))
    actor = models.CharField(_("who"), max_length=100)
    made_at = models.DateTimeField(_("when"))
    mark = models.CharField(_("mark"), max_length=200)  # as printed; frozen like the receipt's content

    class Meta:
        verbose_name = _("copy")
        verbose_name_plural = _("copies")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["receipt", "number"], name="copy_number_unique"),
            models.CheckConstraint(condition=models.Q(number__gte=1), name="copy_number_from_one"),
        ]

    def __str__(self) -> str:
        return self.mark


def content_type(format: Format) -> str:
    """For an HTTP header."""
    is_text = MEDIA_TYPES[format].startswith("text/")
    return f"{MEDIA_TYPES[format]}; charset=utf-8" if is_text else MEDIA_TYPES[format]


def file_name(receipt: Receipt, format: Format, variant: str = "", copy: Copy | None = None) -> str:
    """What a download is called."""
    parts = [receipt.number, variant, f"copy-{copy.number}" if copy else ""]
    return f"{'-'.join(part for part in parts if part)}.{EXTENSIONS[format]}"
