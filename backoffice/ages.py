"""How long something takes or is ago, as people say it."""

from datetime import datetime, timedelta

from django.utils.timesince import timesince
from django.utils.translation import gettext


def age(since: datetime, at: datetime) -> str:
    """As in `3 minutes`: one unit is enough for people."""
    if at - since < timedelta(minutes=1):
        return gettext("less than a minute")
    return timesince(since, at, depth=1)


def ago(since: datetime, at: datetime) -> str:
    return gettext("%(age)s ago") % {"age": age(since, at)}
