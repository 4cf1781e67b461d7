"""When Mercado Pago was last heard of for an account, and whether it should have been since."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Max, OuterRef, Subquery

from notifications.models import Notification
from orders.models import Order
from pos.models import PointOfSale
from stores.models import Account, StoreQuerySet

_QUIET: Final = timedelta(minutes=10)  # so much later than a sale, its notification is not coming any more
_LATELY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class News:
    """`heard` is None when nothing ever came; `sold` when nothing was sold lately."""

    account: Account
    heard: datetime | None
    sold: datetime | None

    def is_missing(self, at: datetime) -> bool:
        """Something was sold, and its notification is not coming any more."""
        if self.sold is None or self.sold >= at - _QUIET:
            return False
        return self.heard is None or self.heard < self.sold - _QUIET


def news_of(stores: StoreQuerySet, at: datetime) -> Iterator[News]:
    """Of the active accounts of these stores, by what these stores sold. Two queries."""
    sold = _last_sales(stores, at)
    latest = Notification.objects.filter(account=OuterRef("pk")).order_by("-pk").values("received_at")[:1]
    accounts = Account.objects.filter(is_active=True, pk__in=stores.order_by().values("account"))
    for account in accounts.annotate(heard_at=Subquery(latest)).order_by("pk"):
        yield News(account, account.heard_at, sold.get(account.pk))  # type: ignore[attr-defined]  # annotated above


def _last_sales(stores: StoreQuerySet, at: datetime) -> dict[int, datetime]:
    """By account; one look into an index for each point of sale, however much it sold."""
    closed = Order.objects.filter(pos=OuterRef("pk"), closed_at__gt=at - _LATELY).order_by("-closed_at")
    points = PointOfSale.objects.filter(store__in=stores.order_by()).alias(
        sold=Subquery(closed.values("closed_at")[:1])
    )
    last = points.order_by().values("account").annotate(last=Max("sold")).values_list("account", "last")
    return {account: moment for account, moment in last if moment}
