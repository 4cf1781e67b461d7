"""What a password may be, beside Django's own rules."""

from typing import Final

from django.contrib.auth.models import AbstractUser
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

_MOST: Final = 128  # a phrase fits; longer ones make work for whoever hashes them, not for whoever guesses


class MaximumLengthValidator:
    """Refuses a longer one instead of using a part of it."""

    def validate(self, password: str, user: AbstractUser | None = None) -> None:
        if len(password) > _MOST:
            raise ValidationError(self.get_help_text(), code="password_too_long")

    def get_help_text(self) -> str:
        return _("Your password must contain at most %(most)s characters.") % {"most": _MOST}
