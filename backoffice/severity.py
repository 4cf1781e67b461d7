"""How much something matters to who reads it."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Severity(TextChoices):
    """The worst last."""

    INFO = "info", _("for information")
    GOOD = "good", _("good")
    WARNING = "warning", _("look at it")
    ERROR = "error", _("wrong")
