"""What the payments of an order add up to. Sums only: no database, no clock."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from orders.states import APPROVED, ARRIVED, CHARGED_BACK, IN_MEDIATION, UNDECIDED, PaymentStatus


class AnyPayment(Protocol):
    """What a payment needs for the sum."""

    status: str
    amount: Decimal
    refunded: Decimal


@dataclass(frozen=True, slots=True)
class Money:
    """The money of one order. `arrived` includes what went back since; `approved` is what we hold for sure."""

    total: Decimal
    arrived: Decimal
    refunded: Decimal
    approved: Decimal
    is_charged_back: bool
    is_in_mediation: bool
    is_undecided: bool

    @property
    def rest(self) -> Decimal:
        """What is still to be paid."""
        return max(self.total - self.approved, Decimal(0))

    @property
    def is_covered(self) -> bool:
        return self.approved >= self.total

    @property
    def status(self) -> PaymentStatus:
        if self.is_charged_back:
            return PaymentStatus.CHARGED_BACK
        if not self.arrived:
            return PaymentStatus.UNPAID
        if self.refunded >= self.arrived:
            return PaymentStatus.REFUNDED
        kept = self.arrived - self.refunded
        if kept >= self.total:
            return PaymentStatus.OVERPAID if kept > self.total else PaymentStatus.PAID
        return PaymentStatus.PARTIALLY_REFUNDED if self.refunded else PaymentStatus.PARTIALLY_PAID


def add_up(total: Decimal, payments: Iterable[AnyPayment]) -> Money:
    """The money of an order from all payments of all its merchant orders, however often Mercado Pago told us."""
    payments = list(payments)
    arrived = [payment for payment in payments if payment.status in ARRIVED]
    return Money(
        total=total,
        arrived=sum((p.amount for p in arrived), Decimal(0)),
        refunded=sum((p.refunded for p in arrived), Decimal(0)),
        approved=sum((p.amount - p.refunded for p in payments if p.status == APPROVED), Decimal(0)),
        is_charged_back=any(p.status == CHARGED_BACK for p in payments),
        is_in_mediation=any(p.status == IN_MEDIATION for p in payments),
        is_undecided=any(p.status in UNDECIDED for p in payments),
    )
