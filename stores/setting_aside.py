"""What a person has looked at and left as it is: by whom and why, on the row itself."""

from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

SHORTEST, LONGEST = 5, 180  # characters of a reason: "ok" explains nothing to whoever asks in a year


class AlreadyDecided(Exception):
    """Somebody was faster, or there is nothing to decide any more. Its text is for people."""


class SetAside(models.Model):
    """A row that waits for a person until it is set aside. What makes it wait again clears the mark."""

    set_aside_at = models.DateTimeField(_("set aside"), null=True, editable=False)
    set_aside_by = models.CharField(_("set aside by"), max_length=150, blank=True, default="", editable=False)
    set_aside_because = models.CharField(_("set aside because"), max_length=200, blank=True, default="", editable=False)

    class Meta:
        abstract = True


def marked(*, actor: str, reason: str) -> dict[str, Any]:
    """The columns of a row that is set aside now."""
    return {"set_aside_at": timezone.now(), "set_aside_by": actor[:150], "set_aside_because": reason[:200]}


UNMARKED: dict[str, Any] = {"set_aside_at": None, "set_aside_by": "", "set_aside_because": ""}
