"""What follows from an order's money: every case, its rule and why a person must look. No database, no clock.

What Mercado Pago reports                     what follows                                        attention
------------------------------------------    ------------------------------------------------    -------------------
covered, and a merchant order is closed       the order closes                                    -
covered, but all merchant orders are opened   the payments themselves are asked for: the order    unconfirmed, when
                                              closes when they cover it too                       they disagree
rejected or cancelled                         nothing: the customer tries again                   -
pending, in process, authorized               nothing yet; cancel and expiry wait for it          -
a part, split over payments or scans          stays open, the rest is offered; when its time      partially_paid, when
                                              is over the part goes back                          its time is over
more than the total: two phones, twice        closes; the surplus goes back                       overpaid
anything after cancel or expiry               closes when covered; all of it goes back            paid_after_cancel,
                                                                                                  paid_after_expiry
refunded, but not from here                   counted as refunded                                 refunded_outside
a refund of ours is refused                   the money stays until a person decides              refund_failed
disputed, charged back                        the order stays as it is                            in_mediation,
                                                                                                  charged_back
approved, and afterwards canceled, rejected   the same: what is sold is sold                      not_covered
a status we do not know                       no news of that merchant order is taken, and        unknown_status
                                              while it is there the order is not canceled and
                                              does not expire
another collector, currency or reference      the same, and nothing of it is counted              foreign_collector,
                                                                                                  foreign_currency,
                                                                                                  foreign_reference
What goes back is proposed to a person or refunded at once: the store's policy says which. What a person has decided to
keep is not proposed again. Every line but the first holds in any state of the order: what is over is never ignored.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from gateway.remote import RemoteMerchantOrder, RemotePayment
from orders.money import Money
from orders.states import APPROVED, MERCHANT_ORDER_STATUSES, PAYMENT_STATUSES, Attention, Status

LATE = {Status.CANCELED: Attention.PAID_AFTER_CANCEL, Status.EXPIRED: Attention.PAID_AFTER_EXPIRY}
_NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ours:
    """What must be the same for money to be an order's."""

    external_reference: str
    collector_id: int
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """All that the rules look at. Amounts in the order's currency."""

    money: Money
    is_closed: bool
    ended_as: Status | None  # how it ended before the money came: canceled or expired
    is_overdue: bool
    merchant_order_is_closed: bool
    confirmed: Decimal | None  # what /v1/payments says was paid; None: not asked
    objection: Attention | None
    asked_back: Decimal  # by refunds of ours that Mercado Pago does not report yet
    refunded_outside: Decimal
    kept: Decimal  # what a person decided not to give back
    refund_failed: bool


def closes(facts: Facts) -> bool:
    """Whether the order is paid."""
    is_confirmed = facts.confirmed is not None and facts.confirmed >= facts.money.total
    return facts.money.is_covered and (facts.merchant_order_is_closed or is_confirmed)


def contradicts_itself(facts: Facts) -> bool:
    """Whether merchant orders and payments disagree about an order being paid."""
    if facts.is_closed or facts.confirmed is None:
        return False
    return facts.money.is_covered or facts.confirmed >= facts.money.total


def to_give_back(facts: Facts) -> Decimal:
    """Money that sold nothing, and that nobody has decided about."""
    held = facts.money.approved - facts.asked_back
    if facts.ended_as is None and facts.is_closed:
        held -= facts.money.total
    elif facts.ended_as is None and (facts.money.is_covered or not facts.is_overdue):
        held = _NOTHING
    return max(held - facts.kept, _NOTHING)


def why_back(facts: Facts) -> Attention:
    """Why money sold nothing."""
    if facts.ended_as is not None:
        return LATE[facts.ended_as]
    return Attention.OVERPAID if facts.is_closed else Attention.PARTIALLY_PAID


def attention(facts: Facts, *, undecided: Decimal) -> Attention | None:
    """The first reason for which a person must look; `undecided` is what waits for a decision about a refund."""
    money = facts.money
    reasons = (
        (facts.objection is not None, facts.objection),
        (facts.is_closed and money.arrived < money.total, Attention.NOT_COVERED),
        (money.is_charged_back, Attention.CHARGED_BACK),
        (money.is_in_mediation, Attention.IN_MEDIATION),
        (facts.refund_failed, Attention.REFUND_FAILED),
        (undecided > 0, why_back(facts)),
        (facts.refunded_outside > 0, Attention.REFUNDED_OUTSIDE),
        (contradicts_itself(facts), Attention.UNCONFIRMED),
        (not facts.is_closed and money.approved > 0 and facts.is_overdue, Attention.PARTIALLY_PAID),
    )
    return next((reason for holds, reason in reasons if holds), None)


def objection(remote: RemoteMerchantOrder, ours: Ours) -> Attention | None:
    """Why this merchant order cannot be counted as this order's; None when it can."""
    # Mercado Pago treats references as case-insensitive (protocol.md §1.2).
    if remote.external_reference.upper() != ours.external_reference:
        return Attention.FOREIGN_REFERENCE
    if remote.collector_id not in (None, ours.collector_id):
        return Attention.FOREIGN_COLLECTOR
    if any(payment.currency not in ("", ours.currency) for payment in remote.payments):
        return Attention.FOREIGN_CURRENCY
    if remote.status not in MERCHANT_ORDER_STATUSES:
        return Attention.UNKNOWN_STATUS
    if any(payment.status not in PAYMENT_STATUSES for payment in remote.payments):
        return Attention.UNKNOWN_STATUS
    return None


def is_ours(payment: RemotePayment, ours: Ours) -> bool:
    """Whether a payment that was looked at by itself is this order's in every respect."""
    return (
        payment.status in PAYMENT_STATUSES
        and payment.external_reference.upper() == ours.external_reference
        and payment.collector_id in (None, ours.collector_id)
        and payment.currency == ours.currency
    )


def confirmed(payments: Iterable[RemotePayment], ours: Ours) -> Decimal:
    """What the payments themselves come to."""
    return sum((p.amount - p.refunded for p in payments if p.status == APPROVED and is_ours(p, ours)), _NOTHING)
