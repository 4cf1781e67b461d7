"""What a person makes of a difference that the nightly comparison left."""

from datetime import timedelta

import pytest
from django.utils import timezone

from orders import audit, tasks
from orders.audit import Day
from orders.errors import Refused
from orders.models import Difference, Payment
from orders.settlement import settle
from stores.services import connect
from tests.orders.conftest import API, found, remote
from tests.orders.test_audit import BUENOS_AIRES, DAY


@pytest.fixture
def difference(order, paid, mercado_pago) -> Difference:
    """400.00 here, 500.00 there."""
    settle(order.pk, remote(paid(order)), actor="test")
    Payment.objects.update(amount=400, updated_at=timezone.now() + timedelta(days=1))
    found(mercado_pago, paid(order))
    mercado_pago.get(f"{API}/merchant_orders/{paid(order)['id']}", json=paid(order))
    compare(order)
    return Difference.objects.get()


def compare(order) -> None:
    audit.compare(Day(order.account, BUENOS_AIRES, DAY), client=connect(order.account))


def test_the_same_difference_found_again_stays_set_aside(order, difference) -> None:
    audit.set_aside(difference, actor="ana", reason="the bank has confirmed 500")
    compare(order)
    assert Difference.objects.count() == 2
    assert not Difference.objects.left_to_people().exists()
    assert {d.set_aside_by for d in Difference.objects.all()} == {"ana"}


def test_another_amount_is_another_difference(order, difference) -> None:
    audit.set_aside(difference, actor="ana", reason="the bank has confirmed 500")
    Payment.objects.update(amount=450)
    compare(order)
    assert Difference.objects.left_to_people().get().ours == "450.00"


def test_what_is_set_aside_cannot_be_set_aside_again(difference) -> None:
    audit.set_aside(difference, actor="ana", reason="the bank has confirmed 500")
    with pytest.raises(Refused):
        audit.set_aside(difference, actor="eva", reason="so have I")
    difference.refresh_from_db()
    assert difference.set_aside_by == "ana"


def test_one_difference_is_compared_again_by_a_worker(difference) -> None:
    tasks.check_difference(difference.pk)
    difference.refresh_from_db()
    assert not difference.healed
    Payment.objects.update(amount=500)
    tasks.check_difference(difference.pk)
    difference.refresh_from_db()
    assert difference.healed
