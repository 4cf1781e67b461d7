"""Money that is not where it should be, and what waits for a person."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Count, Min

from backoffice.alarms.found import Found, at_store, of_account, of_store
from backoffice.models import Case
from orders.models import Order
from stores.models import Account, Store

PAID_FOR: Final = timedelta(minutes=2)
WAITS_FOR: Final = timedelta(minutes=30)
_REFUNDS: Final = ("refund_failed", "refund_unanswered")
_DISPUTES: Final = ("charged_back", "in_mediation")
_TOLD_ELSEWHERE: Final = (*_REFUNDS, *_DISPUTES, "credentials", "printer")  # each has an alarm of its own


def paid_not_closed(now: datetime) -> Iterator[Found]:
    paid = Order.objects.paid_but_not_closed()
    orders = paid.filter(paid_at__lt=now - PAID_FOR)  # type: ignore[misc]  # the queryset adds it
    for order in orders.select_related("pos__store").order_by("pk"):
        values = {"pos": order.pos.name, "amount": str(order.paid_amount), "currency": order.currency}
        yield Found(
            subject=f"order {order.pk}",
            label=str(order),
            since=order.paid_at,  # type: ignore[attr-defined]  # the queryset adds it
            values=values,
            **at_store(order.pos.store),
        )


def refund_failed(now: datetime) -> Iterator[Found]:
    yield from _cases(_REFUNDS)


def disputed(now: datetime) -> Iterator[Found]:
    yield from _cases(_DISPUTES)


def _cases(kinds: tuple[str, ...]) -> Iterator[Found]:
    for case in Case.objects.filter(kind__in=kinds).order_by("pk"):
        yield Found(
            subject=f"{case.source} {case.object_id}",
            label=case.label,
            since=case.since,
            store_id=case.store_id,
            account_id=case.account_id,
            values={"case": case.kind},
        )


def waits(now: datetime) -> Iterator[Found]:
    """For each store, and for each account what is of none of its stores."""
    long = Case.objects.filter(since__lt=now - WAITS_FOR).exclude(kind__in=_TOLD_ELSEWHERE).order_by()
    rows = list(long.values_list("store", "account").annotate(count=Count("pk"), first=Min("since")))
    stores = Store.objects.in_bulk([store for store, *_ in rows if store])
    accounts = Account.objects.in_bulk([account for store, account, *_ in rows if account and not store])
    for store, account, count, first in rows:
        if store:
            yield of_store(stores[store], first, count=count)
        elif account:
            yield of_account(accounts[account], first, count=count)
