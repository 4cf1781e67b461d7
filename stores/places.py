"""Where a store is: in its country, and in words that Mercado Pago knows."""

import difflib
import logging
import unicodedata
from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any

from babel import Locale
from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from gateway.catalogue import Catalogue
from gateway.errors import TemporaryError
from gateway.sites import Site

logger = logging.getLogger(__name__)
_KEPT = 24 * 3600  # seconds; countries rarely get a new city
_ABSENT = 600  # seconds until a list that could not be had is asked for again


def validate_coordinates(site: Site, latitude: Decimal, longitude: Decimal) -> None:
    """Refuse a place outside of the country, and guess what was meant."""
    if site.holds(latitude, longitude):
        return
    text = _("%(place)s is not in %(country)s. Copy latitude and longitude from a map; south and west are negative.")
    values = {"place": f"{latitude}, {longitude}", "country": _country(site)}
    for guess in ((-latitude, -longitude), (-latitude, longitude), (latitude, -longitude), (longitude, latitude)):
        if site.holds(*guess):
            text = _("%(place)s is not in %(country)s. Is it %(guess)s?")
            values["guess"] = f"{guess[0]}, {guess[1]}"
            break
    raise ValidationError({"latitude": ValidationError(text, params=values)})


def _country(site: Site) -> str:
    language = get_language() or "en"
    return str(Locale.parse(language, sep="-").territories[site.country])


def spell(site: Site, state: str, city: str) -> tuple[str, str]:
    """State and city as Mercado Pago spells them; refused when it does not know them.

    Without its list they stay as they are: then Mercado Pago is the one to refuse.
    """
    states = _remembered(f"states-{site.country}", lambda places: places.states(site.country))
    if not states:
        return state, city
    state = _known("state", state, states)
    cities = _remembered(f"cities-{states[state]}", lambda places: places.cities(states[state]))
    return state, _known("city", city, cities) if cities else city


def _known(field: str, name: str, names: Iterable[str]) -> str:
    """The list's own spelling of a name."""
    by_plain = {_plain(one): one for one in names}
    if found := by_plain.get(_plain(name)):
        return found
    close = [by_plain[one] for one in difflib.get_close_matches(_plain(name), list(by_plain), n=3, cutoff=0.6)]
    text = _("Mercado Pago does not know %(name)s. Do you mean %(close)s?")
    if not close:
        close, text = sorted(by_plain.values())[:10], _("Mercado Pago does not know %(name)s. It knows %(close)s …")
    raise ValidationError({field: ValidationError(text, params={"name": name, "close": ", ".join(close)})})


def _plain(name: str) -> str:
    letters = unicodedata.normalize("NFKD", name.casefold())
    return " ".join("".join(c if c.isalnum() else " " for c in letters if not unicodedata.combining(c)).split())


def _remembered(key: str, ask: Callable[[Catalogue], Any]) -> Any:
    """Mercado Libre's list, kept for a day; None when it cannot be had."""
    if (kept := cache.get(f"places-{key}", "")) != "":
        return kept
    try:
        places = ask(Catalogue(settings.MERCADO_LIBRE_API_URL)) if settings.MERCADO_LIBRE_API_URL else None
    except TemporaryError as error:
        logger.info("names of places are not checked: %s", error)
        places = None
    cache.set(f"places-{key}", places, _KEPT if places else _ABSENT)
    return places
