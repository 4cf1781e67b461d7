"""What a store's receipts look like: language, paper, printer, picture."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Paper(models.TextChoices):
    """The width of the roll that a PDF is made for, or a page."""

    ROLL_80 = "80mm", _("roll of 80 mm")
    ROLL_58 = "58mm", _("roll of 58 mm")
    A4 = "a4", "A4"


class Columns(models.IntegerChoices):
    """How many characters a receipt printer sets beside each other."""

    NARROW = 32, _("32 (58 mm)")
    USUAL = 42, _("42 (80 mm)")
    WIDE = 48, _("48 (80 mm)")


class CodePage(models.TextChoices):
    """The table of letters that a receipt printer is told to use. What it lacks becomes the plain letter."""

    CP858 = "cp858", _("858: Latin letters and €")
    CP1252 = "cp1252", _("1252: Windows")
    ISO_8859_15 = "iso8859-15", _("ISO 8859-15: Latin 9")
    CP850 = "cp850", _("850: Latin letters without €")
    CP860 = "cp860", _("860: Portuguese")
    CP437 = "cp437", _("437: the oldest; no ã, no õ")


class Logo(models.Model):
    """A picture that receipts carry: greyscale PNG of at most 384 by 240, found by its content, never changed.

    In the database and not in a file, since a lost document is drawn again from what is here.
    """

    sha256 = models.CharField(max_length=64, unique=True)
    png = models.BinaryField()
    width = models.PositiveSmallIntegerField()
    height = models.PositiveSmallIntegerField()
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        verbose_name = _("logo")
        verbose_name_plural = _("logos")

    def __str__(self) -> str:
        return f"{self.sha256[:8]} ({self.width} × {self.height})"


class ReceiptSettings(models.Model):
    """The part of a store that its receipts are made by."""

    receipt_language = models.CharField(
        _("language of receipts"), max_length=5, choices=settings.LANGUAGES, blank=True, default="",
        help_text=_("Empty: that of the country."),
    )  # fmt: skip
    receipt_paper = models.CharField(_("paper of PDFs"), max_length=4, choices=Paper, default=Paper.ROLL_80)
    receipt_columns = models.PositiveSmallIntegerField(_("printer's columns"), choices=Columns, default=Columns.USUAL)
    receipt_codepage = models.CharField(
        _("printer's code page"), max_length=10, choices=CodePage, default=CodePage.CP858,
        help_text=_("If letters with accents come out wrong, choose another."),
    )  # fmt: skip
    logo = models.ForeignKey(Logo, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("logo"))

    class Meta:
        abstract = True
