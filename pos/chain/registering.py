"""Telling Mercado Pago of all that waits, from a command: beside workers or without them, and again after a stop."""

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Event
from time import monotonic

from django.db import connection, models
from django.db.models import Min, Q
from django.utils import timezone

from pos import services
from pos.models import PointOfSale
from stores.models import Account, Store
from stores.registering import LEASE
from stores.registration import Registered, Registration

_TURN = 2.0  # seconds; how long a stop may take
_LOOK = 0.5  # seconds between two reports
_SOON = LEASE + timedelta(seconds=5)  # what somebody took and never told Mercado Pago of is free again by then


@dataclass(frozen=True)
class Standing:
    """How far it is. `pause` is for how many seconds Mercado Pago wants to be left alone, 0 when it does not say."""

    waiting: int
    pause: int


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


def standing(accounts: list[Account]) -> Standing:
    now = timezone.now()
    quiet = Account.objects.filter(pk__in=[account.pk for account in accounts], quiet_until__gt=now)
    until = [account.quiet_until for account in quiet if account.quiet_until]
    left = sum(rows.count() for account in accounts for rows in _waiting(account))
    return Standing(left, max((round((one - now).total_seconds()) or 1 for one in until), default=0))


def to_tell(accounts: list[Account]) -> Iterator[Registered]:
    """What waits to be told of."""
    for account in accounts:
        for rows in _waiting(account):
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
    now = timezone.now()
    account.refresh_from_db(fields=["quiet_until"])
    due = (rows.aggregate(first=Min("registration_due_at"))["first"] for rows in _waiting(account))
    first: datetime | None = min((one for one in due if one), default=None)
    if first is None:
        return None
    if account.quiet_until and account.quiet_until > now:
        return max(first, account.quiet_until)
    return first if first < now + _SOON else None


def _waiting(account: Account) -> tuple[models.QuerySet[Store], models.QuerySet[PointOfSale]]:
    """What Mercado Pago is to hear of; not what waits for a store that it refused, or has no time to wait for."""
    due = Q(registration=Registration.PENDING, registration_due_at__isnull=False)
    stuck = Q(store__registration=Registration.REFUSED, registration_code="STORE_FIRST")
    return (
        Store.objects.filter(due, account=account),
        PointOfSale.objects.filter(due, account=account).exclude(stuck),
    )
