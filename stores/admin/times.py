"""Times by the clock of the store they belong to, with its zone named."""

from datetime import datetime
from operator import attrgetter
from typing import Any

from django.contrib import admin
from django_stubs_ext import StrOrPromise

from stores.models import Store

NO_BREAK, MINUS = "\N{NO-BREAK SPACE}", "\N{MINUS SIGN}"


def spell_time(moment: datetime, store: Store) -> str:
    """`2026-11-24 12:00 UTC-03`, or with the zone's letters where it has some. The zone stays beside its time."""
    local = moment.astimezone(store.tz)
    zone = local.tzname() or ""
    named = zone if zone.isalpha() else f"UTC{zone.replace('-', MINUS)}"
    return f"{local:%Y-%m-%d %H:%M}{NO_BREAK}{named}"


def store_time(field: str, label: StrOrPromise, *, store: str) -> Any:
    """A column or field of an admin class; a dash for never. `store` leads from a row to its store: select it too."""
    store_of = attrgetter(store)

    @admin.display(description=label, ordering=field)
    def shown(_admin: Any, row: Any) -> str:
        moment = getattr(row, field)
        return spell_time(moment, store_of(row)) if moment else "–"

    return shown
