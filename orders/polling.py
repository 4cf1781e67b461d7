"""How a point of sale stands, as an answer to Mercado Pago. Read-only but for two remembered moments.

What was answered is written down together with one of these two, and never else; so are an account's shadows.
"""

import logging
import re
from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import DatabaseError
from django.db.models import Q
from django.utils import timezone

from gateway import dialects
from gateway.dialects import Answer, Dialect, Situation, Words
from orders import offered, shadow, spells
from orders.models import Order
from orders.models.poll import ORDER
from orders.offers import offer_of, rest_of, was_paid
from orders.services import FIRST_CHECK
from pos.models import ControllerStatus, PointOfSale
from stores import metrics
from stores.tracing import following

logger = logging.getLogger(__name__)

TOKEN = re.compile(r"[\w-]{20,64}", re.ASCII)
POLL_RESOLUTION = timedelta(seconds=10)


def answer_poll(token: str) -> Answer:
    """The answer to the `url` of a point of sale (contract §3)."""
    try:
        return _answer(token, timezone.now())
    except Exception:  # whatever it is, the phone can wait and Mercado Pago understands nothing else
        logger.exception("a poll could not be answered: answering timeout")
        metrics.polls.count(Situation.UNREACHABLE)
        return dialects.wait(Situation.UNREACHABLE, Dialect.V1)


def words() -> Words:
    """V2's literals, as this deployment wants them."""
    wanted = {
        "in_process": settings.MERCADO_PAGO_V2_IN_PROCESS,
        "nothing_to_pay": settings.MERCADO_PAGO_V2_NOTHING_TO_PAY,
        "waiting_for_order": settings.MERCADO_PAGO_V2_WAITING_FOR_ORDER,
        "order_version": settings.MERCADO_PAGO_V2_ORDER_VERSION,
    }
    return Words(**{name: word for name, word in wanted.items() if word})


def _answer(token: str, now: datetime) -> Answer:
    pos = _find(token)
    if pos is None:
        metrics.polls.count(Situation.UNKNOWN)
        return dialects.wait(Situation.UNKNOWN, Dialect.V1)
    has_written = _remember_poll(pos, now)
    if pos.is_in_service and (order := _serve(pos, now)) and (rest := rest_of(order)):
        # What was marked just now was read before, unmarked.
        return _say(pos, offer_of(pos, order, rest), order, has_written or order.first_served_at is None)
    return _say(pos, _situation(pos, now), None, has_written)


def _say(pos: PointOfSale, said: dialects.Offer | Situation, order: Order | None, has_written: bool) -> Answer:
    answer = dialects.render(said, pos.wire_dialect, words())
    metrics.polls.count(said if isinstance(said, Situation) else ORDER)
    if order is not None:
        offered.keep(pos, order, answer)
    if not has_written:
        spells.count(pos.pk)
        return answer
    spells.keep(pos, order, said)
    if pos.store.account.shadows:
        shadow.keep(pos, order, said, answer, words())
    return answer


def _find(token: str) -> PointOfSale | None:
    if not TOKEN.fullmatch(token):
        return None
    everything = PointOfSale.objects.select_related("store__account__application").annotate(**offered.POS_VERSIONS)
    return everything.filter(poll_token=token).first()


def _serve(pos: PointOfSale, now: datetime) -> Order | None:
    """The order to pay. Its first serve is on record before it is shown: a cancel must know to ask for money."""
    order = Order.objects.payable(now).filter(pos=pos).annotate(**offered.ORDER_VERSION).first()
    if order is None:
        return None
    order.pos = pos  # with its store and account, which are here already
    if order.first_served_at is not None:
        return order
    marked = Order.objects.payable(now).filter(pk=order.pk, first_served_at=None)
    if marked.update(first_served_at=now, next_check_at=now + FIRST_CHECK):
        with following(**order.in_logs):
            logger.info("order %s: a customer sees it", order)
        return order
    return _serve(pos, now)  # shown to somebody else, canceled or replaced in this very moment: look again


def situation_of(
    *, in_service: bool, is_silent: bool, status: str, was_paid: Callable[[], bool], dialect: Dialect
) -> Situation:
    """How a point of sale without an order to pay stands. `is_silent`: it must report, and has not for too long."""
    if not in_service:
        return Situation.NOTHING
    if is_silent or status == ControllerStatus.OFFLINE:
        return Situation.UNREACHABLE
    if status == ControllerStatus.IN_PROCESS:
        return Situation.IN_PROCESS
    # V1 has one word for both; who speaks it saves the query.
    if dialect is Dialect.V2 and was_paid():
        return Situation.PAID
    return Situation.NOTHING


def _situation(pos: PointOfSale, now: datetime) -> Situation:
    return situation_of(
        in_service=pos.is_in_service,
        is_silent=pos.is_unreachable(now),
        status=pos.status,
        was_paid=lambda: was_paid(pos),
        dialect=pos.wire_dialect,
    )


def _remember_poll(pos: PointOfSale, now: datetime) -> bool:
    """When this URL was last asked for, to about ten seconds; never a reason not to answer. Whether it was written."""
    if pos.last_polled_at and now - pos.last_polled_at < POLL_RESOLUTION:
        return False
    stale = Q(last_polled_at=None) | Q(last_polled_at__lt=now - POLL_RESOLUTION)
    try:
        return bool(PointOfSale.objects.filter(stale, pk=pos.pk).update(last_polled_at=now))
    except DatabaseError:
        logger.warning("cannot remember that %s was polled", pos, exc_info=True)
        return False
