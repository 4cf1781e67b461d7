"""Secrets are sealed anew when FIELD_ENCRYPTION_KEYS gets a new first key."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from cryptography.fernet import InvalidToken
from django.apps import apps
from django.db.models import F, Model, TextField, Value
from django.db.models.functions import Cast

from stores.fields import EncryptedTextField, is_sealed_with_first_key, seal_anew


@dataclass
class Tally:
    """How many secrets there are, and what they need or got. `unreadable` names those that no key opens."""

    secrets: int = 0
    with_older_key: int = 0
    sealed_anew: int = 0
    unreadable: list[dict[str, object]] = field(default_factory=list)


def rotate(*, batch: int, only_look: bool = False) -> Tally:
    """Seal with the first key all that an older one sealed. May be stopped and run again, beside everything else."""
    tally = Tally()
    for model, name in encrypted_fields():
        for pk, sealed in _secrets(model, name, batch):
            tally.secrets += 1
            if not is_sealed_with_first_key(sealed):
                tally.with_older_key += 1
                _seal_anew(tally, model, name, pk, sealed, only_look=only_look)
    return tally


def encrypted_fields() -> Iterator[tuple[type[Model], str]]:
    """Of all models there are."""
    for model in apps.get_models():
        for one in model._meta.local_concrete_fields:
            if isinstance(one, EncryptedTextField):
                yield model, one.attname


def _secrets(model: type[Model], name: str, batch: int) -> Iterator[tuple[object, str]]:
    """By key, a batch at a time, as the database has them."""
    last: list[tuple[object, str]] = []
    while True:
        rows = model._base_manager.annotate(_raw=Cast(F(name), TextField())).exclude(_raw="").exclude(_raw=None)
        after = rows.filter(pk__gt=last[-1][0]) if last else rows
        last = list(after.order_by("pk").values_list("pk", "_raw")[:batch])
        yield from last
        if not last:
            return


def _seal_anew(tally: Tally, model: type[Model], name: str, pk: object, sealed: str, *, only_look: bool) -> None:
    try:
        fresh = seal_anew(sealed)
    except InvalidToken:
        tally.with_older_key -= 1
        tally.unreadable.append({"model": model._meta.label, "pk": pk, "field": name})
        return
    if not only_look:
        # Only what was read is replaced: a token that was renewed meanwhile is sealed with the first key already.
        rows = model._base_manager.annotate(_raw=Cast(F(name), TextField())).filter(pk=pk, _raw=sealed)
        tally.sealed_anew += rows.update(**{name: Value(fresh, TextField())})
