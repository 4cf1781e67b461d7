"""Words for what libraries name in English only, or not well. Their fields keep their shape: no migration."""

from typing import Final

from django.db.models import Model
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

_LABELS: Final = {"prefix": _("beginning"), "name": _("name"), "created": _("created"), "revoked": _("revoked")}
# These the library hands to gettext itself, without a translation of its own.
HINTS: Final = (
    gettext_noop("Expires"),
    gettext_noop("A free-form name for the API key. Need not be unique. 50 characters max."),
    gettext_noop("If the API key is revoked, clients cannot use it anymore. (This cannot be undone.)"),
    gettext_noop("Once API key expires, clients cannot use it anymore."),
)
# Django's word for a filter that is off has a gender in Portuguese, which fits one filter and not the next.
NO_FILTER: Final = gettext_noop("All")
# What REST framework says in Spanish is misspelt, and it comes before Django's own.
EMPTY_FILE: Final = gettext_noop("The submitted file is empty.")


def name_fields(key: type[Model]) -> None:
    """Give the fields of a kind of API key names for people."""
    for name, label in _LABELS.items():
        key._meta.get_field(name).verbose_name = label  # type: ignore[union-attr]
