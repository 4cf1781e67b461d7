"""How something stands, for lists: a colour for who only glances, always with its word."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from django.contrib import admin
from django.db.models import Field
from django.utils.html import format_html
from django.utils.text import capfirst
from django_stubs_ext import StrOrPromise

GOOD: Final = "good"  # as it should be
BUSY: Final = "busy"  # under way
WARN: Final = "warn"  # look at it some time
BAD: Final = "bad"  # look at it now
CALM: Final = "calm"  # over, or of no weight

Tones = Mapping[str, str]  # by the value of a field; what is not listed is calm


def badge(word: StrOrPromise, tone: str) -> str:
    return format_html('<span class="badge {}">{}</span>', tone, capfirst(str(word)))


def column(
    field: "Field[Any, Any]", tones: Tones, words: Callable[[str], StrOrPromise] | None = None
) -> Callable[[Any], str | None]:
    """A field as a column of badges. Sorting and its heading stay the field's; `words` are for one without choices."""
    choices = dict(field.flatchoices)  # Django's `get_…_display` makes it anew for each row

    @admin.display(description=field.verbose_name, ordering=field.name)
    def show(row: Any) -> str | None:
        value = getattr(row, field.name)
        if value in (None, ""):
            return None
        return badge(words(value) if words else choices.get(value, value), tones.get(value, CALM))

    show.__name__ = field.name
    return show
