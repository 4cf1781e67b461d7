"""How a point of sale stands, as an answer to Mercado Pago. Read-only but for two remembered moments."""

import logging
import re
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import DatabaseError
from django.db.models import Q
from django.utils import timezone

from gateway import dialects
from gateway.dialects import Answer, Dialect, Line, Offer, Situation
from orders.models import Order, money_of
from orders.services import FIRST_CHECK
from orders.states import PaymentStatus, Status
from pos.models import ControllerStatus, PointOfSale

logger = logging.getLogger(__name__)

_TOKEN = re.compile(r"[\w-]{20,64}", re.ASCII)
_POLL_RESOLUTION = timedelta(seconds=10)


def answer_poll(token: str) -> Answer:
    """The answer to the `url` of a point of sale (contract §3)."""
    try:
        return _answer(token, timezone.now())
    except Exception:  # whatever it is, the phone can wait and Mercado Pago understands nothing else
        logger.exception("a poll could not be answered: answering timeout")
        return dialects.wait(Situation.UNREACHABLE, Dialect.V1)


def _answer(token: str, now: datetime) -> Answer:
    pos = _find(token)
    if pos is None:
        return dialects.wait(Situation.UNKNOWN, Dialect.V1)
    _remember_poll(pos, now)
    if pos.is_in_service and (order := _serve(pos, now)) and (rest := _rest(order)):
        return dialects.pay(_offer(pos, order, rest), pos.wire_dialect)
    return dialects.wait(_situation(pos, now), pos.wire_dialect)


def _find(token: str) -> PointOfSale | None:
    if not _TOKEN.fullmatch(token):
        return None
    return PointOfSale.objects.select_related("store__account").filter(poll_token=token).first()


def _serve(pos: PointOfSale, now: datetime) -> Order | None:
    """The order to pay. Its first serve is on record before it is shown: a cancel must know to ask for money."""
    order = Order.objects.payable(now).filter(pos=pos).first()
    if order is None or order.first_served_at is not None:
        return order
    marked = Order.objects.payable(now).filter(pk=order.pk, first_served_at=None)
    if marked.update(first_served_at=now, next_check_at=now + FIRST_CHECK):
        return order
    return _serve(pos, now)  # shown to somebody else, canceled or replaced in this very moment: look again


def _situation(pos: PointOfSale, now: datetime) -> Situation:
    if not pos.is_in_service:
        return Situation.NOTHING
    if pos.is_unreachable(now):
        return Situation.UNREACHABLE
    if pos.status == ControllerStatus.IN_PROCESS:
        return Situation.IN_PROCESS
    # V1 has one word for both; who speaks it saves the query.
    if pos.wire_dialect is Dialect.V2 and _is_paid(pos):
        return Situation.PAID
    return Situation.NOTHING


def _is_paid(pos: PointOfSale) -> bool:
    last = Order.objects.filter(pos=pos).order_by("-pk").first()
    paid = (PaymentStatus.PAID, PaymentStatus.OVERPAID)
    return last is not None and last.status == Status.CLOSED and last.payment_status in paid


def _remember_poll(pos: PointOfSale, now: datetime) -> None:
    """When this URL was last asked for, to about ten seconds; never a reason not to answer."""
    if pos.last_polled_at and now - pos.last_polled_at < _POLL_RESOLUTION:
        return
    stale = Q(last_polled_at=None) | Q(last_polled_at__lt=now - _POLL_RESOLUTION)
    try:
        PointOfSale.objects.filter(stale, pk=pos.pk).update(last_polled_at=now)
    except DatabaseError:
        logger.warning("cannot remember that %s was polled", pos, exc_info=True)


def _rest(order: Order) -> Decimal:
    """What is still to be paid of it."""
    return money_of(order).rest if order.paid_amount else order.total_amount


def _offer(pos: PointOfSale, order: Order, rest: Decimal) -> Offer:
    account = pos.store.account
    return Offer(
        external_reference=order.external_reference,
        currency=order.currency,
        lines=_lines(pos, order, rest),
        notification_url=account.notification_url,
        collector_id=account.user_id,
        sponsor_id=account.sponsor_id,
        title=order.title,
        description=order.description,
    )


def _lines(pos: PointOfSale, order: Order, rest: Decimal) -> list[Line]:
    """What the phone shows. Of an order that was paid short only the rest is asked for."""
    site = pos.store.account.site
    if rest < order.total_amount:
        return [Line(title=order.title or order.items[0]["title"], amount=site.quantize(rest))]
    return [_line(item, site.quantize(Decimal(item["total_amount"]))) for item in order.items]


def _line(item: dict[str, Any], amount: Decimal) -> Line:
    title = item["title"]
    if item["quantity"] != "1":
        title = f"{title} {item['quantity']} {item['unit_measure']} x {item['unit_price']}"
    return Line(
        title=title,
        amount=amount,
        description=item["description"],
        unit_measure=item["unit_measure"],
        sku_number=item["sku_number"],
        category=item["category"],
    )
