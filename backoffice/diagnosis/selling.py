"""An open order: what it waits for. The first line that holds speaks."""

from decimal import Decimal
from typing import Final

from django.utils.translation import gettext_lazy as _

from backoffice.diagnosis import cures
from backoffice.diagnosis.facts import Facts
from backoffice.diagnosis.rule import Rule
from backoffice.severity import Severity
from orders.states import Attention, PaymentStatus

_INFO, _GOOD, _WARNING, _ERROR = Severity.INFO, Severity.GOOD, Severity.WARNING, Severity.ERROR
# Mercado Pago publishes none; one integrator's code has this one (protocol.md §8, unverified).
SMALL: Final = {"ARS": Decimal(15)}
_IN_PART: Final = (PaymentStatus.PARTIALLY_PAID, PaymentStatus.PARTIALLY_REFUNDED)


def _is_small(facts: Facts) -> bool:
    order = facts.order
    return order is not None and order.total_amount < SMALL.get(order.currency, Decimal(0))


def _is_paid(facts: Facts) -> bool:
    return facts.order is not None and facts.order.is_paid_but_not_closed


def _is_overdue(facts: Facts) -> bool:
    return facts.order is not None and facts.order.expires_at <= facts.now


def _is_paid_in_part(facts: Facts) -> bool:
    return facts.order is not None and facts.order.payment_status in _IN_PART


def _is_held_open(facts: Facts) -> bool:
    """What such an order expires at is put off again and again: no sentence may name it."""
    return facts.order is not None and facts.order.is_held_open and _is_paid_in_part(facts)


def _needs_a_person(facts: Facts) -> bool:
    return facts.order is not None and facts.order.attention not in (None, Attention.PARTIALLY_PAID)


SELLING: Final = (
    Rule(
        "paid_but_open",
        _is_paid,
        _WARNING,
        _(
            "Mercado Pago reports %(paid)s paid, but does not say yet that the sale is complete. The customer need not "
            "pay again. Check now; it is also checked by itself."
        ),
        (cures.check_now,),
    ),
    Rule(
        "not_counted",
        lambda f: f.objection,
        _ERROR,
        _(
            "Mercado Pago reports something about this order that is not counted: %(why)s. Check now; if it stays so, "
            "cancel the order by hand: the point of sale is free again."
        ),
        (cures.check_now, cures.release),
        lambda f: {"why": f.objection},
    ),
    Rule(
        "needs_a_person",
        _needs_a_person,
        _ERROR,
        _("This order needs a look: %(attention)s. Check now; if it cannot end by itself, cancel it by hand."),
        (cures.check_now, cures.release, cures.refund),
    ),
    Rule(
        "pending",
        lambda f: f.undecided,
        _WARNING,
        _("A payment is being processed. %(why)s The customer should not pay again meanwhile."),
        (cures.check_now,),
        lambda f: {"why": f.why(f.undecided)},
    ),
    Rule(
        "held_open",
        _is_held_open,
        _WARNING,
        _(
            "Its time is over, but a part is paid, %(kept)s of %(total)s: so it is held open and does not expire. The "
            "customer scans the code again and pays the rest, %(rest)s; or give the part back."
        ),
        (cures.check_now, cures.refund),
    ),
    Rule(
        "partially_paid",
        _is_paid_in_part,
        _WARNING,
        _(
            "Only a part is paid: %(kept)s of %(total)s. The customer scans the code again and pays the rest, "
            "%(rest)s; or give the part back."
        ),
        (cures.check_now, cures.refund),
    ),
    Rule(
        "rejected",
        lambda f: f.refused,
        _WARNING,
        _("The payment was not made. %(why)s The order stays open until %(expires_at)s: the same code still works."),
        (cures.check_now,),
        lambda f: {"why": f.why(f.refused)},
    ),
    Rule(
        "overdue",
        _is_overdue,
        _WARNING,
        _("The time to pay was over at %(expires_at)s. Mercado Pago is asked whether money came; then it expires."),
        (cures.check_now,),
    ),
    Rule(
        "not_served_out_of_service",
        lambda f: not f.pos.is_in_service,
        _ERROR,
        _("The order of %(total)s is not shown to anybody while this is switched off."),
    ),
    Rule(
        "never_polled",
        lambda f: f.pos.last_polled_at is None and not f.neighbour,
        _ERROR,
        _(
            "Mercado Pago has never asked us about %(pos)s. Either nobody has scanned its code yet, or the code that "
            "sticks there is another's. Have the customer scan; if still nothing appears here, check the sticker."
        ),
        (cures.verify_sticker, cures.print_posters),
    ),
    Rule(
        "neighbour",
        lambda f: not f.was_scanned and f.neighbour,
        _WARNING,
        _(
            "Nobody has scanned the code of %(pos)s since the order was made at %(made_at)s, but a phone waits at "
            "%(other)s just now: the customer has perhaps scanned the wrong code, or the stickers are swapped."
        ),
        (cures.see_neighbour, cures.verify_sticker),
        lambda f: {"other": f.neighbour.name if f.neighbour else ""},
    ),
    Rule(
        "not_scanned",
        lambda f: not f.was_scanned,
        _WARNING,
        _(
            "The order of %(total)s is ready, but nobody has scanned the code of %(pos)s since it was made at "
            "%(made_at)s. The customer scans the code with the Mercado Pago app."
        ),
        (cures.verify_sticker,),
    ),
    Rule(
        "not_served",
        lambda f: f.order and f.order.first_served_at is None,
        _WARNING,
        _("A phone has asked about %(pos)s, but has not got the order yet. That takes seconds: wait a moment."),
    ),
    Rule(
        "small",
        _is_small,
        _WARNING,
        _(
            "A phone shows %(total)s, but that may be too little for Mercado Pago, which publishes no minimum. If it "
            "cannot be paid, take another means of payment and cancel the order by hand."
        ),
        (cures.check_now, cures.release),
    ),
    Rule(
        "showing",
        lambda f: f.was_shown_lately,
        _GOOD,
        _(
            "Everything is fine: a phone shows %(total)s. The customer pays there; the order closes here within "
            "seconds. It can be paid until %(expires_at)s."
        ),
        (cures.check_now,),
    ),
    Rule(
        "shown_not_paid",
        lambda f: True,
        _WARNING,
        _(
            "A phone got the amount, %(total)s, first at %(served_at)s, but we have heard of no payment, and no phone "
            "asks any more. Does the customer's phone say that it is paid? Then check now: Mercado Pago's "
            "notification is missing. Otherwise the customer scans again, until %(expires_at)s."
        ),
        (cures.check_now,),
    ),
)
