"""Following an account although no news came: the five-minute look at all that changed."""

from datetime import datetime, timedelta
from unittest.mock import patch
from urllib.parse import parse_qs, urlsplit

import pytest
from django.utils import timezone

from gateway.errors import TemporaryError
from orders import reconciliation, tasks
from orders.models import MerchantOrder, Order
from orders.settlement import settle
from stores.models import Account
from stores.services import connect
from tests.factories import AccountFactory, OrderFactory
from tests.orders.conftest import SEARCH, found, remote


def catch_up(account: Account) -> int:
    return reconciliation.catch_up(account, client=connect(account))


def asked(mercado_pago, call: int = 0) -> tuple[datetime, datetime]:
    query = parse_qs(urlsplit(mercado_pago.calls[call].request.url).query)
    begin, end = (datetime.fromisoformat(query[f"last_updated_{side}"][0]) for side in ("from", "to"))
    return begin, end


def test_a_second_payment_after_the_close_is_found_without_any_news(order, mercado_pago, paid, payment) -> None:
    settle(order.pk, remote(paid(order, payment(1, 500), id=1)), actor="test")
    found(mercado_pago, paid(order, payment(1, 500), id=1), paid(order, payment(2, 500), id=2))
    assert catch_up(order.account) == 1
    order.refresh_from_db()
    assert (order.status, order.payment_status, order.attention) == ("closed", "overpaid", "overpaid")


def test_what_was_seen_already_is_not_followed_again(order, mercado_pago, paid) -> None:
    settle(order.pk, remote(paid(order)), actor="test")
    found(mercado_pago, paid(order))
    assert catch_up(order.account) == 0


def test_it_begins_where_the_last_one_ended_with_an_overlap(account, mercado_pago) -> None:
    found(mercado_pago)
    catch_up(account)
    account.refresh_from_db()
    assert account.swept_until is not None
    catch_up(account)
    begin, _end = asked(mercado_pago, 1)
    overlap = account.swept_until - begin
    assert timedelta(minutes=9) < overlap < timedelta(minutes=11)


def test_a_search_reaches_back_ninety_days_at_most(account, mercado_pago) -> None:
    account.swept_until = timezone.now() - timedelta(days=200)
    found(mercado_pago)
    catch_up(account)
    begin, end = asked(mercado_pago)
    assert end - begin <= timedelta(days=90)


def test_a_clock_that_was_ahead_for_a_while_hides_nothing_that_comes_after(account, mercado_pago) -> None:
    account.swept_until = timezone.now() + timedelta(days=1)
    found(mercado_pago)
    catch_up(account)
    begin, end = asked(mercado_pago)
    assert end - begin > timedelta(minutes=9)


def test_what_fails_begins_at_the_same_moment_the_next_time(account, mercado_pago) -> None:
    mercado_pago.get(SEARCH, status=500)
    with pytest.raises(TemporaryError):
        catch_up(account)
    account.refresh_from_db()
    assert account.swept_until is None


def test_one_that_is_not_understood_does_not_hide_the_others(order, mercado_pago, paid) -> None:
    found(mercado_pago, {"id": 7, "payments": []} | {"external_reference": "X", "collector": {"id": 1}}, paid(order))
    assert catch_up(order.account) == 1
    order.refresh_from_db()
    assert order.status == "closed"


def test_what_other_software_sold_on_the_same_account_is_left_alone(order, mercado_pago, paid) -> None:
    found(mercado_pago, paid(order, external_reference="SHOP-12", id=5))
    catch_up(order.account)
    assert not MerchantOrder.objects.exists()


def test_every_active_account_is_woken(account) -> None:
    AccountFactory.create(is_active=False)
    with patch.object(tasks.catch_up_account, "apply_async") as wake:
        tasks.catch_up()
    assert [call.args[0] for call in wake.call_args_list] == [(account.pk,)]


def test_an_account_that_cannot_be_asked_is_left_for_the_next_time(account, mercado_pago) -> None:
    mercado_pago.get(SEARCH, status=401, json={"message": "invalid token"})
    tasks.catch_up_account(account.pk)
    account.refresh_from_db()
    assert account.swept_until is None


def test_an_order_of_another_account_is_not_touched(order, mercado_pago, paid) -> None:
    stranger = AccountFactory.create()
    found(mercado_pago, paid(order))
    catch_up(stranger)
    order.refresh_from_db()
    assert order.status == "open"


def test_pages_that_shift_while_they_are_read_count_once(account, mercado_pago, paid, payment) -> None:
    orders = [OrderFactory.create(pos__store__account=account) for _ in range(2)]
    first, second = (paid(order, payment(n, 500), id=n) for n, order in enumerate(orders, start=1))
    for page in ([first], [first], [second]):
        mercado_pago.get(SEARCH, json={"elements": page, "total": 3})
    assert catch_up(account) == 2
    assert Order.objects.filter(status="closed").count() == 2
