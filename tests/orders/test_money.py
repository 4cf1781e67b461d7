from dataclasses import dataclass
from decimal import Decimal

import pytest

from orders.money import add_up
from orders.states import PaymentStatus


@dataclass
class Paid:
    status: str
    amount: Decimal
    refunded: Decimal


def paid(status: str, amount: int, refunded: int = 0) -> Paid:
    return Paid(status, Decimal(amount), Decimal(refunded))


@pytest.mark.parametrize(
    ("payments", "status"),
    [
        ([], PaymentStatus.UNPAID),
        ([paid("rejected", 10)], PaymentStatus.UNPAID),
        ([paid("pending", 10)], PaymentStatus.UNPAID),
        ([paid("approved", 6)], PaymentStatus.PARTIALLY_PAID),
        ([paid("approved", 10)], PaymentStatus.PAID),
        ([paid("approved", 6), paid("approved", 4)], PaymentStatus.PAID),
        ([paid("rejected", 10), paid("approved", 10)], PaymentStatus.PAID),
        ([paid("approved", 10), paid("approved", 10)], PaymentStatus.OVERPAID),
        ([paid("approved", 10), paid("refunded", 10, 10)], PaymentStatus.PAID),
        ([paid("approved", 10, 3)], PaymentStatus.PARTIALLY_REFUNDED),
        ([paid("refunded", 10, 10)], PaymentStatus.REFUNDED),
        ([paid("charged_back", 10)], PaymentStatus.CHARGED_BACK),
        ([paid("approved", 0)], PaymentStatus.UNPAID),
    ],
)
def test_what_payments_of_an_order_of_10_come_to(payments: list[Paid], status: PaymentStatus) -> None:
    assert add_up(Decimal(10), payments).status is status


def test_the_rest_is_what_approved_payments_leave_open() -> None:
    money = add_up(Decimal(10), [paid("approved", 6), paid("pending", 4), paid("rejected", 4)])
    assert (money.rest, money.is_covered, money.is_undecided) == (Decimal(4), False, True)


def test_a_refunded_payment_covers_nothing() -> None:
    assert not add_up(Decimal(10), [paid("refunded", 10, 10)]).is_covered
    assert not add_up(Decimal(10), [paid("approved", 10, 1)]).is_covered
