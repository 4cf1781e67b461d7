"""Times by the clock of a store."""

from datetime import UTC, datetime

import pytest
from django.utils import timezone

from stores.admin.times import spell_time
from stores.models import Store

AT = datetime(2026, 11, 24, 2, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "spelled"),
    [
        ("America/Argentina/Buenos_Aires", "2026-11-23 23:05 UTC-03"),
        ("America/Mexico_City", "2026-11-23 20:05 CST"),
        ("Asia/Kathmandu", "2026-11-24 07:50 UTC+0545"),
        ("UTC", "2026-11-24 02:05 UTC"),
    ],
)
def test_a_time_is_the_stores_and_names_its_zone(zone, spelled) -> None:
    with timezone.override("America/Lima"):
        said = spell_time(AT, Store(time_zone=zone))
    assert said.replace("\N{NO-BREAK SPACE}", " ").replace("\N{MINUS SIGN}", "-") == spelled


def test_the_zone_of_the_page_is_not_named_again_and_again() -> None:
    with timezone.override("America/Argentina/Buenos_Aires"):
        assert spell_time(AT, Store(time_zone="America/Argentina/Buenos_Aires")) == "2026-11-23 23:05"
