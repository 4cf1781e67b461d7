"""Moments as people write them: one way in each language, which `config.formats` names."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils.formats import date_format


def written(moment: datetime, zone: ZoneInfo) -> str:
    """By the clocks of this zone."""
    return date_format(moment.astimezone(zone), "DATETIME_FORMAT")
