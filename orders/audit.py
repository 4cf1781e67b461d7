"""Every night: each store's business day as it stands here, beside how it stands at Mercado Pago.

It is the business day that is closed, too: it begins at the hour that the store's page names.
"""

import logging
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from gateway.client import Client
from gateway.errors import NotFound, NotUnderstood, PermanentError
from gateway.remote import RemoteMerchantOrder
from orders import comparison, services
from orders.comparison import Found, Subject
from orders.errors import Refused
from orders.models import Audit, Difference, DifferenceKind, MerchantOrder, Order, Payment
from orders.states import APPROVED
from stores import days
from stores.models import Account, Store
from stores.setting_aside import UNMARKED, marked

logger = logging.getLogger(__name__)

_REST = timedelta(hours=3)  # after a day's end: its last news is in
_LOOK_BACK = 7  # days: so long an outage is caught up


@dataclass(frozen=True, slots=True)
class Day:
    """One business day of an account's stores that begin theirs at the same hour, in the same time zone."""

    account: Account
    time_zone: str
    date: date
    hour: int = 0

    @property
    def begin(self) -> datetime:
        return days.begin_of(self.date, self.time_zone, hour=self.hour)

    @property
    def end(self) -> datetime:
        return days.begin_of(self.date + timedelta(days=1), self.time_zone, hour=self.hour)

    @property
    def stores(self) -> list[Store]:
        stores = Store.objects.filter(account=self.account, time_zone=self.time_zone, day_starts=self.hour)
        return list(stores.order_by("pk"))


@dataclass(frozen=True, slots=True)
class Look:
    """What of a day was found at Mercado Pago, with the orders of ours by reference, and what it does not have."""

    remote: list[RemoteMerchantOrder]
    orders: dict[str, Order]
    missing: list[MerchantOrder]
    not_understood: list[NotUnderstood]


@dataclass(frozen=True, slots=True)
class Sums:
    """How many merchant orders, and what was paid and not refunded, in the account's currency."""

    count: int
    ours: Decimal
    theirs: Decimal


def due(now: datetime) -> list[Day]:
    """The days that are over where the store is and that were not compared yet, the oldest first."""
    found: dict[Day, None] = {}
    for store in Store.objects.select_related("account").filter(account__is_active=True).order_by("pk"):
        last = store.day_at(now - _REST) - timedelta(days=1)
        first = max(last - timedelta(days=_LOOK_BACK - 1), store.day_at(store.created_at))
        done = {
            audit.day
            for audit in Audit.objects.filter(store=store, day__range=(first, last))
            if audit.done_at >= store.bounds(audit.day)[1]  # not by hand, while the day was still going on
        }
        for back in range((last - first).days + 1):
            if (day := first + timedelta(days=back)) not in done:
                found[Day(store.account, store.time_zone, day, store.day_starts)] = None
    return sorted(found, key=lambda day: day.date)


def compare(day: Day, *, client: Client) -> list[Audit]:
    """Write down every difference of a day, per store; follow Mercado Pago, and tell what that healed.

    What names no order of ours is listed with the first store. Raises TemporaryError; then nothing is written.
    """
    stores = day.stores
    look = _look(day, stores, client)
    before = comparison.compare(day.account, look.remote, look.orders, look.missing)
    sums = [_sums(store, look) for store in stores]
    _follow(day.account, before, look, client)
    after = comparison.compare(day.account, look.remote, look.orders, look.missing)
    broken = [Found(DifferenceKind.NOT_UNDERSTOOD, None, theirs=str(error)) for error in look.not_understood]
    left = {found.subject for found in (*after, *broken)}
    return _write(day, stores, sums, [*before, *broken], left)


def _look(day: Day, stores: Sequence[Store], client: Client) -> Look:
    """All that was made or changed that day, and what we think was."""
    made, not_understood = client.merchant_orders_between("date_created", day.begin, day.end)
    changed, also = client.merchant_orders_between("last_updated", day.begin, day.end)
    not_understood = list({str(error): error for error in (*not_understood, *also)}.values())  # most are in both
    remote = {one.id: one for one in (*made, *changed)}
    missing = []
    ours = MerchantOrder.objects.select_related("order__pos").filter(
        account=day.account, created_at__gte=day.begin, created_at__lt=day.end, order__pos__store__in=stores
    )
    for one in ours.exclude(remote_id__in=remote):
        try:  # a search may miss what is there
            remote[one.remote_id] = client.get_merchant_order(one.remote_id)
        except NotFound:
            missing.append(one)
        except NotUnderstood as error:
            not_understood.append(error)
    orders = _orders(day.account, remote.values())
    elsewhere = {reference for reference, order in orders.items() if order.pos.store not in stores}
    mine = [one for one in remote.values() if _is_ours(one, orders) and _reference(one) not in elsewhere]
    for reference in elsewhere:
        del orders[reference]
    return Look(mine, orders, missing, not_understood)


def _orders(account: Account, remote: Iterable[RemoteMerchantOrder]) -> dict[str, Order]:
    references = {_reference(one) for one in remote}
    found = Order.objects.with_site().filter(external_reference__in=references, pos__account=account)
    return {order.external_reference: order for order in found}


def _reference(remote: RemoteMerchantOrder) -> str:
    return remote.external_reference.upper()


def _is_ours(remote: RemoteMerchantOrder, orders: dict[str, Order]) -> bool:
    """Others are of other software on the same account."""
    return _reference(remote) in orders or comparison.looks_like_ours(remote)


def _sums(store: Store, look: Look) -> Sums:
    """What the payments come to here and there, before anything is healed."""
    remote = [one for one in look.remote if (order := look.orders.get(_reference(one))) and order.pos.store == store]
    theirs = sum((p.amount - p.refunded for r in remote for p in r.payments if p.status == APPROVED), Decimal(0))
    here = Payment.objects.filter(
        merchant_order__account=store.account, merchant_order__remote_id__in=[one.id for one in remote], status=APPROVED
    )
    ours = sum((payment.amount - payment.refunded for payment in here), Decimal(0))
    return Sums(len(remote), ours, theirs)


def _follow(account: Account, found: Sequence[Found], look: Look, client: Client) -> None:
    differs = {one.merchant_order_id for one in found}
    for remote in look.remote:
        if remote.id in differs:
            with _one_that_fails_stops_no_other(remote.id):
                services.take(account, remote, client=client, actor="audit")
    for order in {one.order for one in found if one.kind == DifferenceKind.NOT_CLOSED and one.order}:
        with _one_that_fails_stops_no_other(order.pk):
            services.refresh(order, client=client, actor="audit")


@contextmanager
def _one_that_fails_stops_no_other(which: int) -> Iterator[None]:
    try:
        yield
    except PermanentError as error:
        logger.error("audit: %s cannot be followed: %s", which, error)


def check_again(difference: Difference, *, client: Client) -> bool:
    """Follow Mercado Pago about one difference once more; whether it is healed now."""
    account, order = difference.audit.store.account, difference.order
    if difference.merchant_order_id:
        remote = [client.get_merchant_order(difference.merchant_order_id)]
        services.take(account, remote[0], client=client, actor="audit")
    elif order:
        remote = []
        services.refresh(order, client=client, actor="audit")
    else:
        return False
    orders = {order.external_reference: order} if order else _orders(account, remote)
    subject = (difference.kind, difference.order_id, difference.merchant_order_id, difference.payment_id)
    left = {found.subject for found in comparison.compare(account, remote, orders, [])}
    difference.healed = subject not in left
    difference.save(update_fields=["healed"])
    return difference.healed


def set_aside(difference: Difference, *, actor: str, reason: str) -> None:
    """A person has looked: this difference may stay. The same one, found again, is set aside as well."""
    if not Difference.objects.left_to_people().filter(pk=difference.pk).update(**marked(actor=actor, reason=reason)):
        raise Refused("decided", _("Nothing is to be decided about this difference any more."))


@transaction.atomic
def _write(
    day: Day, stores: Sequence[Store], sums: Sequence[Sums], found: Sequence[Found], left: Collection[Subject]
) -> list[Audit]:
    audits = {
        store.pk: Audit.objects.create(
            store=store, day=day.date, merchant_orders=money.count, ours=money.ours, theirs=money.theirs
        )
        for store, money in zip(stores, sums, strict=True)
    }
    Difference.objects.bulk_create(
        _row(one, audits[one.order.pos.store_id if one.order else stores[0].pk], healed=one.subject not in left)
        for one in found
    )
    return list(audits.values())


def _row(found: Found, audit: Audit, *, healed: bool) -> Difference:
    """As it is kept. What a person has set aside before, in the same words, does not wait for a person again."""
    what = {
        "kind": found.kind,
        "order": found.order,
        "merchant_order_id": found.merchant_order_id,
        "payment_id": found.payment_id,
        "ours": found.ours[:100],
        "theirs": found.theirs[:200],
    }
    before = Difference.objects.filter(**what, audit__store=audit.store_id).exclude(set_aside_at=None).last()
    marks = {name: getattr(before, name) for name in UNMARKED} if before else {}
    return Difference(audit=audit, healed=healed, **what, **marks)
