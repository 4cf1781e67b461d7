"""What Mercado Pago draws of a point of sale's QR code."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from pos.models.point import PointOfSale


class OfficialFile(models.Model):
    """One of Mercado Pago's own pictures or documents of a point of sale's QR code, kept here (protocol.md §10)."""

    class Kind(models.TextChoices):
        """Which of them: the names in `qr` of a POS at Mercado Pago."""

        IMAGE = "image", _("bare code")
        TEMPLATE_DOCUMENT = "template_document", _("poster, PDF")
        TEMPLATE_IMAGE = "template_image", _("poster, PNG")

    pos = models.ForeignKey(PointOfSale, models.CASCADE, related_name="official_files", verbose_name=_("point of sale"))
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    url = models.URLField(_("address"), max_length=300)
    content_type = models.CharField(max_length=50)
    content = models.BinaryField()
    fetched_at = models.DateTimeField(_("fetched"), auto_now=True)

    class Meta:
        verbose_name = _("official QR file")
        verbose_name_plural = _("official QR files")
        constraints = [
            models.UniqueConstraint(fields=["pos", "kind"], name="official_file_once_per_kind"),
            models.CheckConstraint(
                condition=models.Q(kind__in=["image", "template_document", "template_image"]),
                name="official_file_kind_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pos_id} {self.kind}"
