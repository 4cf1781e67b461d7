"""Times by the clock of the store they belong to, with its zone named where it is another one than the page's."""

from datetime import datetime
from operator import attrgetter
from typing import Any

from django.contrib import admin
from django.utils import timezone
from django_stubs_ext import StrOrPromise

from stores.models import Store
from stores.times import written

NO_BREAK, MINUS = "\N{NO-BREAK SPACE}", "\N{MINUS SIGN}"


def spell_time(moment: datetime, store: Store) -> str:
    """`24/11/2026 12:00`; elsewhere with `UTC-03`, or the zone's letters where it has some. The foot of the page
    names the page's own zone."""
    said = written(moment, store.tz)
    if store.tz == timezone.get_current_timezone():
        return said
    zone = moment.astimezone(store.tz).tzname() or ""
    named = zone if zone.isalpha() else f"UTC{zone.replace('-', MINUS)}"
    return f"{said}{NO_BREAK}{named}"


def store_time(field: str, label: StrOrPromise, *, store: str) -> Any:
    """A column or field of an admin class; a dash for never. `store` leads from a row to its store: select it too."""
    store_of = attrgetter(store)

    @admin.display(description=label, ordering=field)
    def shown(_admin: Any, row: Any) -> str:
        moment = getattr(row, field)
        return spell_time(moment, store_of(row)) if moment else "–"

    return shown
