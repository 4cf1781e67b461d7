"""Whether a reason to look at an order is still news: a person's decision holds for the facts that it was made on."""

import hashlib

import simplejson
from django.db import transaction
from django.utils.translation import gettext as _

from orders.announcements import announce_changes
from orders.announcements import facts as told
from orders.errors import Refused
from orders.models import Order, Payment, Transition
from orders.states import ARRIVED, Attention, RequestStatus


def facts_of(order: Order, reason: str) -> str:
    """What a reason rests on: money that arrived, what is not counted, what failed. Another payment is another text."""
    payments = Payment.objects.counted_for(order.pk).filter(status__in=ARRIVED).order_by("remote_id")
    objections = order.merchant_orders.exclude(objection="").order_by("remote_id")
    failed = order.refund_requests.filter(status=RequestStatus.FAILED).order_by("pk")
    facts = [
        str(reason),
        [[p.remote_id, p.status, f"{p.amount:.2f}", f"{p.refunded:.2f}"] for p in payments],
        [[m.remote_id, m.objection, m.status] for m in objections],
        [request.pk for request in failed],
    ]
    return hashlib.sha256(simplejson.dumps(facts).encode()).hexdigest()


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
