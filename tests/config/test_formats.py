"""Dates and times are written in one way in each language."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from django.template import Context, Template
from django.utils import timezone, translation
from django.utils.formats import date_format, localize

from stores.times import written

AT, ZONE = datetime(2026, 11, 24, 18, 52, 7, tzinfo=UTC), ZoneInfo("America/Argentina/Buenos_Aires")


@pytest.mark.parametrize(
    ("language", "moment", "day"),
    [
        ("es", "24/11/2026 15:52", "24/11/2026"),
        ("pt-br", "24/11/2026 15:52", "24/11/2026"),
        ("en", "2026-11-24 15:52", "2026-11-24"),
    ],
)
def test_lists_templates_and_our_own_sentences_write_the_same(language: str, moment: str, day: str) -> None:
    with translation.override(language), timezone.override(ZONE):
        assert written(AT, ZONE) == moment
        assert localize(timezone.localtime(AT)) == moment  # what Django's lists do
        assert Template("{{ at }}").render(Context({"at": AT})) == moment
        assert date_format(timezone.localtime(AT), "SHORT_DATETIME_FORMAT") == moment
        assert localize(date(2026, 11, 24)) == date_format(date(2026, 11, 24), "DATE_FORMAT") == day
