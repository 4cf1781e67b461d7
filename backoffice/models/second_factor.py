"""A person's second factor: an authenticator app, and codes on paper for the day it is lost."""

import hashlib
import secrets
import time
from base64 import b32decode, b32encode
from typing import Final
from urllib.parse import quote

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django_otp.models import Device, ThrottlingMixin
from django_otp.oath import TOTP

from stores.fields import EncryptedTextField

_BYTES: Final = 20  # of the secret, as RFC 4226 recommends
_STEP: Final = 30  # seconds that a code is for; the one before and the one after are taken too: clocks differ
_RECOVERY_CODES: Final = 10
_RECOVERY_BYTES: Final = 15  # 120 bits: more than whoever has the hashes can try; 24 signs without 0, 1, 8 and 9


def make_secret() -> str:
    """Base32, as authenticator apps take it."""
    return b32encode(secrets.token_bytes(_BYTES)).decode()


class SecondFactor(ThrottlingMixin, Device):  # type: ignore[misc]
    """One for each person. Codes count once; after a wrong one there is a pause, twice as long each time."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="second_factor", verbose_name=_("user")
    )
    secret = EncryptedTextField(default=make_secret, editable=False)
    last_step = models.BigIntegerField(default=-1, editable=False)  # of the last code that counted
    recovery = models.JSONField(default=list, editable=False)  # hashes: random enough to need no salt
    created_at = models.DateTimeField(_("set up"), auto_now_add=True)

    class Meta:
        verbose_name = _("second factor")
        verbose_name_plural = _("second factors")

    @property
    def address(self) -> str:
        """What the QR code says to the app."""
        issuer = settings.TWO_FACTOR_NAME.replace(":", "")
        label = quote(f"{issuer}:{self.user.get_username()}", safe=":")
        return f"otpauth://totp/{label}?secret={self.secret}&issuer={quote(issuer)}"

    def verify_token(self, token: str) -> bool:
        """Whether this is the app's code of now, or a recovery code. Its row is locked: each counts once."""
        if not self.verify_is_allowed()[0]:
            return False
        code = "".join(token.split()).replace("-", "").lower()
        if self._matches_app(code) or self._matches_recovery(code):
            self.throttle_reset(commit=False)
            self.save()
            return True
        self.throttle_increment()
        return False

    def new_recovery_codes(self) -> list[str]:
        """Others in place of those that were there. This is the only time they can be read."""
        codes = [b32encode(secrets.token_bytes(_RECOVERY_BYTES)).decode() for _number in range(_RECOVERY_CODES)]
        self.recovery = [_hash(code.lower()) for code in codes]
        self.save(update_fields=["recovery"])
        return ["-".join(code[at : at + 4] for at in range(0, len(code), 4)) for code in codes]

    def get_throttle_factor(self) -> int:
        return 1

    def _matches_app(self, code: str) -> bool:
        if not (code.isascii() and code.isdigit()):
            return False
        totp = TOTP(b32decode(self.secret), _STEP)
        totp.time = time.time()
        if not totp.verify(int(code), tolerance=1, min_t=self.last_step + 1):
            return False
        self.last_step = totp.t()
        return True

    def _matches_recovery(self, code: str) -> bool:
        hashed = _hash(code)
        if hashed not in self.recovery:
            return False
        self.recovery = [other for other in self.recovery if other != hashed]
        return True


def _hash(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()
