"""Whether a reason to look at an order is still news: a person's decision holds for the facts that it was made on."""

import hashlib
from collections.abc import Iterable

import simplejson
from django.db import transaction
from django.utils.translation import gettext as _

from orders.announcements import announce_changes
from orders.announcements import facts as told
from orders.errors import Refused
from orders.models import MerchantOrder, Order, RefundRequest, Transition
from orders.states import ARRIVED, FOREIGN, Attention, RequestStatus


def facts_of(order: Order, reason: str) -> str:
    """What a reason rests on, as it is in the database now."""
    merchant_orders = order.merchant_orders.prefetch_related("payments")
    return facts(reason, list(merchant_orders), list(order.refund_requests.all()))


def facts(reason: str, merchant_orders: Iterable[MerchantOrder], requests: Iterable[RefundRequest]) -> str:
    """Money that arrived, what is not counted, what failed. Another payment makes it another text."""
    counted = [m for m in merchant_orders if m.objection not in FOREIGN]
    payments = [p for m in counted for p in m.payments.all() if p.status in ARRIVED]
    rests_on = [
        str(reason),
        sorted([p.remote_id, p.status, f"{p.amount:.2f}", f"{p.refunded:.2f}"] for p in payments),
        sorted([m.remote_id, m.objection, m.status] for m in merchant_orders if m.objection),
        sorted(request.pk for request in requests if request.status == RequestStatus.FAILED),
    ]
    return hashlib.sha256(simplejson.dumps(rests_on).encode()).hexdigest()


def still(order: Order, reason: Attention | None) -> Attention | None:
    """The reason, unless a person has set it aside for these same facts. Asks the database only when one did."""
    if reason is None or order.set_aside_for != reason:
        return reason
    return None if order.set_aside_facts == facts_of(order, reason) else reason


@transaction.atomic
def set_aside(order: Order, *, actor: str, reason: str) -> Order:
    """A person has looked: nothing more is to be done about it as it stands. What is new later shows it again."""
    order = Order.objects.locked().get(pk=order.pk)
    if order.attention is None:
        raise Refused("nothing-to-set-aside", _("Nothing is to be decided about this order any more."))
    before = told(order)
    Transition.objects.create(
        order=order,
        from_status=order.status,
        to_status=order.status,
        reason=f"set aside ({order.attention}): {reason}"[:200],
        actor=actor[:100],
    )
    order.set_aside_for, order.set_aside_facts = order.attention, facts_of(order, order.attention)
    order.attention = None
    order.save(update_fields=["attention", "set_aside_for", "set_aside_facts"])
    announce_changes(order, before)
    return order
