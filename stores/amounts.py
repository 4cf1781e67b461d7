"""Amounts of money as people write them: `12,600.00`, in Argentina `12.600,00`, in Chile `12.600`."""

from decimal import Decimal
from functools import cache

from babel import Locale
from babel.numbers import NumberPattern, format_decimal, parse_pattern
from django.utils.translation import get_language, to_locale

from gateway.sites import BY_CURRENCY, Site


def written(amount: Decimal, site: Site) -> str:
    """In the reader's language, as it is written in the country of the money when it is spoken there."""
    return str(pattern(site.decimals).apply(site.quantize(amount), locale(site)))


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
def pattern(decimals: int) -> NumberPattern:
    return parse_pattern("#,##0." + "0" * decimals if decimals else "#,##0")


@cache
def _locale(language: str, there: str) -> Locale:
    read, spoken = Locale.parse(to_locale(language)), Locale.parse(there)
    return spoken if spoken.language == read.language else read
