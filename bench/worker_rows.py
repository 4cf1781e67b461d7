"""Open orders, each of a point of sale of its own, with the delivery that says that it is paid."""

from dataclasses import dataclass
from datetime import timedelta
from itertools import count

from django.utils import timezone

from bench.stub import TOTAL, reference
from gateway.sites import SITES
from notifications.models import Notification
from orders.models import Order
from orders.states import Status
from pos.models import PointOfSale
from stores.models import Account, Store

_numbers = count(1)


@dataclass(frozen=True, slots=True)
class Station:
    """Where all of it is sold."""

    account: Account
    store: Store


def station() -> Station:
    account = Account.objects.create(site_code="MLA", user_id=1, access_token="bench")  # noqa: S106
    store = Store.objects.create(
        account=account, external_id="S1", branch_number=1, name="Estación Caseros", street="Caseros", number="3039",
        city="Belgrano", state="Capital Federal", latitude=-34, longitude=-58, time_zone=SITES["MLA"].time_zone,
    )  # fmt: skip
    return Station(account, store)


def deliveries(at: Station, how_many: int) -> list[int]:
    """The numbers of their rows. The sweep leaves them alone for an hour."""
    numbers = [next(_numbers) for _ in range(how_many)]
    _sell(at, numbers)
    later = timezone.now() + timedelta(hours=1)
    rows = Notification.objects.bulk_create(
        Notification(
            account=at.account, headers={}, body=b"", verdict="absent", topic="merchant_order", resource_id=number,
            next_attempt_at=later,
        )
        for number in numbers
    )  # fmt: skip
    return [row.pk for row in rows]


def closed(at: Station, how_many: int) -> list[int]:
    """The numbers of orders that wait for their receipt."""
    sold = _sell(at, [next(_numbers) for _ in range(how_many)])
    rows = Order.objects.filter(pk__in=sold)
    rows.update(status=Status.CLOSED, closed_at=timezone.now(), paid_amount=TOTAL, payment_status="paid")
    return sold


def _sell(at: Station, numbers: list[int]) -> list[int]:
    points = PointOfSale.objects.bulk_create(
        PointOfSale(store=at.store, account=at.account, external_id=f"P{n}", name="Surtidor", category="gas_station")
        for n in numbers
    )
    item = {"title": "Súper", "quantity": "1", "unit_measure": "unit", "unit_price": "500", "total_amount": "500"}
    orders = Order.objects.bulk_create(
        Order(
            pos=pos, items=[item], currency="ARS", total_amount=TOTAL, idempotency_key="1", fingerprint="-",
            expires_at=timezone.now() + timedelta(hours=1), external_reference=reference(number),
        )
        for pos, number in zip(points, numbers, strict=True)
    )  # fmt: skip
    return [order.pk for order in orders]
