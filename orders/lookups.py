"""The questions of the hot paths, compiled once."""

from django.db.models import Q

from orders.models import Order, RefundRequest
from orders.states import Status
from stores.compiled import Compiled

NAMED = Compiled(
    lambda reference, account_id: (
        Order.objects.filter(external_reference=reference, pos__account=account_id).only("pk").order_by()
    )
)
"""The order that a merchant order of this account names."""

LOCKED = Compiled(lambda order_id: Order.objects.locked().filter(pk=order_id))
REQUESTS = Compiled(lambda order_id: RefundRequest.objects.filter(order=order_id))

OPEN_OR_MADE = Compiled(
    lambda pos_id, key: Order.objects.with_site().filter(
        Q(pos=pos_id, status=Status.OPEN) | Q(pos=pos_id, idempotency_key=key)
    )
)
"""The open order of a point of sale, and the one that was made with this key."""
