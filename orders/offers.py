"""What a point of sale has to offer: an order, or its rest, as the gateway's dialects take it."""

from decimal import Decimal
from typing import Any

from gateway.dialects import Line, Offer
from orders.levies import fee_of_rest, taxes_of_rest
from orders.models import Order, money_of
from orders.states import PaymentStatus, Status
from pos.models import PointOfSale


def rest_of(order: Order) -> Decimal:
    """What is still to be paid of it."""
    return money_of(order).rest if order.paid_amount else order.total_amount


def was_paid(pos: PointOfSale) -> bool:
    """Whether the last order here is over because it was paid."""
    last = Order.objects.filter(pos=pos).order_by("-pk").first()
    paid = (PaymentStatus.PAID, PaymentStatus.OVERPAID)
    return last is not None and last.status == Status.CLOSED and last.payment_status in paid


def offer_of(pos: PointOfSale, order: Order, rest: Decimal) -> Offer:
    """The order; of one that was paid short only the rest, with its share of taxes and fee and without points."""
    account, is_whole = pos.store.account, rest == order.total_amount
    return Offer(
        external_reference=order.external_reference,
        currency=order.currency,
        lines=_lines(order, rest, is_whole=is_whole),
        notification_url=account.notification_url,
        collector_id=account.user_id,
        sponsor_id=account.sponsor_id,
        title=order.title,
        description=order.description,
        client_id=account.application.owner_id if account.application else None,
        loyalty=order.loyalty if is_whole else None,
        **_levies(order, rest, is_whole=is_whole),
    )


def _levies(order: Order, rest: Decimal, *, is_whole: bool) -> dict[str, Any]:
    site = order.pos.store.account.site
    if is_whole:
        return {"taxes": order.taxes, "marketplace_fee": site.quantize(order.marketplace_fee)}
    fee = fee_of_rest(order.marketplace_fee, rest, total=order.total_amount, site=site)
    return {"taxes": taxes_of_rest(order.taxes, rest, site), "marketplace_fee": fee}


def _lines(order: Order, rest: Decimal, *, is_whole: bool) -> list[Line]:
    """What the phone shows."""
    site = order.pos.store.account.site
    if not is_whole:
        return [Line(title=order.title or order.items[0]["title"], amount=site.quantize(rest))]
    return [_line(item, site.quantize(Decimal(item["total_amount"]))) for item in order.items]


def _line(item: dict[str, Any], amount: Decimal) -> Line:
    title = item["title"]
    if (item["quantity"], item["unit_measure"]) != ("1", "unit"):
        title = f"{title} {item['quantity']} {item['unit_measure']} x {item['unit_price']}"
    return Line(
        title=title,
        amount=amount,
        description=item["description"],
        sku_number=item["sku_number"],
        category=item["category"],
    )
