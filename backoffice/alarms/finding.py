"""What is wrong now: a few indexed queries for the whole chain. What pages show already is asked in their words."""

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Final

from backoffice.alarms import money, provider, station
from backoffice.alarms.found import Finder, Found
from backoffice.models import AlarmKind

logger = logging.getLogger(__name__)

MOST: Final = 500  # of a kind: whoever has more has one problem, not a thousand
FINDERS: Final[Mapping[AlarmKind, Finder]] = {
    AlarmKind.PAID_NOT_CLOSED: money.paid_not_closed,
    AlarmKind.REFUND_FAILED: money.refund_failed,
    AlarmKind.DISPUTED: money.disputed,
    AlarmKind.WAITS: money.waits,
    AlarmKind.NO_NEWS: provider.no_news,
    AlarmKind.NEWS_FAILS: provider.news_fails,
    AlarmKind.BEHIND: provider.behind,
    AlarmKind.TOKEN: provider.token,
    AlarmKind.POS_SILENT: station.pos_silent,
    AlarmKind.PRINTER: station.printer,
    AlarmKind.NOT_PRINTED: station.not_printed,
    AlarmKind.NOT_DRAWN: station.not_drawn,
}


def find(now: datetime) -> dict[AlarmKind, Sequence[Found]]:
    """By kind. One that could not be looked for is left out: that says nothing about its alarms."""
    found: dict[AlarmKind, Sequence[Found]] = {}
    for kind, finder in FINDERS.items():
        try:
            found[kind] = list(islice(finder(now), MOST))
        except Exception:
            logger.exception("alarms: it could not be looked for %s", kind)
    return found
