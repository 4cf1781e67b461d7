"""All that can wait for a person."""

from typing import Any

from django_stubs_ext import StrOrPromise

from backoffice.cases.arrivals import HookSource, NotificationSource
from backoffice.cases.closings import ClosingSource
from backoffice.cases.money import DifferenceSource, OrderSource, RefundSource
from backoffice.cases.paper import JobSource, PrinterSource
from backoffice.cases.registrations import AccountSource, FindingSource, PosSource, StoreSource
from backoffice.cases.requests import RequestSource
from backoffice.cases.story import Source

SOURCES: dict[str, Source[Any]] = {
    source.name: source
    for source in (
        OrderSource(), RequestSource(), RefundSource(), DifferenceSource(), ClosingSource(), NotificationSource(),
        AccountSource(), StoreSource(), PosSource(), FindingSource(), HookSource(), JobSource(), PrinterSource(),
    )
}  # fmt: skip
KINDS: dict[str, tuple[StrOrPromise, int]] = {
    kind: words for source in SOURCES.values() for kind, words in source.kinds.items()
}


def label_of(kind: str) -> str:
    """A kind for people; one that is not known any more, in an old decision, as it is."""
    return str(KINDS[kind][0]) if kind in KINDS else kind
