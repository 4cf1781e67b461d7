"""An order that is over: what needs a person, else how it ended. Of each the first line that holds speaks."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from backoffice.diagnosis import cures
from backoffice.diagnosis.facts import Facts
from backoffice.diagnosis.rule import Rule
from backoffice.severity import Severity
from orders.states import Attention, Status

_INFO, _GOOD, _WARNING, _ERROR = Severity.INFO, Severity.GOOD, Severity.WARNING, Severity.ERROR
_LATE: Final = (Attention.PAID_AFTER_CANCEL, Attention.PAID_AFTER_EXPIRY)


def _is(facts: Facts, status: Status) -> bool:
    return facts.order is not None and facts.order.status == status


def _has(facts: Facts, *attention: Attention) -> bool:
    return facts.order is not None and facts.order.attention in attention


OVER: Final = (
    Rule(
        "paid_late",
        lambda f: _has(f, *_LATE),
        _ERROR,
        _("The customer has paid %(paid)s after the order was over. Give it back, unless the customer has the goods."),
        (cures.refund, cures.check_now),
    ),
    Rule(
        "overpaid",
        lambda f: _has(f, Attention.OVERPAID),
        _ERROR,
        _("Paid twice or too much: %(paid)s instead of %(total)s. What is too much should go back."),
        (cures.refund, cures.check_now),
    ),
    Rule(
        "refund_failed",
        lambda f: _has(f, Attention.REFUND_FAILED),
        _ERROR,
        _(
            "Mercado Pago refused to give money back. Most often there is not enough in the account: fill it up and "
            "refund again."
        ),
        (cures.refund, cures.check_now),
    ),
    Rule(
        "needs_a_person",
        lambda f: f.order and f.order.attention,
        _ERROR,
        _("This order needs a look: %(attention)s."),
        (cures.check_now, cures.refund),
    ),
)

ENDED: Final = (
    Rule(
        "paid",
        lambda f: _is(f, Status.CLOSED),
        _GOOD,
        _("Everything is fine: %(paid)s was paid, and the order was closed at %(closed_at)s."),
    ),
    Rule(
        "expired_unseen",
        lambda f: _is(f, Status.EXPIRED) and f.order and f.order.first_served_at is None,
        _WARNING,
        _(
            "Nobody scanned the code of %(pos)s in time: the order of %(total)s expired at %(expires_at)s without "
            "having been on any phone. The controller must report the sale again, or the customer pays otherwise."
        ),
        (cures.check_now,),
    ),
    Rule(
        "expired",
        lambda f: _is(f, Status.EXPIRED),
        _WARNING,
        _(
            "A phone showed %(total)s, but it was not paid until %(expires_at)s. The controller must report the sale "
            "again. If the customer says that it is paid, check now."
        ),
        (cures.check_now,),
    ),
    Rule(
        "canceled",
        lambda f: True,
        _INFO,
        _("The order of %(total)s was canceled before it was paid. If the customer says otherwise, check now."),
        (cures.check_now,),
    ),
)
