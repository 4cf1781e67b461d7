"""Sales, payments and refunds at chosen moments of a business day."""

from datetime import datetime
from decimal import Decimal
from itertools import count
from zoneinfo import ZoneInfo

from orders.models import MerchantOrder, Order, Payment, Refund, RefundRequest
from orders.states import Status
from pos.models import PointOfSale
from tests.factories import OrderFactory

_ids = count(30_000_000_001)


def at(text: str, zone: str = "America/Argentina/Buenos_Aires") -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


def sell(pos: PointOfSale, total: str, *, closed: datetime | None, status: str = "closed") -> Order:
    made: Order = OrderFactory.create(
        pos=pos, total_amount=Decimal(total), status=status if closed is None else Status.CLOSED, closed_at=closed
    )
    return made


def pay(order: Order, amount: str, *, approved: datetime, status: str = "approved", refunded: str = "0") -> Payment:
    merchant_order = MerchantOrder.objects.create(
        account=order.account, order=order, remote_id=next(_ids), status="closed",
        total_amount=order.total_amount, seen_at=approved,
    )  # fmt: skip
    return Payment.objects.create(
        account=order.account, merchant_order=merchant_order, pos=order.pos, remote_id=next(_ids), status=status,
        amount=Decimal(amount), refunded=Decimal(refunded), approved_at=approved, updated_at=approved,
    )  # fmt: skip


def give_back(payment: Payment, amount: str, *, made: datetime) -> Refund:
    """Asked for here, and done."""
    order = payment.merchant_order.order
    request = RefundRequest.objects.create(order=order, amount=Decimal(amount), actor="ana", status="approved")
    payment.refunded += Decimal(amount)
    payment.save()
    return Refund.objects.create(
        request=request, payment=payment, amount=Decimal(amount), status="approved", remote_id=next(_ids),
        made_at=made, answered_at=made,
    )  # fmt: skip
