"""Numbers without gaps and without repeats, whatever happens at the same time."""

import random

import pytest
from django.db import transaction

from orders.models import Order
from receipts import services
from receipts.models import Receipt
from tests.factories import OrderFactory, PosFactory, StoreFactory
from tests.receipts.conftest import at_once, close, give_back


class _Thrown(Exception):
    """What goes wrong after a number was taken."""


def issue_or_roll_back(order: Order, dice: random.Random) -> None:
    """Issue until it stays: half of the time the transaction around it is rolled back."""
    while True:
        try:
            with transaction.atomic():
                services.issue(Order.objects.with_site().get(pk=order.pk))
                if dice.random() < 0.5:
                    raise _Thrown
        except _Thrown:
            continue
        return


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_eight_threads_that_roll_back_at_random_leave_no_gap_and_repeat_no_number(account, payload) -> None:
    """Fails without the lock of the store's book: numbers are taken twice, and the constraint refuses them."""
    stores = [StoreFactory.create(account=account) for _ in range(2)]
    points = [PosFactory.create(store=store) for store in stores]
    orders = [close(OrderFactory.create(pos=points[n % 2]), payload, n + 1) for n in range(32)]
    again = [*orders, *orders]  # each by two workers: a wake-up and a sweep
    random.Random(7).shuffle(again)
    at_once(lambda pair: issue_or_roll_back(pair[1], random.Random(pair[0])), enumerate(again))
    for store in stores:
        issued = Receipt.objects.filter(store=store).order_by("sequence")
        assert [receipt.sequence for receipt in issued] == list(range(1, 17))
        assert {receipt.number for receipt in issued} == {f"{store.branch_number:04}-{n:08}" for n in range(1, 17)}


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_slips_and_copies_made_at_once_are_numbered_one_after_the_other(order, payload) -> None:
    sold = close(order, payload)
    receipt = services.issue(sold)
    requests = [give_back(sold, 10, remote_id=71 + n) for n in range(8)]
    at_once(services.issue_slip, [*requests, *requests])
    assert sorted(slip.number for slip in receipt.slips.all()) == [f"{receipt.number}-R{n}" for n in range(1, 9)]
    at_once(lambda _: services.reprint(receipt, "ana"), range(8))
    assert sorted(copy.number for copy in receipt.copies.all()) == list(range(1, 9))
