"""What of an order's money went back, is on its way, or could not go. The first line that holds speaks."""

from decimal import Decimal
from typing import Final

from django.utils.translation import gettext_lazy as _

from backoffice.diagnosis import cures
from backoffice.diagnosis.facts import Facts
from backoffice.diagnosis.rule import Rule
from backoffice.severity import Severity
from orders.refunds import failed_part
from orders.states import Attention, PaymentStatus
from stores.amounts import with_currency


def _failed(facts: Facts) -> bool:
    """Somebody has set it aside, or nobody looked yet; what is on the queue is said before."""
    if facts.order is None or facts.order.attention == Attention.REFUND_FAILED:
        return False
    return facts.failed_refund is not None and facts.order.paid_amount > facts.order.refunded_amount


def _failed_amount(facts: Facts) -> dict[str, object]:
    request = facts.failed_refund
    return {"failed": _money(facts, failed_part(request))} if request else {}


def _waiting_amount(facts: Facts) -> dict[str, object]:
    request = facts.waiting_refund
    return {"asked": _money(facts, request.amount), "person": request.first_person or request.actor} if request else {}


def _on_its_way(facts: Facts) -> dict[str, object]:
    return {"on_its_way": _money(facts, facts.on_its_way_back)}


def _money(facts: Facts, amount: Decimal) -> str:
    return with_currency(amount, facts.pos.store.account.site)


REFUNDS: Final = (
    Rule(
        "refund_failed_before",
        _failed,
        Severity.WARNING,
        _("Giving back %(failed)s failed: that money is still with us. Of %(paid)s paid, %(refunded)s was given back."),
        (cures.refund, cures.check_now),
        _failed_amount,
    ),
    Rule(
        "refund_on_its_way",
        lambda f: f.on_its_way_back,
        Severity.INFO,
        _("%(on_its_way)s of the %(paid)s paid is on its way back to the customer. Do not give it back once more."),
        (cures.check_now,),
        _on_its_way,
    ),
    Rule(
        "refund_waits",
        lambda f: f.waiting_refund,
        Severity.WARNING,
        _("%(person)s asked to give back %(asked)s of the %(paid)s paid: a second person must agree first."),
        more=_waiting_amount,
    ),
    Rule(
        "given_back",
        lambda f: f.order and f.order.payment_status == PaymentStatus.REFUNDED,
        Severity.INFO,
        _("Given back in whole: %(refunded)s. There is nothing to do."),
    ),
    Rule(
        "given_back_in_part",
        lambda f: f.order and f.order.refunded_amount,
        Severity.INFO,
        _("%(paid)s was paid and %(refunded)s of it given back: %(kept)s stays with us."),
    ),
)
