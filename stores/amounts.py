"""Amounts of money as people write them: `12,600.00`, in Argentina `12.600,00`, in Chile `12.600`."""

from collections.abc import Callable
from decimal import Decimal
from functools import cache

from babel import Locale
from babel.numbers import format_decimal
from django.utils.translation import get_language, to_locale

from gateway.sites import BY_CURRENCY, Site


def written(amount: Decimal, site: Site) -> str:
    """In the reader's language, as it is written in the country of the money when it is spoken there."""
    return writer(site)(amount)


def writer(site: Site) -> Callable[[Decimal], str]:
    """`written` for a page with many amounts: which language is read is asked once."""
    signs = _signs(locale(site))
    return lambda amount: f"{site.quantize(amount):,f}".translate(signs)


def with_currency(amount: Decimal, site: Site) -> str:
    return f"{written(amount, site)} {site.currency}"


def in_currency(amount: Decimal, currency: str) -> str:
    """As `written`, where the currency is all that is at hand."""
    return written(amount, BY_CURRENCY[currency])


def quantity(number: Decimal, site: Site) -> str:
    """What is no money: litres, pieces. As many decimals as it has, three at most."""
    return str(format_decimal(number, format="#,##0.###", locale=locale(site)))


def locale(site: Site) -> Locale:
    """How the reader's language is written."""
    return _locale(get_language() or "en", site.locale)


@cache
def _signs(locale: Locale) -> dict[int, str]:
    """What stands there for Python's own; Babel's patterns say the same, at ten times the cost."""
    signs = locale.number_symbols["latn"]
    return str.maketrans({",": signs["group"], ".": signs["decimal"], "-": signs["minusSign"]})


@cache
def _locale(language: str, there: str) -> Locale:
    read, spoken = Locale.parse(to_locale(language)), Locale.parse(there)
    return spoken if spoken.language == read.language else read
