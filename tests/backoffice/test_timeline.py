"""The story of an order and of a point of sale: joined, in order, for the eyes of its managers only."""

import re
from datetime import timedelta
from html import unescape

import pytest
import time_machine
from django.contrib.auth.models import Permission, User
from django.urls import reverse
from django.utils import timezone

from backoffice import timeline
from backoffice.timeline import Kind
from backoffice.timeline.entry import LIMIT
from backoffice.timeline.story import ORDERS
from notifications import services as notifications
from orders import refunds, services
from orders.models import Order, Payment, PollSpell, RefundRequest
from orders.polling import answer_poll
from orders.refusals import why_not
from orders.settlement import settle
from pos.models import ControllerStatus, PointOfSale, StatusSpell
from pos.services import report
from receipts.models import Printer, PrintJob, Receipt
from receipts.services import draw, issue, reprint
from stores.models import ApiCall, Errand
from stores.services import connect
from tests.backoffice.conftest import sentences
from tests.deliveries import delivered
from tests.factories import ITEM, OrderFactory, PosFactory
from tests.orders.conftest import found, remote

API = "https://api.mercadopago.com"
SALE = {"items": [ITEM]}


def order_url(order: Order) -> str:
    return reverse("admin:timeline_order", args=[order.pk])


def pos_url(pos: PointOfSale) -> str:
    return reverse("admin:timeline_pos", args=[pos.pk])


def dated() -> dict[str, str]:
    """Mercado Pago's own dates, as of now."""
    now = timezone.now().isoformat()
    return dict.fromkeys(("date_approved", "date_created", "last_modified", "last_updated"), now)


@pytest.fixture
def sold(pos, paid, payment, mercado_pago) -> Order:
    """A whole sale as it goes: dispensing, scanned, reported, refused, paid, receipt, printed, a copy."""
    with time_machine.travel("2026-11-24T05:12:00Z") as clock:

        def then(seconds: int = 5) -> None:
            clock.shift(timedelta(seconds=seconds))

        report(pos, ControllerStatus.IN_PROCESS)
        then()
        answer_poll(pos.poll_token)
        then()
        order, _is_new = services.create(
            pos, SALE, idempotency_key="k", fingerprint="-", actor="controller key abcdef12"
        )
        then()
        answer_poll(pos.poll_token)
        then()
        refused = payment(1, 500, "rejected", status_detail="cc_rejected_call_for_authorize", **dated())
        settle(order.pk, remote(paid(order, refused, status="opened", **dated())), actor="check")
        then()
        whole = paid(order, refused, payment(2, 500, **dated()), **dated())
        mercado_pago.get(f"{API}/merchant_orders/{whole['id']}", json=whole)
        query = f"topic=merchant_order&id={whole['id']}"
        delivery = delivered(order.account, query)
        then(1)
        notifications.process(delivery, client=connect(order.account, about=delivery))
        then()
        receipt = issue(Order.objects.with_site().get(pk=order.pk))
        draw(receipt)
        printer = Printer.objects.create(store=pos.store, name="Counter", host="127.0.0.1")
        PrintJob.objects.create(
            printer=printer, receipt=receipt, actor="automatic", state="failed", trouble="paper_out"
        )
        reprint(receipt, "ana")
    return Order.objects.with_site().get(pk=order.pk)


def test_a_whole_sale_is_told_from_the_first_report_to_the_copy(sold) -> None:
    told = [(entry.kind, str(entry.title), str(entry.who)) for entry in timeline.of_order(sold).entries]
    expected = [
        (Kind.PUMP, "The controller says: a sale is running", ""),
        (Kind.POLL, "A customer has scanned and waits: the sale is still running", ""),
        (Kind.ORDER, "The sale is over: an order of 500.00 ARS is made", "the controller (key abcdef12…)"),
        (Kind.POLL, "A customer has scanned: the phone shows the amount", ""),
        (Kind.PAYMENT, "A payment of 500.00 ARS was not made", ""),
        (Kind.NEWS, "Mercado Pago sent a notification about merchant order 23603350837", ""),
        (Kind.CALL, "We asked Mercado Pago what became of the order", ""),
        (Kind.ORDER, "The order of 500.00 ARS is paid and closed", "a notification of Mercado Pago"),
        (Kind.PAPER, f"Receipt {Receipt.objects.get()} is made", ""),
        (Kind.PAPER, "Copy number 1 of the receipt was made", "ana"),
    ]
    assert [line for line in told if line in expected] == expected
    assert (Kind.PAYMENT, "500.00 ARS paid", "") in told
    assert any("was not printed" in title and who == "the automatic printing" for _kind, title, who in told)
    refused = next(entry for entry in timeline.of_order(sold).entries if entry.severity == "error")
    assert str(refused.detail) == str(why_not("cc_rejected_call_for_authorize"))


def test_the_page_says_it_by_the_stores_clock_to_the_second(admin, sold) -> None:
    page = sentences(admin.get(order_url(sold)).content.decode())
    assert "02:12:00 The controller says: a sale is running" in page  # 05:12 in UTC
    assert page.index("a sale is running") < page.index("is paid and closed")
    assert "Everything is fine: 500.00 ARS was paid, and the order was closed at" in page


def test_a_refund_is_part_of_the_story(sold, mercado_pago) -> None:
    request, _is_new = refunds.ask(
        sold, amount=sold.total_amount, reason="spilt", actor="ana", idempotency_key="r", fingerprint="-"
    )
    entry = next(e for e in timeline.of_order(sold).entries if e.row == request)
    assert (str(entry.title), entry.detail, entry.who) == ("500.00 ARS is being given back", "spilt", "ana")


def test_what_was_paid_stays_told_and_what_went_back_stands_where_it_went(sold, mercado_pago, paid, payment) -> None:
    manager = User.objects.create_user("manager")
    with time_machine.travel("2026-11-24T05:20:00Z", tick=False):
        request = RefundRequest.objects.create(
            order=sold, amount=sold.total_amount, reason="overpaid", actor="rules", status="proposed"
        )
    with time_machine.travel("2026-11-24T05:25:00Z", tick=False):
        body = {"id": 71, "payment_id": 2, "amount": 500, "status": "approved"}
        mercado_pago.post(f"{API}/v1/payments/2/refunds", json=body)
        gone = payment(2, 500, "refunded", status_detail="refunded", date_approved="2026-11-24T05:12:20Z")
        found(mercado_pago, paid(sold, gone, last_updated=timezone.now().isoformat()))
        refunds.send(refunds.accept(request, person=manager), client=connect(sold.account))
    told = [entry for entry in timeline.of_order(sold).entries if entry.kind == Kind.PAYMENT]
    lines = [(f"{entry.at:%H:%M}", str(entry.title), entry.detail, entry.who) for entry in told]
    assert lines[-3:] == [
        ("05:12", "500.00 ARS paid", "", ""),
        ("05:20", "It was proposed to give 500.00 ARS back", "paid twice or too much", "the rules"),
        ("05:25", "500.00 ARS was given back", "proposed by the rules · decided by manager", ""),
    ]
    assert "Mercado Pago's reason: refunded" not in str(lines)


def test_what_went_back_elsewhere_and_what_is_charged_back_is_told_beside_the_payment(sold) -> None:
    Payment.objects.filter(remote_id=2).update(refunded=100)
    told = [str(entry.title) for entry in timeline.of_order(sold).entries]
    assert {"500.00 ARS paid", "100.00 ARS of a payment went back at Mercado Pago, not from here"} <= set(told)
    Payment.objects.filter(remote_id=2).update(status="charged_back")
    told = [str(entry.title) for entry in timeline.of_order(sold).entries]
    assert {"500.00 ARS paid", "A payment of 500.00 ARS is charged back"} <= set(told)


def test_money_that_is_kept_stands_where_it_was_decided(sold) -> None:
    with time_machine.travel("2026-11-24T05:20:00Z", tick=False):
        request = RefundRequest.objects.create(
            order=sold, amount=sold.total_amount, reason="overpaid", actor="rules", status="proposed"
        )
    with time_machine.travel("2026-11-24T05:30:00Z", tick=False):
        refunds.decline(request, actor="ana", reason="a tip")
    last = [entry for entry in timeline.of_order(sold).entries if entry.row == request][-1]
    assert (f"{last.at:%H:%M}", last.detail) == ("05:30", "a tip · proposed by the rules · decided by ana")


def test_a_point_of_sale_is_told_newest_first_with_its_orders(admin, sold) -> None:
    until = "2026-11-24T06:00:00+00:00"
    page = sentences(admin.get(pos_url(sold.pos), {"until": until}).content.decode())
    assert page.index("is paid and closed") < page.index("a sale is running")


def test_one_kind_can_be_chosen_and_the_others_stay_to_be_chosen(admin, sold) -> None:
    page = admin.get(order_url(sold), {"kind": "pump"}).content.decode()
    assert "a sale is running" in page
    assert "is paid and closed" not in page
    assert '<a href="?kind=payment"' in page
    assert admin.get(order_url(sold), {"kind": "nonsense"}).status_code == 200


def test_what_is_asked_several_times_in_a_row_is_one_line_and_failures_stay_visible(admin, order) -> None:
    now = timezone.now()
    for second in range(6):
        failed = {"error": "ServerError", "status": 500} if second == 3 else {"status": 200}
        ApiCall.objects.create(
            account=order.account, about=f"order {order.pk}", at=now + timedelta(seconds=second), method="GET",
            path="/v1/payments/1" if second % 2 else "/merchant_orders/search", milliseconds=3, **failed,
        )  # fmt: skip
    calls = [entry for entry in timeline.of_order(order).entries if entry.kind == Kind.CALL]
    assert [(str(entry.title), entry.times, entry.at, entry.until) for entry in calls] == [
        ("We asked Mercado Pago", 5, now, now + timedelta(seconds=5)),
        ("We asked Mercado Pago about payments: it failed", 1, now + timedelta(seconds=3), None),
    ]
    assert "ms" not in calls[0].detail
    assert "500" in calls[1].detail


def test_an_orders_story_is_that_of_its_own_sale(admin, pos) -> None:
    """Neither how the point of sale was set up, nor the customers before and after."""
    start = timezone.now() - timedelta(minutes=10)

    def at(minutes: float) -> dict[str, object]:
        moment = start + timedelta(minutes=minutes)
        return {"since": moment, "last_at": moment}

    PollSpell.objects.create(pos=pos, heard="nothing", is_going_on=False, **at(0))  # somebody who went away
    StatusSpell.objects.create(pos=pos, status="idle", reports=1, **at(1))
    PollSpell.objects.create(pos=pos, heard="nothing", is_going_on=False, **at(2.8))
    StatusSpell.objects.create(pos=pos, status="in_process", reports=1, **at(3))
    ApiCall.objects.create(
        account=pos.store.account, about=f"pointofsale {pos.pk}", at=start, method="POST", path="/pos", status=201,
        milliseconds=3,
    )  # fmt: skip
    order = OrderFactory.create(pos=pos, status="canceled")
    Order.objects.filter(pk=order.pk).update(created_at=start + timedelta(minutes=4))
    with time_machine.travel(start + timedelta(minutes=5), tick=False):
        order.transitions.create(from_status="open", to_status="canceled", reason="canceled", actor="check")
    StatusSpell.objects.create(pos=pos, status="offline", reports=1, **at(5.5))
    StatusSpell.objects.create(pos=pos, status="in_process", reports=1, **at(6))
    following = OrderFactory.create(pos=pos)
    Order.objects.filter(pk=following.pk).update(created_at=start + timedelta(minutes=7))
    order, following = Order.objects.with_site().get(pk=order.pk), Order.objects.with_site().get(pk=following.pk)
    minutes = [(entry.at - start).total_seconds() / 60 for entry in timeline.of_order(order).entries]
    assert minutes == pytest.approx([2.8, 3, 5, 5.5])
    assert min(entry.at for entry in timeline.of_order(following).entries) == start + timedelta(minutes=6)


# --- paging ----------------------------------------------------------------------------------------------------------
def test_pages_lead_back_in_time_and_nothing_is_lost_or_told_twice(admin, pos) -> None:
    start = timezone.now() - timedelta(days=1)
    PointOfSale.objects.update(created_at=start)
    spells = [
        StatusSpell(pos=pos, status="idle", since=start + timedelta(minutes=n), last_at=start, reports=1)
        for n in range(LIMIT + 50)
    ]
    StatusSpell.objects.bulk_create(spells)
    for n in range(ORDERS * 2 + 5):
        order = OrderFactory.create(pos=pos, status="canceled")
        at = start + timedelta(minutes=5 * n, seconds=30)
        Order.objects.filter(pk=order.pk).update(created_at=at)
        with time_machine.travel(at, tick=False):
            order.transitions.create(to_status="open", reason="", actor="check")
    moments, url, pages = [], pos_url(pos), 0
    while url:
        page = admin.get(url).content.decode()
        moments += re.findall(r'<time datetime="([^"]+)">', page)
        earlier = re.search(r'href="(\?until=[^"]+)">Load earlier', page)
        url, pages = pos_url(pos) + earlier[1] if earlier else "", pages + 1
    assert len(moments) == len(set(moments)) == LIMIT + 50 + ORDERS * 2 + 5
    assert moments == sorted(moments, reverse=True)
    assert pages >= 3


def test_a_page_of_the_past_says_nothing_about_now(admin, pos, order) -> None:
    page = admin.get(pos_url(pos), {"until": "2026-01-01T00:00:00+00:00"}).content.decode()
    assert "data-live" not in page
    assert "verdict" not in page
    assert "Back to now" in page


@pytest.mark.parametrize("until", ["yesterday", "2026-13-45", "2026-01-01T00:00:00"])
def test_an_until_that_is_none_is_now(admin, pos, until) -> None:
    assert "data-live" in admin.get(pos_url(pos), {"until": until}).content.decode()


# --- while it is open ------------------------------------------------------------------------------------------------
def test_an_open_order_refreshes_itself_and_one_that_is_over_does_not(admin, order) -> None:
    assert "data-live" in admin.get(order_url(order)).content.decode()
    part = admin.get(order_url(order), {"part": "1"}).content.decode()
    assert "<html" not in part
    assert "Why can't the customer pay?" in sentences(part)
    Order.objects.update(status="canceled")
    assert "data-live" not in admin.get(order_url(order)).content.decode()


def test_of_an_order_that_is_over_nobody_asks_why_it_cannot_be_paid(admin, order) -> None:
    headings = r'<h2 id="(?:diagnosis|story)-title">(.*?)</h2>'
    page = admin.get(order_url(order)).content.decode()
    assert [unescape(text) for text in re.findall(headings, page)] == ["Why can't the customer pay?", "What happened"]
    Order.objects.update(status="expired")
    page = admin.get(order_url(order)).content.decode()
    assert re.findall(headings, page) == ["What happened", "Step by step"]


# --- who may see it, and do what -------------------------------------------------------------------------------------
def test_a_manager_sees_the_own_store_and_of_others_nothing(night_manager, log_in, order) -> None:
    client = log_in(night_manager)
    assert client.get(order_url(order)).status_code == 200
    assert client.get(pos_url(order.pos)).status_code == 200
    foreign = OrderFactory.create()
    assert client.get(order_url(foreign)).status_code == 404
    assert client.get(pos_url(foreign.pos)).status_code == 404
    night_manager.user_permissions.add(Permission.objects.get(codename="see_all_stores"))
    assert client.get(order_url(foreign)).status_code == 200


def test_who_may_not_look_at_orders_is_refused(log_in, pos, order) -> None:
    somebody = User.objects.create_user("somebody", is_staff=True)
    pos.store.managers.add(somebody)
    client = log_in(somebody)
    assert client.get(order_url(order)).status_code == 403
    assert client.get(pos_url(pos)).status_code == 403


def test_nobody_in_particular_is_asked_to_log_in(client, order) -> None:
    assert client.get(order_url(order)).url.startswith("/admin/login/")


def test_a_button_is_offered_to_who_may_press_it_a_link_to_who_may_look(night_manager, log_in, admin, pos) -> None:
    PointOfSale.objects.update(is_active=False)
    button = '<input type="hidden" name="action" value="activate">'
    assert button in admin.get(pos_url(pos)).content.decode()
    page = log_in(night_manager).get(pos_url(pos)).content.decode()
    assert button not in page
    assert reverse("admin:pos_pointofsale_change", args=[pos.pk]) in page


def test_who_may_not_even_look_is_told_whom_to_ask(night_manager, log_in, pos) -> None:
    type(pos.store).objects.update(is_active=False)
    page = sentences(log_in(night_manager).get(pos_url(pos)).content.decode())
    assert "Ask somebody who may do it: Switch on" in page


def test_a_button_cures_and_leads_back(admin, pos) -> None:
    PointOfSale.objects.update(is_active=False)
    form = {"action": "activate", "_selected_action": pos.pk, "back": pos_url(pos)}
    answer = admin.post(reverse("admin:pos_pointofsale_changelist"), form, follow=True)
    assert answer.redirect_chain[-1][0] == pos_url(pos)
    assert "is switched on" in sentences(answer.content.decode())
    assert PointOfSale.objects.get().is_active
    told = timeline.of_pos(pos, timezone.now() - timedelta(hours=1), timezone.now() + timedelta(hours=1)).entries
    assert [(str(e.title), e.who) for e in told if e.kind == Kind.PERSON] == [
        (f"{pos} was changed in the back-office", "boss")
    ]


def test_a_button_with_a_page_in_between_leads_back_too(admin, order, mercado_pago) -> None:
    found(mercado_pago)
    form = {"action": "release", "_selected_action": order.pk, "back": order_url(order)}
    asked = admin.post(reverse("admin:orders_order_changelist"), form).content.decode()
    assert f'name="back" value="{order_url(order)}"' in asked
    answer = admin.post(reverse("admin:orders_order_changelist"), form | {"apply": "1", "reason": "stuck"})
    errand = Errand.objects.get()
    assert answer.url.startswith(reverse("admin:stores_errand_change", args=[errand.pk]))
    assert errand.back == order_url(order)


@pytest.mark.parametrize("back", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_nobody_is_led_elsewhere(admin, pos, back) -> None:
    PointOfSale.objects.update(is_active=False)
    form = {"action": "activate", "_selected_action": pos.pk, "back": back}
    answer = admin.post(reverse("admin:pos_pointofsale_changelist"), form)
    assert answer.url == reverse("admin:pos_pointofsale_change", args=[pos.pk])


@pytest.mark.parametrize("kind", ["order", "pos"])
def test_the_admins_own_pages_lead_here(admin, order, kind) -> None:
    page, url = {
        "order": (reverse("admin:orders_order_change", args=[order.pk]), order_url(order)),
        "pos": (reverse("admin:pos_pointofsale_change", args=[order.pos_id]), pos_url(order.pos)),
    }[kind]
    assert f'<a href="{url}">' in admin.get(page).content.decode()


# --- what it costs ---------------------------------------------------------------------------------------------------
def test_a_long_story_costs_no_more_questions_than_a_short_one(admin, sold, django_assert_max_num_queries) -> None:
    now = timezone.now()
    other = PosFactory.create(store=sold.pos.store)
    for n in range(30):
        order = OrderFactory.create(pos=sold.pos, status="canceled")
        order.transitions.create(to_status="open", reason="", actor="check")
        PollSpell.objects.create(
            pos=sold.pos, order=order, heard="order", since=now - timedelta(minutes=n), last_at=now, is_going_on=False
        )
    PollSpell.objects.create(pos=other, heard="nothing", since=now, last_at=now)
    with django_assert_max_num_queries(40):
        assert admin.get(pos_url(sold.pos)).status_code == 200
    with django_assert_max_num_queries(40):
        assert admin.get(order_url(sold)).status_code == 200
