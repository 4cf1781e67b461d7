"""The pages of the close of day: who sees which store, what can be done, and the files that come of it."""

import csv
import io
from datetime import date
from decimal import Decimal

import pypdfium2
import pytest
import time_machine
from django.contrib.auth.models import Permission, User
from django.db.models import F
from django.test import Client
from django.urls import reverse

from backoffice.closing import services, words
from backoffice.models import Closing, PumpTotal, Reopening, Shift
from orders import refunds
from orders.models import Order, Payment
from orders.settlement import settle
from pos.models import PointOfSale
from stores.models import Store
from tests.backoffice.days import at, give_back, pay, sell
from tests.factories import PosFactory, StoreFactory

DAY = date(2026, 11, 20)
NOON = at("2026-11-20 12:00")
MANAGER = ("view_closing", "add_closing", "add_reopening", "add_shift")


@pytest.fixture(autouse=True)
def next_morning():
    with time_machine.travel(at("2026-11-21 08:00"), tick=True):
        yield


@pytest.fixture
def manager(store: Store) -> Client:
    Store.objects.update(created_at=at("2026-11-01 08:00"))
    return person("ana", *MANAGER, store=store)


def person(name: str, *permissions: str, store: Store | None = None) -> Client:
    user = User.objects.create_user(name, is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    if store:
        store.managers.add(user)
    client = Client()
    client.force_login(user)
    return client


def url(store: Store, name: str = "closing_day", *more: object) -> str:
    return reverse(f"admin:{name}", args=[store.pk, DAY.isoformat(), *more])


def text_of(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    return "\n".join(page.get_textpage().get_text_range() for page in document)


def test_a_manager_finds_and_closes_a_day(manager: Client, store: Store, pos: PointOfSale) -> None:
    pay(sell(pos, "500.00", closed=NOON), "500.00", approved=NOON)
    listed = manager.get(reverse("admin:closing")).content.decode()
    assert url(store) in listed
    assert "day-open" in listed
    page = manager.get(url(store)).content.decode()
    assert "No differences" in page
    manager.post(url(store), {"action": "close"})
    assert Closing.objects.get().closed_by == "ana"
    assert "day-closed" in manager.get(reverse("admin:closing")).content.decode()
    assert "Closed by" in manager.get(url(store)).content.decode()


def test_every_figure_names_its_column_for_a_phone(manager: Client, store: Store, pos: PointOfSale) -> None:
    pay(sell(pos, "500.00", closed=NOON), "500.00", approved=NOON)
    page = manager.get(url(store)).content.decode()
    assert '<td data-label="Kept">500.00</td>' in page
    for place, name in ((10, "Kept"), (12, "Pump − sold"), (6, "Paid − sold")):  # as closing.css counts them
        assert words.columns()[place - 1] == name


def test_it_is_said_what_was_done(manager: Client, store: Store) -> None:
    def said(action: str, **fields: str) -> list[str]:
        answer = manager.post(url(store), {"action": action} | fields, follow=True)
        return [str(message) for message in answer.context["messages"]]

    assert said("close") == ["The day is closed."]
    assert said("reopen", reason="misread") == ["It is open again."]
    assert said("open_shift") == ["A shift is opened."]
    shift = Shift.objects.get()
    page = reverse("admin:closing_shift", args=[store.pk, shift.day.isoformat(), shift.pk])
    answer = manager.post(page, {"action": "close"}, follow=True)
    assert [str(message) for message in answer.context["messages"]] == ["The shift is closed."]


def test_a_difference_leads_to_what_is_behind_it(manager: Client, store: Store, pos: PointOfSale) -> None:
    payment = pay(sell(pos, "500.00", closed=None, status="canceled"), "500.00", approved=NOON)
    page = manager.get(url(store)).content.decode()
    assert "paid, but the order was canceled or expired" in page
    assert reverse("admin:orders_payment_change", args=[payment.pk]) in page
    assert reverse("admin:orders_order_change", args=[payment.merchant_order.order_id]) in page


def surplus(manager: Client, store: Store) -> list[tuple[str, bool]]:
    """What the page says of what was paid too much, and whether it is settled."""
    groups = manager.get(url(store)).context["groups"]
    return [(one["gone_back"], one["is_settled"]) for _heading, lines in groups for one in lines]


def test_a_double_payment_says_what_went_back_so_that_nobody_gives_it_back_twice(
    manager: Client, store: Store, pos: PointOfSale
) -> None:
    order = sell(pos, "500.00", closed=NOON)
    pay(order, "500.00", approved=NOON)
    second = pay(order, "500.00", approved=NOON)
    settle(order.pk, [], actor="test")
    assert surplus(manager, store) == [("nothing of it has gone back yet", False)]
    give_back(second, "200.00", made=NOON)
    settle(order.pk, [], actor="test")
    assert surplus(manager, store) == [("200.00 went back, 300.00 is still here", False)]
    asked, _is_new = refunds.ask(order, amount=Decimal(300), reason="twice", actor="ana", idempotency_key="k")
    [(text, is_settled)] = surplus(manager, store)
    assert (text, is_settled) == ("settled: 200.00 went back, 300.00 is on its way", True)
    asked.refunds.update(status="approved", made_at=NOON, answered_at=NOON)
    Payment.objects.filter(pk=asked.refunds.get().payment_id).update(refunded=F("refunded") + 300)
    settle(order.pk, [], actor="test")
    assert surplus(manager, store) == [("settled: 500.00 went back", True)]
    page = manager.get(url(store)).content.decode()
    assert "<h2>Differences: 1 · settled: 1</h2>" in page
    sheet = manager.get(url(store, "closing_file", "csv")).content.decode()
    assert "settled: 500.00 went back" in sheet
    assert "500.00 went back" in text_of(manager.get(url(store, "closing_file", "pdf")).content)


def test_a_closed_day_says_what_went_back_since(manager: Client, store: Store, pos: PointOfSale) -> None:
    order = sell(pos, "500.00", closed=NOON)
    pay(order, "500.00", approved=NOON)
    second = pay(order, "500.00", approved=NOON)
    services.close_day(store, DAY, actor="ana")
    settle(order.pk, [], actor="test")
    assert surplus(manager, store) == [("nothing of it has gone back yet", False)]
    give_back(second, "500.00", made=at("2026-11-21 07:00"))
    Payment.objects.filter(pk=second.pk).update(updated_at=at("2026-11-21 07:00"))
    settle(order.pk, [], actor="test")
    assert surplus(manager, store) == [("settled: 500.00 went back", True)]


def test_money_for_a_canceled_order_says_what_went_back_too(manager: Client, store: Store, pos: PointOfSale) -> None:
    order = sell(pos, "500.00", closed=None, status="canceled")
    Order.objects.update(status="canceled")
    give_back(pay(order, "500.00", approved=NOON), "500.00", made=NOON)
    Order.objects.filter(pk=order.pk).update(paid_amount=500, refunded_amount=500, payment_status="refunded")
    assert surplus(manager, store) == [("settled: 500.00 went back", True)]


def test_other_peoples_stores_are_not_there(manager: Client, store: Store) -> None:
    other = StoreFactory.create(name="Estación Retiro")
    assert "Retiro" not in manager.get(reverse("admin:closing")).content.decode()
    assert manager.get(url(other)).status_code == 404
    assert manager.post(url(other), {"action": "close"}).status_code == 404
    assert manager.get(url(other, "closing_file", "pdf")).status_code == 404
    with time_machine.travel(NOON):
        shift = services.open_shift(other, actor="bea")
    assert manager.get(url(store, "closing_shift", shift.pk)).status_code == 404
    assert not Closing.objects.exists()


def test_who_may_only_look_changes_nothing(store: Store, pos: PointOfSale) -> None:
    auditor = person("rita", "view_closing", store=store)
    page = auditor.get(url(store)).content.decode()
    assert 'value="close"' not in page
    for action in ("close", "hand_in", "open_shift"):
        assert auditor.post(url(store), {"action": action}).status_code == 403
    closing = services.close_day(store, DAY, actor="ana")
    assert auditor.post(url(store), {"action": "reopen", "reason": "x"}).status_code == 403
    assert list(Closing.objects.in_force()) == [closing]
    assert not PumpTotal.objects.exists()
    assert not Shift.objects.exists()


def test_without_the_permission_there_is_no_page(store: Store) -> None:
    stranger = person("stranger", store=store)
    for address in (reverse("admin:closing"), url(store), url(store, "closing_file", "csv")):
        assert stranger.get(address).status_code == 403


def test_a_cashier_closes_a_shift_but_not_the_day(store: Store, pos: PointOfSale) -> None:
    cashier = person("caro", "view_closing", "add_shift", store=store)
    with time_machine.travel(NOON):
        cashier.post(url(store), {"action": "open_shift"})
        shift = Shift.objects.get()
        answer = cashier.post(url(store, "closing_shift", shift.pk), {"action": "close"})
        refused = cashier.post(url(store), {"action": "close"})
    assert (answer.status_code, refused.status_code) == (302, 403)
    assert Closing.objects.get().shift == shift


def test_what_cannot_be_done_is_said(manager: Client, store: Store) -> None:
    with time_machine.travel(NOON):
        answer = manager.post(url(store), {"action": "close"}, follow=True)
        assert "not over yet" in answer.content.decode()
        assert not Closing.objects.exists()
        manager.post(url(store), {"action": "close", "early": "on"})
    assert Closing.objects.count() == 1


def test_pump_totals_are_handed_in_on_the_page(manager: Client, store: Store, pos: PointOfSale) -> None:
    pay(sell(pos, "500.00", closed=NOON), "500.00", approved=NOON)
    fields = {f"amount-{pos.pk}": "512.50", f"volume-{pos.pk}": "12.5"}
    page = manager.post(url(store), {"action": "hand_in"} | fields, follow=True).content.decode()
    assert "pump total differs from its orders" in page
    assert PumpTotal.objects.get().amount == Decimal("512.50")
    for answer in (manager.get(url(store)), manager.get(url(store, "closing_file", "csv"))):
        assert "Pump volume (L or m³)" in answer.content.decode()  # whose it is, and in what
    manager.post(url(store), {"action": "hand_in", f"amount-{pos.pk}": "", f"volume-{pos.pk}": ""})
    assert not PumpTotal.objects.exists()


def test_a_wrong_pump_total_is_refused_and_nothing_typed_is_lost(manager: Client, store: Store, pos) -> None:
    other = PosFactory.create(store=store)
    fields = {f"amount-{pos.pk}": "-3", f"amount-{other.pk}": "77.00"}
    page = manager.post(url(store), {"action": "hand_in"} | fields).content.decode()
    assert f'id="id_amount-{pos.pk}_error"' in page  # what its box says that it is described by
    assert f'aria-invalid="true" aria-describedby="id_amount-{pos.pk}_error"' in page
    assert page.count("aria-invalid") == 1
    assert 'value="77.00"' in page
    assert not PumpTotal.objects.exists()


def test_a_day_is_opened_again_with_a_reason_that_stays_readable(manager: Client, store: Store) -> None:
    manager.post(url(store), {"action": "close"})
    manager.post(url(store), {"action": "reopen", "reason": ""})
    assert not Reopening.objects.exists()
    manager.post(url(store), {"action": "reopen", "reason": "pump 2 was misread"})
    manager.post(url(store), {"action": "close"})
    page = manager.get(url(store)).content.decode()
    assert "pump 2 was misread" in page
    old = manager.get(url(store), {"version": "1"}).content.decode()
    assert "an earlier version" in old
    assert "pump 2 was misread" in text_of(manager.get(url(store, "closing_file", "pdf"), {"version": "1"}).content)
    assert manager.get(url(store), {"version": "9"}).status_code == 404


def test_late_news_is_shown_beside_the_closed_day(manager: Client, store: Store, pos: PointOfSale) -> None:
    manager.post(url(store), {"action": "close"})
    pay(sell(pos, "80.00", closed=NOON), "80.00", approved=NOON)
    page = manager.get(url(store)).content.decode()
    assert "It differs now" in page
    assert "payment, known since the close only" in page
    assert "day-differs" in manager.get(reverse("admin:closing")).content.decode()


def test_the_csv_says_what_the_page_says_with_plain_numbers(manager: Client, store: Store, pos: PointOfSale) -> None:
    PointOfSale.objects.update(name="=cmd|'/c calc'!A1")
    pay(sell(pos, "1500.50", closed=NOON), "1500.00", approved=NOON)
    content = manager.get(url(store, "closing_file", "csv")).content
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    assert content.startswith(b"\xef\xbb\xbf")
    [figures] = [row for row in rows if row and row[0].startswith("'=cmd")]
    assert figures[1:6] == ["1", "1500.50", "1", "1500.00", "-0.50"]
    [line] = [row for row in rows if row and row[0] == "closed, but not paid in full"]
    assert line[1] == "-0.50"


def test_a_country_without_decimals_gets_none(store: Store, pos: PointOfSale, manager: Client) -> None:
    store.account.site_code = "MLC"
    store.account.save()
    pay(sell(pos, "12900", closed=NOON), "12900", approved=NOON)
    assert ",12900," in manager.get(url(store, "closing_file", "csv")).content.decode()


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ("Close of day", "Handed over by", "1,500.00")),
        ("es", ("1.500,00",)),
        ("pt-br", ("1.500,00",)),
    ],
)
def test_the_pdf_is_in_the_readers_language(manager: Client, store: Store, pos, language: str, words) -> None:
    pay(sell(pos, "1500.00", closed=NOON), "1500.00", approved=NOON)
    content = manager.get(url(store, "closing_file", "pdf"), headers={"Accept-Language": language}).content
    assert all(word in text_of(content) for word in words)
    assert store.name in text_of(content)


def test_a_closed_day_says_the_same_later(manager: Client, store: Store, pos: PointOfSale) -> None:
    pay(sell(pos, "500.00", closed=NOON), "500.00", approved=NOON)
    manager.post(url(store), {"action": "close"})
    before = manager.get(url(store, "closing_file", "csv")).content
    PointOfSale.objects.update(name="renamed")
    PosFactory.create(store=store, name="a new one")
    assert manager.get(url(store, "closing_file", "csv")).content == before


def test_addresses_that_make_no_sense_are_not_found(manager: Client, store: Store) -> None:
    for address in (
        f"/admin/closing/{store.pk}/2026-02-31/",
        f"/admin/closing/{store.pk}/x/",
        "/admin/closing/0/2026-01-01/",
    ):
        assert manager.get(address).status_code == 404
    assert manager.get(url(store, "closing_file", "exe")).status_code == 404
    assert manager.get(reverse("admin:closing"), {"until": "nonsense"}).status_code == 404


def test_a_day_closed_early_says_so_on_page_and_paper(manager: Client, store: Store, pos: PointOfSale) -> None:
    with time_machine.travel(at("2026-11-20 18:03")):
        manager.post(url(store), {"action": "close", "early": "on"})
        texts = (
            manager.get(url(store)).content.decode(),
            text_of(manager.get(url(store, "closing_file", "pdf")).content),
            manager.get(url(store, "closing_file", "csv")).content.decode(),
        )
    for text in texts:
        assert "it was closed then, before its end" in " ".join(text.split())


def test_a_day_closed_after_its_end_says_only_the_end(manager: Client, store: Store) -> None:
    manager.post(url(store), {"action": "close"})
    assert "before its end" not in manager.get(url(store)).content.decode()


def test_a_difference_of_some_pumps_is_none_of_the_day(manager: Client, store: Store, pos: PointOfSale) -> None:
    for one in (pos, PosFactory.create(store=store, name="Pump 2")):
        sell(one, "500.00", closed=NOON)
    PumpTotal.objects.create(pos=pos, day=DAY, amount="510", actor="ana")
    page = manager.get(url(store)).content.decode()
    total = page.partition("<tfoot>")[2].partition("</tfoot>")[0]
    assert '<td data-label="Pump total">510.00</td><td data-label="Pump − sold">–</td>' in total
    lines = manager.get(url(store, "closing_file", "csv")).content.decode().splitlines()
    assert next(line for line in lines if line.startswith("Total,")).endswith(",510.00,,")
