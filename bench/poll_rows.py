"""Points of sale with an order each, for bench.poll, which runs this in a process of its own; prints their tokens."""

import os
import sys
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
import django

django.setup()

from django.core.management import call_command  # noqa: E402 - only once Django is set up
from django.db import connection  # noqa: E402 - only once Django is set up
from django.utils import timezone  # noqa: E402 - only once Django is set up

from orders.models import Order  # noqa: E402 - only once Django is set up
from orders.states import Status  # noqa: E402 - only once Django is set up
from pos.models import PointOfSale  # noqa: E402 - only once Django is set up
from stores.models import Account, Store  # noqa: E402 - only once Django is set up

OTHERS, BEFORE = 1000, 100  # other points of sale; orders that each had before: so that plans are those of a chain


def main(polled: int) -> None:
    call_command("migrate", verbosity=0)
    account = Account.objects.create(site_code="MLC", user_id=1, access_token="bench")  # noqa: S106 - a stand-in
    stores = [
        Store.objects.create(
            account=account, external_id=f"STORE{n:03}", branch_number=n, name=f"Providencia {n}", street="Alameda",
            number="1", city="Santiago", state="RM", latitude=-33, longitude=-70, time_zone="America/Santiago",
        )
        for n in range(1, 101)
    ]  # fmt: skip
    points = [_point(stores[n % len(stores)], n) for n in range(polled + OTHERS)]
    PointOfSale.objects.bulk_create(points)
    now = timezone.now()
    for pos in points[:polled]:
        over = [_order(pos, Status.CLOSED, closed_at=now) for _n in range(BEFORE)]
        Order.objects.bulk_create([*over, _order(pos, Status.OPEN, expires_at=now + timedelta(days=1))])
        print(pos.poll_token)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def _point(store: Store, number: int) -> PointOfSale:
    return PointOfSale(account=store.account, store=store, external_id=f"POS{number:04}", name=f"Surtidor {number}")


def _order(pos: PointOfSale, status: Status, **fields: Any) -> Order:
    item = {"title": "Gasolina 95", "quantity": "1", "unit_measure": "unit", "unit_price": "25200",
            "total_amount": "25200", "description": "Surtidor", "sku_number": "", "category": ""}  # fmt: skip
    return Order(
        pos=pos, items=[item], currency="CLP", total_amount=Decimal(25200), idempotency_key=uuid4().hex,
        fingerprint="", status=status, **{"expires_at": timezone.now()} | fields,
    )  # fmt: skip


if __name__ == "__main__":
    main(int(sys.argv[1]))
