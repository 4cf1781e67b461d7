from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from gateway.sites import SITES


def test_all_seven_countries_are_there() -> None:
    assert set(SITES) == {"MLA", "MLB", "MLC", "MCO", "MLM", "MLU", "MPE"}


@pytest.mark.parametrize("site", SITES.values(), ids=SITES)
def test_every_country_has_a_real_time_zone_and_both_category_codes(site) -> None:
    assert ZoneInfo(site.time_zone)
    assert set(site.categories) == {"gas_station", "gastronomy"}


@pytest.mark.parametrize(("code", "text"), [("MLA", "1234.50"), ("MLB", "1234.50"), ("MLC", "1235"), ("MCO", "1235")])
def test_amounts_have_the_decimals_mercado_pago_accepts(code: str, text: str) -> None:
    assert SITES[code].text(Decimal("1234.5")) == text


def test_chile_takes_no_decimals_and_argentina_takes_two() -> None:
    assert not SITES["MLC"].fits(Decimal("1.5"))
    assert SITES["MLC"].fits(Decimal("2.00"))
    assert SITES["MLA"].fits(Decimal("1.55"))
    assert not SITES["MLA"].fits(Decimal("1.555"))
