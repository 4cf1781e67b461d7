"""Secrets: made here, and encrypted at rest."""

import secrets
from functools import cache
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import models
from django.db.models.query_utils import DeferredAttribute


class Unreadable(ImproperlyConfigured):
    """A secret that none of FIELD_ENCRYPTION_KEYS opens. Names where it is and the remedy, never what it says."""


class Sealed(str):
    """A secret as the database has it."""

    __slots__ = ()


@cache
def _fernet(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])


def _all_keys() -> MultiFernet:
    return _fernet(tuple(settings.FIELD_ENCRYPTION_KEYS))


def is_sealed_with_first_key(text: str) -> bool:
    try:
        _fernet(tuple(settings.FIELD_ENCRYPTION_KEYS[:1])).decrypt(text.encode())
    except InvalidToken:
        return False
    return True


def seal_anew(text: str) -> str:
    """What any of the keys opens, sealed with the first of them. Raises InvalidToken when none does."""
    return _all_keys().rotate(text.encode()).decode()


def seal(text: str) -> str:
    """For a secret that waits in a row without a field of its own; `unseal` reads it."""
    return _all_keys().encrypt(text.encode()).decode()


def unseal(text: str) -> str:
    """Raises InvalidToken when no key opens it."""
    return _all_keys().decrypt(text.encode()).decode()


class _Opening(DeferredAttribute):
    """Opens a secret when it is asked for: a row with one that cannot be opened can still be listed and mended."""

    def __get__(self, instance: Any, cls: Any = None) -> Any:
        value = super().__get__(instance, cls)
        if isinstance(value, Sealed):
            name = self.field.attname
            value = instance.__dict__[name] = open_sealed(value, f"{instance._meta.label} {instance.pk}, {name}")
        return value

    def __set__(self, instance: Any, value: Any) -> None:
        """Without this the row's own dictionary would be read, not `__get__`."""
        instance.__dict__[self.field.attname] = value


def open_sealed(value: str, where: str) -> str:
    """What a secret of the database says; `where` it is, for who must mend it. An empty one is not sealed."""
    if not value:
        return ""
    try:
        return unseal(value)
    except InvalidToken:
        raise Unreadable(
            f"{where}: none of FIELD_ENCRYPTION_KEYS opens it. Put the key that it was encrypted with back at the end "
            "of them, or enter the secret anew."
        ) from None


class EncryptedTextField(models.TextField[str, str]):
    """Encrypted with the first of FIELD_ENCRYPTION_KEYS, read with any of them. It cannot be searched."""

    descriptor_class = _Opening

    def get_prep_value(self, value: Any) -> Any:
        text = super().get_prep_value(value)
        return seal(text) if text else text

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        """What was not opened goes back as it came."""
        kept = model_instance.__dict__.get(self.attname)
        if isinstance(kept, Sealed):
            return models.Value(str(kept), models.TextField())
        return super().pre_save(model_instance, add)

    def from_db_value(self, value: str | None, *_: object) -> str | None:
        return Sealed(value) if value else value


def make_token() -> str:
    """An unguessable part of a public URL, or a secret to sign with: 256 bits."""
    return secrets.token_urlsafe(32)
