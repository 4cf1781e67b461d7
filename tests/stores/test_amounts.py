from decimal import Decimal

import pytest
from babel.numbers import parse_pattern
from django.utils import translation

from gateway.sites import SITES, Site
from stores.amounts import in_currency, locale, quantity, with_currency, written


@pytest.mark.parametrize(
    ("language", "site", "shown"),
    [
        ("es", "MLA", "12.600,50"),
        ("es", "MLM", "12,600.50"),
        ("es", "MLC", "12.601"),
        ("es", "MLB", "12.600,50"),
        ("pt-br", "MLB", "12.600,50"),
        ("pt-br", "MLM", "12.600,50"),
        ("en", "MLA", "12,600.50"),
    ],
)
def test_an_amount_is_written_as_where_it_is_spent_when_the_reader_speaks_so(
    language: str, site: str, shown: str
) -> None:
    with translation.override(language):
        assert written(Decimal("12600.50"), SITES[site]) == shown


@pytest.mark.parametrize("language", ["en", "es", "pt-br"])
@pytest.mark.parametrize("site", SITES.values(), ids=SITES)
@pytest.mark.parametrize("amount", ["0", "-0.001", "1.005", "999.99", "1000", "-12345678.90", "123456789.126"])
def test_an_amount_is_written_as_babel_writes_it(language: str, site: Site, amount: str) -> None:
    pattern = parse_pattern("#,##0." + "0" * site.decimals if site.decimals else "#,##0")
    with translation.override(language):
        expected = pattern.apply(site.quantize(Decimal(amount)), locale(site))
        assert written(Decimal(amount), site) == expected


def test_a_currency_stands_behind_its_amount() -> None:
    assert with_currency(Decimal(-500), SITES["MLA"]) == "-500.00 ARS"


@pytest.mark.parametrize(("language", "shown"), [("es", "1.010,5"), ("pt-br", "1.010,5"), ("en", "1,010.5")])
def test_what_is_no_money_is_written_with_the_decimals_that_it_has(language: str, shown: str) -> None:
    with translation.override(language):
        assert quantity(Decimal("1010.500"), SITES["MLA"]) == shown


def test_a_currency_is_enough_to_write_an_amount() -> None:
    with translation.override("es"):
        assert [in_currency(Decimal("12600.50"), currency) for currency in ("ARS", "CLP")] == ["12.600,50", "12.601"]
