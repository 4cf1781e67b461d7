"""Above a store's limit two people agree on a refund. All here is asked under the order's lock."""

from django.contrib.auth.models import User
from django.utils.translation import gettext as _

from orders.errors import Refused
from orders.models import RefundRequest
from stores.amounts import written


def needs_second_person(request: RefundRequest) -> bool:
    """Whether a new request is above the limit, with all that was asked for of its order: halves are a whole.

    A controller has nobody to ask, and a key is easily made: raises Refused for what no person asks for.
    """
    limit = request.order.pos.store.refund_limit
    if limit is None or request.order.refund_requests.asked_by_others().total() + request.amount <= limit:
        return False
    if request.first_person is None:
        site = request.order.site
        text = _(
            "This store's refunds above %(limit)s %(currency)s an order need two people: ask for it in the back-office."
        )
        raise Refused("refund-above-limit", text % {"limit": written(limit, site), "currency": site.currency})
    return True


def is_above(request: RefundRequest) -> bool:
    """Whether the request alone is above the limit."""
    limit = request.order.pos.store.refund_limit
    return limit is not None and request.amount > limit


def is_agreed(request: RefundRequest, *, person: User) -> bool:
    """Whether a proposal may be carried out now that this person agrees. Raises Refused when a person agrees twice.

    What the rules propose is one person's to decide up to the limit; above it the first one is written down.
    """
    if request.first_person_id == person.pk:
        raise Refused("second-person", _("You are the first person already: somebody else must agree."))
    if request.first_person_id is None and is_above(request):
        request.first_person = person
        request.save(update_fields=["first_person"])
        return False
    return True
