"""What waits to be told of to Mercado Pago, and what came of the rest: asked of the rows themselves."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Min, Q, QuerySet
from django.utils import timezone

from pos.models import ImportRun, PointOfSale
from stores.models import Account, Store
from stores.registration import Registered, Registration

_MOST_HELD = 200  # shown of each kind
_WAITS = Q(registration=Registration.PENDING, registration_due_at__isnull=False)
_STUCK = Q(store__registration=Registration.REFUSED, registration_code="STORE_FIRST")

Waiting = tuple[QuerySet[Store], QuerySet[PointOfSale]]


def waiting(stores: QuerySet[Store], points: QuerySet[PointOfSale]) -> Waiting:
    """Those that Mercado Pago is to hear of, but not what hangs on a store that it refused."""
    return stores.filter(_WAITS), points.filter(_WAITS).exclude(_STUCK)


def of_account(account: Account) -> Waiting:
    return waiting(Store.objects.filter(account=account), PointOfSale.objects.filter(account=account))


@dataclass(frozen=True)
class Standing:
    """How far it is. `pause` is for how many seconds Mercado Pago wants to be left alone.

    `rest` is in how many seconds the next one is due, where none is now.
    """

    waiting: int
    pause: int
    rest: int


def standing(accounts: list[Account]) -> Standing:
    now, left, due = timezone.now(), 0, []
    for rows in (rows for account in accounts for rows in of_account(account)):
        found = rows.aggregate(left=Count("pk"), first=Min("registration_due_at"))
        left += found["left"]
        due += [found["first"]] if found["left"] else []
    rest = min(((one - now).total_seconds() for one in due), default=0.0)
    return Standing(left, pause([account.pk for account in accounts]), max(round(rest), 0))


def pause(accounts: Iterable[int]) -> int:
    """For how many seconds Mercado Pago wants at least one of them to be left alone (429); 0 when none."""
    now = timezone.now()
    quiet = Account.objects.filter(pk__in=accounts, quiet_until__gt=now).values_list("quiet_until", flat=True)
    return max((round((until - now).total_seconds()) or 1 for until in quiet if until), default=0)


def next_due(account: Account) -> datetime | None:
    """When something of it can be told of next; None when nothing waits."""
    due = (rows.aggregate(first=Min("registration_due_at"))["first"] for rows in of_account(account))
    return min((one for one in due if one), default=None)


@dataclass(frozen=True)
class RunStanding:
    """How far a confirmed import is. `held` are those that Mercado Pago did not take, or not at once."""

    saved: int
    registered: int
    is_working: bool
    pause: int
    held: list[Registered]


def of_run(run: ImportRun) -> RunStanding:
    """True whoever registers them, and after any restart."""
    stores, points = (
        Store.objects.filter(pk__in=run.stores.all()),
        PointOfSale.objects.filter(pk__in=run.points_of_sale.all()),
    )
    known, untried = Q(registration=Registration.REGISTERED), Q(registration=Registration.PENDING, registration_code="")
    held = [
        *stores.exclude(known | untried).order_by("pk")[:_MOST_HELD],
        *points.exclude(known | untried).select_related("store").order_by("pk")[:_MOST_HELD],
    ]
    is_telling = any(rows.exists() for rows in waiting(stores, points))
    accounts = {*stores.values_list("account", flat=True), *points.values_list("account", flat=True)}
    return RunStanding(
        saved=stores.count() + points.count(),
        registered=stores.filter(known).count() + points.filter(known).count(),
        is_working=is_telling or not run.is_saved,
        pause=pause(accounts) if is_telling else 0,
        held=held,
    )
