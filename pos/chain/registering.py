"""Telling Mercado Pago of all that waits, from a command: beside workers or without them, and again after a stop."""

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Event
from time import monotonic

from django.db import connection
from django.db.models import Q
from django.utils import timezone

from pos import services
from pos.chain.standing import Standing, next_due, of_account, standing
from pos.models import PointOfSale
from stores.models import Account, Store
from stores.registering import LEASE
from stores.registration import Registered, Registration

_TURN = 2.0  # seconds; how long a stop may take
_LOOK = 0.5  # seconds between two reports
_SOON = LEASE + timedelta(seconds=5)  # what somebody took and never told Mercado Pago of is free again by then


def register_all(accounts: Iterable[Account], *, stop: Event) -> Iterator[Standing]:
    """Tell Mercado Pago of what waits of these accounts, one row after the other each; say now and then how far it is.

    Ends when nothing waits that could be told of soon. Set `stop` to end after the rows that are being told of.
    """
    chosen = list(accounts)
    if len(chosen) == 1:
        yield from _one_by_one(chosen[0], stop)
        return
    with ThreadPoolExecutor(max_workers=min(8, len(chosen) or 1)) as pool:
        try:
            working = [pool.submit(_in_thread, account, stop) for account in chosen]
            while not all(one.done() for one in working):
                yield standing(chosen)
                stop.wait(_LOOK)
            for one in working:
                one.result()
        finally:
            stop.set()
    yield standing(chosen)


def to_tell(accounts: list[Account]) -> Iterator[Registered]:
    """What waits to be told of."""
    for account in accounts:
        for rows in of_account(account):
            yield from rows


def outcomes(accounts: list[Account]) -> Iterator[Registered]:
    """What of them Mercado Pago does not know as it stands here, in the order of the accounts; stores first."""
    for account in accounts:
        unknown = ~Q(registration=Registration.REGISTERED)
        yield from Store.objects.filter(unknown, account=account).order_by("pk")
        points = PointOfSale.objects.filter(unknown, account=account)
        yield from points.select_related("store__account").order_by("pk")


def _in_thread(account: Account, stop: Event) -> None:
    try:
        for _standing in _one_by_one(account, stop):
            """Another thread reports."""
    finally:
        connection.close()


def _one_by_one(account: Account, stop: Event) -> Iterator[Standing]:
    while not stop.is_set():
        begun = monotonic()
        services.register_due(account, seconds=_TURN)
        yield standing([account])
        wake = _next_wake(account)
        if wake is None:
            return
        # Nothing to do for the moment: due later, or in the hands of another worker.
        if monotonic() - begun < _LOOK or wake > timezone.now():
            stop.wait(min(max((wake - timezone.now()).total_seconds(), 0.1), 1.0))


def _next_wake(account: Account) -> datetime | None:
    """When something of it can be told of; None when that is not soon, unless Mercado Pago asked for the pause."""
    now, first = timezone.now(), next_due(account)
    account.refresh_from_db(fields=["quiet_until", "unanswered_since"])
    if account.unanswered_since is not None:
        return None  # a worker goes on with it when there are answers again
    if first and account.quiet_until and account.quiet_until > now:
        return max(first, account.quiet_until)
    return first if first and first < now + _SOON else None
