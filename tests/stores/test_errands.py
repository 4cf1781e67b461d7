"""Long actions: done by a worker object by object, once, by turns, and seen by who asked for them."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission, User
from django.core.files.base import ContentFile
from django.db import connection
from django.test import Client
from django.utils import timezone

from orders.errands import CHECK
from orders.models import Order
from receipts.errands import COPY
from receipts.models import Copy, Receipt
from receipts.services import draw, issue
from stores import tasks, turns, working
from stores.models import Account, Errand
from tests.errands import work
from tests.factories import OrderFactory
from tests.orders.conftest import found

SEARCH = "https://api.mercadopago.com/merchant_orders/search"
LIST = "/admin/orders/order/"


def person(name: str, *permissions: str) -> User:
    user = User.objects.create_user(name, is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    return user


def login(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def ana(db: None) -> User:
    return person("ana", "view_order", "change_order", "see_all_stores")


@pytest.fixture
def orders(store) -> list[Order]:
    return OrderFactory.create_batch(3, pos__store=store)


def ask(user: User, rows, work=CHECK) -> Errand:
    keys = [row.pk for row in rows]
    return working.ask(work=work, user_id=user.pk, keys=keys, back=LIST, action="check_now", rows_url=LIST)


def page(errand: Errand) -> str:
    return f"/admin/stores/errand/{errand.pk}/change/"


def told(errand: Errand) -> list[tuple[str, str]]:
    return [(step.state, step.sentence) for step in errand.steps.order_by("pk")]


def test_of_three_one_fails_and_the_page_says_which_and_what_to_do(ana, orders, mercado_pago) -> None:
    def answer(request):
        is_second = orders[1].external_reference in request.url
        return (503 if is_second else 200), {}, '{"elements": null, "total": 0}'

    mercado_pago.add_callback("GET", SEARCH, answer)
    mercado_pago.get("https://api.mercadopago.com/v1/payments/search", json={"results": [], "paging": {"total": 0}})
    client = login(ana)
    data = {"action": "check_now", "_selected_action": [order.pk for order in orders]}
    shown = client.post(f"{LIST}?status__exact=open", data, follow=True)
    assert "0 of 3 done" in shown.content.decode()
    assert "data-pending" in shown.content.decode()
    assert not mercado_pago.calls, "the request asks Mercado Pago nothing"
    work()
    errand = Errand.objects.get()
    assert [state for state, _sentence in told(errand)] == ["done", "failed", "done"]
    text = client.get(page(errand)).content.decode()
    assert "3 of 3 done" in text
    assert "1 failed" in text
    assert "Try it again in a few minutes" in text
    assert text.index(orders[1].external_reference) < text.index(orders[0].external_reference), "failures first"
    assert f'href="{LIST}?status__exact=open"' in text, "back to the list as it was filtered"
    assert f'name="_selected_action" value="{orders[1].pk}"' in text, "what failed can be tried again"
    assert f'name="_selected_action" value="{orders[0].pk}"' not in text
    assert "data-pending" not in client.get(f"/admin/stores/errand/{errand.pk}/progress/").content.decode()


def test_the_outcome_is_read_in_the_readers_language(ana, orders, mercado_pago) -> None:
    mercado_pago.get(SEARCH, status=401, json={"message": "invalid token"})
    errand = ask(ana, orders[:1])
    work()
    step = errand.steps.get()
    assert "%" not in step.sentence
    assert step.text.startswith("Mercado Pago refuses the account's access token")


def test_a_worker_that_is_killed_loses_nothing_and_another_goes_on(ana, orders, mercado_pago, monkeypatch) -> None:
    """`KeyboardInterrupt` is what no handler of ours catches, as a killed process runs none."""
    calls = []

    def killed_at_the_second(request):
        calls.append(request.url)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return 200, {}, '{"elements": null, "total": 0}'

    mercado_pago.add_callback("GET", SEARCH, killed_at_the_second)
    mercado_pago.get("https://api.mercadopago.com/v1/payments/search", json={"results": [], "paging": {"total": 0}})
    errand = ask(ana, orders)
    with pytest.raises(KeyboardInterrupt):
        turns.go_on(errand.pk, seconds=60)
    errand.refresh_from_db()
    assert (errand.done, errand.is_over) == (1, False)
    turns.go_on(errand.pk, seconds=60)
    errand.refresh_from_db()
    assert errand.done == 1, "its lease is not over: the first worker may be alive"
    Errand.objects.update(due_at=timezone.now())
    tasks.run_errand(errand.pk)
    errand.refresh_from_db()
    assert (errand.done, errand.failed, errand.is_over) == (3, 0, True)
    assert len(calls) == 4, "one for each, and one more for the one in whose middle it was killed"


def test_what_kills_every_worker_is_given_up(ana, orders, mercado_pago) -> None:
    def killed(request):
        raise KeyboardInterrupt

    mercado_pago.add_callback("GET", SEARCH, killed)
    errand = ask(ana, orders[:1])
    for _ in range(3):
        Errand.objects.update(due_at=timezone.now())
        with pytest.raises(KeyboardInterrupt):
            turns.go_on(errand.pk, seconds=60)
    Errand.objects.update(due_at=timezone.now())
    turns.go_on(errand.pk, seconds=60)
    assert "begun 3 times" in told(errand)[0][1]


def test_a_fault_of_ours_in_one_leaves_the_others_alone(ana, order, store) -> None:
    receipts = [issued(order), issued(OrderFactory.create(pos__store=store))]
    Receipt.objects.filter(pk=receipts[0].pk).update(content={})  # nothing draws a mark from that
    errand = ask(ana, receipts, COPY)
    work()
    assert [state for state, _sentence in told(errand)] == ["failed", "done"]
    assert "a fault of ours" in told(errand)[0][1]
    assert Copy.objects.get().receipt == receipts[1]


def issued(order: Order) -> Receipt:
    Order.objects.filter(pk=order.pk).update(status="closed", closed_at=timezone.now())
    receipt = issue(Order.objects.with_site().get(pk=order.pk))
    draw(receipt)
    return receipt


def test_many_copies_are_made_by_the_worker_and_each_can_be_downloaded(order, store) -> None:
    client = login(User.objects.create_superuser("ben"))
    receipts = [issued(order), issued(OrderFactory.create(pos__store=store))]
    data = {"action": "print_copy", "_selected_action": [receipt.pk for receipt in receipts]}
    client.post("/admin/receipts/receipt/", data)
    assert not Copy.objects.exists()
    work()
    text = client.get(page(Errand.objects.get())).content.decode()
    for receipt in receipts:
        address = f"/admin/receipts/receipt/{receipt.pk}/pdf/download/?copy=1"
        assert address in text
        assert client.get(address).status_code == 200


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_do_nothing_twice(order, store) -> None:
    receipts = [issued(order)] + [issued(OrderFactory.create(pos__store=store)) for _ in range(4)]
    errand = ask(person("ana"), receipts, COPY)
    steps = list(errand.steps.order_by("pk"))

    def run(_turn: int) -> None:
        try:
            for step in steps:  # as two do of which the first was slower than its lease
                turns._take(errand, COPY, step)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(run, range(4)))
    errand.refresh_from_db()
    assert errand.done == 5
    assert Copy.objects.count() == 5


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_one_worker_at_a_time_has_it(orders, mercado_pago) -> None:
    found(mercado_pago)
    errand = ask(person("ana"), orders)

    def run(_turn: int) -> None:
        try:
            turns.go_on(errand.pk, seconds=60)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(run, range(4)))
    errand.refresh_from_db()
    assert (errand.done, errand.is_over) == (3, True)
    assert len([call for call in mercado_pago.calls if "merchant_orders/search" in str(call.request.url)]) == 3


def test_a_long_one_gives_way_after_its_turn(ana, orders, mercado_pago) -> None:
    found(mercado_pago)
    errand = ask(ana, orders)
    turns.go_on(errand.pk, seconds=-1)
    errand.refresh_from_db()
    assert errand.done == 0
    assert errand.due_at
    assert errand.due_at <= timezone.now()


def test_when_mercado_pago_wants_a_pause_it_pauses_and_fails_nothing(ana, orders, mercado_pago) -> None:
    mercado_pago.get(SEARCH, status=429, headers={"Retry-After": "30"}, json={})
    errand = ask(ana, orders)
    turns.go_on(errand.pk, seconds=60)
    errand.refresh_from_db()
    assert errand.done == 0
    assert errand.due_at
    assert timedelta(seconds=20) < errand.due_at - timezone.now() <= timedelta(seconds=30)


def test_long_ones_leave_the_worker_to_others(ana, orders, mercado_pago, monkeypatch) -> None:
    found(mercado_pago)
    assert tasks._LONG.acquire(blocking=False), "a long one is being worked at"
    try:
        long, quick = ask(ana, orders), ask(ana, orders[:1])
        tasks.run_errand(long.pk)
        tasks.run_errand(quick.pk)
    finally:
        tasks._LONG.release()
    long.refresh_from_db()
    quick.refresh_from_db()
    assert (long.done, quick.done) == (0, 1)
    assert Errand.objects.due(timezone.now()).get() == long, "the sweep wakes it"


def test_people_see_their_own_and_who_sees_all_stores_sees_all(ana, orders) -> None:
    ben = person("ben", "view_order")
    errand = ask(ana, orders)
    errand.file.save("errands/x.pdf", ContentFile(b"%PDF"))
    stranger, owner, boss = login(ben), login(ana), login(person("cora", "see_all_stores"))
    for address in (page(errand), *(f"/admin/stores/errand/{errand.pk}/{end}/" for end in ("progress", "file"))):
        assert stranger.get(address).status_code == 404
        for allowed in (owner, boss):
            assert allowed.get(address).status_code == 200
    assert stranger.post(f"/admin/stores/errand/{errand.pk}/stop/").status_code == 404
    errand.refresh_from_db()
    assert not errand.is_over
    assert "Check now" not in stranger.get("/admin/stores/errand/").content.decode()
    assert "Check now" in owner.get("/admin/stores/errand/").content.decode()
    assert Client().get(page(errand)).status_code == 302


def test_only_what_a_person_may_see_is_worked_at(ana, orders) -> None:
    """Whoever makes up numbers of rows gets none of another's."""
    nobody = login(person("nobody"))
    nobody.post(LIST, {"action": "check_now", "_selected_action": [order.pk for order in orders]})
    assert not Errand.objects.exists()


def test_a_long_one_is_stopped_and_the_rest_left_undone(ana, orders, mercado_pago) -> None:
    errand = ask(ana, orders)
    text = login(ana).post(f"/admin/stores/errand/{errand.pk}/stop/", follow=True).content.decode()
    assert "stopped" in text
    work()
    tasks.run_errand(errand.pk)
    errand.refresh_from_db()
    assert (errand.done, errand.is_over) == (0, True)
    assert not mercado_pago.calls


def test_too_many_at_once_are_refused(ana, orders, monkeypatch) -> None:
    monkeypatch.setattr(working, "MOST", 2)
    data = {"action": "check_now", "_selected_action": [order.pk for order in orders]}
    assert "At most 2 at once" in login(ana).post(LIST, data, follow=True).content.decode()
    assert not Errand.objects.exists()


def test_what_a_lost_wake_up_left_is_found_by_the_sweep(ana, orders, monkeypatch) -> None:
    errand = ask(ana, orders)
    woken = []
    monkeypatch.setattr(tasks.run_errand, "apply_async", lambda args, **options: woken.append(args))
    tasks.sweep_errands()
    assert woken == [(errand.pk,)]


def test_files_are_kept_a_week_and_errands_a_month(ana, orders) -> None:
    errand = ask(ana, orders)
    errand.file.save("errands/x.pdf", ContentFile(b"%PDF"))
    name, storage = str(errand.file.name), errand.file.storage
    for days, has_file, is_there in ((6, True, True), (8, False, True), (31, False, False)):
        Errand.objects.update(finished_at=timezone.now() - timedelta(days=days), due_at=None)
        tasks.purge_errands()
        assert storage.exists(name) is has_file
        assert Errand.objects.exists() is is_there


@pytest.mark.parametrize(("days", "files", "errands"), [(8, 0, 5), (31, 0, 0)])
def test_they_are_forgotten_batch_by_batch(ana, orders, monkeypatch, days: int, files: int, errands: int) -> None:
    monkeypatch.setattr(tasks, "BATCH", 2)
    monkeypatch.setattr(tasks.purge_errands, "delay", tasks.purge_errands)
    for _ in range(5):
        ask(ana, orders).file.save("errands/x.pdf", ContentFile(b"%PDF"))
    Errand.objects.update(finished_at=timezone.now() - timedelta(days=days), due_at=None)
    tasks.purge_errands()
    assert (Errand.objects.exclude(file="").count(), Errand.objects.count()) == (files, errands)


def test_what_is_not_over_is_never_forgotten(ana, orders) -> None:
    ask(ana, orders)
    Errand.objects.update(created_at=timezone.now() - timedelta(days=90))
    tasks.purge_errands()
    assert Errand.objects.exists()


def test_a_bulk_test_of_credentials_names_the_account_that_failed(account: Account, mercado_pago) -> None:
    mercado_pago.get("https://api.mercadopago.com/users/me", json={"id": 999, "site_id": "MLA"})
    client = login(User.objects.create_superuser("ben"))
    client.post("/admin/stores/account/", {"action": "test_credentials", "_selected_action": [account.pk]})
    work()
    answer = client.get(f"{page(Errand.objects.get())}?soon=1", follow=True)
    assert answer.redirect_chain[-1][0] == f"/admin/stores/account/{account.pk}/change/"
    assert "belongs to user 999" in answer.content.decode()
