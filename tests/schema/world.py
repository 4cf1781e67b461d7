"""A store with an order in every state, so that what is generated meets something."""

from datetime import timedelta
from decimal import Decimal

from django.utils import timezone

from orders.models import MerchantOrder, Order, Payment, RefundRequest
from orders.settlement import settle
from orders.states import RequestStatus, Status
from pos.models import Hook, PointOfSale
from pos.services import create_key
from receipts.services import draw, issue
from stores.models import Store
from tests.factories import OrderFactory, PosFactory, StoreFactory

POINTS = ("POS0001", "POS0002", "POS0003")


def build() -> tuple[str, list[int]]:
    """A controller key, and the ids of orders: open, served, paid in part, closed, refunded, canceled, expired."""
    store: Store = StoreFactory.create()
    free, busy, served = (PosFactory.create(store=store, external_id=name) for name in POINTS)
    off = PosFactory.create(store=store, external_id="POS0004", is_active=False)
    Hook.objects.create(store=store, url="https://pump.example/")
    orders = [
        OrderFactory.create(pos=busy),
        OrderFactory.create(pos=served, first_served_at=timezone.now()),
        paid(off, Decimal(200), remote_id=1),
        *(closed(free, remote_id=number) for number in (2, 3)),
        OrderFactory.create(pos=free, status=Status.CANCELED),
        OrderFactory.create(pos=free, status=Status.EXPIRED),
    ]
    RefundRequest.objects.create(order=orders[4], amount=100, actor="test", status=RequestStatus.PROPOSED)
    for order in orders:
        Order.objects.filter(pk=order.pk).update(expires_at=timezone.now() + timedelta(days=1))
    return create_key(name="schemathesis", store=store), [order.pk for order in orders]


def paid(pos: PointOfSale, amount: Decimal, *, remote_id: int) -> Order:
    order: Order = OrderFactory.create(pos=pos, first_served_at=timezone.now())
    whole = MerchantOrder.objects.create(
        account=order.account,
        order=order,
        remote_id=remote_id,
        status="closed" if amount >= order.total_amount else "opened",
        total_amount=order.total_amount,
        seen_at=timezone.now(),
    )
    Payment.objects.create(
        account=order.account,
        merchant_order=whole,
        pos=pos,
        remote_id=remote_id,
        status="approved",
        amount=amount,
        approved_at=timezone.now(),
    )
    return settle(order.pk, [], actor="test")


def closed(pos: PointOfSale, *, remote_id: int) -> Order:
    order = paid(pos, Decimal(500), remote_id=remote_id)
    draw(issue(order))
    return order
