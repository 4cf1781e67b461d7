"""The admin for station managers: all there, searchable, and nothing about money to be edited."""

import re
from html import unescape

import pytest
from auditlog.models import LogEntry
from django.contrib import admin
from django.contrib.admin.utils import quote
from django.contrib.auth.models import Permission, User
from django.db.models import Model
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from backoffice.models import Alarm, AlarmRecipient, SettlementRow, SettlementRun
from notifications.models import Notification
from orders import settlement
from orders.errands import CHECK
from orders.models import (
    Audit,
    Difference,
    MerchantOrder,
    MoneyEntry,
    Order,
    Payment,
    Refund,
    RefundRequest,
    ShadowAnswer,
    Transition,
)
from pos import hooks
from pos.models import ControllerKey, Finding, Hook, HookDelivery, PointOfSale
from pos.services import create_key
from receipts.models import Copy, Document, Printer, PrinterKey, PrintJob, Receipt, ReceiptBook, ReceiptMail
from receipts.services import draw, issue, reprint
from stores import working
from stores.models import Account, Application, Errand, Store
from tests.deliveries import delivered
from tests.errands import ask_and_work
from tests.factories import OrderFactory
from tests.orders.conftest import found, remote

MONEY = (
    Order, MerchantOrder, Payment, Transition, RefundRequest, Refund, Receipt, ReceiptBook, Document, Copy,
    Notification,
    Audit, Difference, ShadowAnswer, MoneyEntry, LogEntry, HookDelivery, PrintJob, ReceiptMail, SettlementRow, Alarm,
)  # fmt: skip
ALL = (
    *MONEY, Account, Application, Store, PointOfSale, ControllerKey, Finding, Hook, Printer, PrinterKey, Errand,
    AlarmRecipient,
)  # fmt: skip


@pytest.fixture
def manager(db) -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("manager"))
    return client


@pytest.fixture
def everything(order: Order, payload) -> None:
    """A row of each model."""
    ours = {"external_reference": order.external_reference, "collector": {"id": order.account.user_id}}
    payment = payload("payment_approved") | {"transaction_amount": 500}
    settlement.settle(order.pk, remote(payload("merchant_order_closed") | ours | {"payments": [payment]}), actor="test")
    receipt = issue(Order.objects.with_site().get(pk=order.pk))
    draw(receipt)
    reprint(receipt, "ana")
    printer = Printer.objects.create(store=order.pos.store, name="Counter 1", host="127.0.0.1")
    PrinterKey.objects.create_key(name="agent 1", printer=printer)
    PrintJob.objects.create(receipt=receipt, printer=printer, actor="test")
    ReceiptMail.objects.create(receipt=receipt, address_hash="-")
    Notification.objects.create(
        account=order.account, headers={"A": "b"}, query="topic=x", body=b"{}", verdict="absent", topic="", order=order
    )
    create_key(name="key", store=order.pos.store)
    Finding.objects.create(account=order.account, kind="unknown_here", external_id="OTHERS1", name="Theirs")
    Application.objects.create(name="Ours", site_code="MLA", client_id="1", client_secret="very-secret", owner_id=2)
    hooks.ping(Hook.objects.create(store=order.pos.store, url="https://pump.example/1"))
    request = RefundRequest.objects.create(order=order, amount=1, actor="test", status="approved")
    Refund.objects.create(request=request, payment=Payment.objects.get(), amount=1, status="approved")
    audit = Audit.objects.create(store=order.pos.store, day="2026-11-20", merchant_orders=1, ours=500, theirs=400)
    Difference.objects.create(audit=audit, kind="payment_amount", order=order, ours="500.00", theirs="400.00")
    run = SettlementRun.objects.create(account=order.account, file_name="report.csv")
    SettlementRow.objects.create(run=run, account=order.account, number=2, key="-", order=order, fate="matched")
    working.ask(work=CHECK, user_id=User.objects.get().pk, keys=[order.pk], back="/", action="check_now", rows_url="/")
    store, began = order.pos.store, order.created_at
    Alarm.objects.create(
        kind="waits", subject="store 1", label="Caseros", store=store, account=order.account, values={"count": 1},
        since=began, raised_at=began, tell_at=began,
    )  # fmt: skip
    AlarmRecipient.objects.create(url="https://chat.example/1", store=store, language="en")
    Account.objects.update(shadows=True)
    Client().get(order.pos.poll_url)


def address(model: type[Model], *more: object) -> str:
    return "/".join(["/admin", model._meta.app_label, str(model._meta.model_name), *map(str, more)]) + "/"


def test_every_model_is_there() -> None:
    ours = {m for m in admin.site._registry if m.__module__.split(".")[0] not in ("django", "rest_framework_api_key")}
    assert ours == set(ALL)


@pytest.mark.parametrize("model", ALL)
def test_every_model_is_listed_searched_and_shown(manager: Client, everything: None, model: type[Model]) -> None:
    row = model._default_manager.all()[0]
    listed = manager.get(address(model))
    assert listed.status_code == 200
    assert reverse(f"admin:{model._meta.label_lower.replace('.', '_')}_change", args=[quote(row.pk)]) in str(
        listed.content
    )
    assert manager.get(address(model), {"q": "1"}).status_code == 200
    assert admin.site._registry[model].search_fields
    assert manager.get(address(model, row.pk, "change")).status_code == 200


@pytest.mark.parametrize("model", MONEY)
def test_nothing_about_money_can_be_added_changed_or_deleted(manager: Client, everything: None, model) -> None:
    row = model._default_manager.all()[0]
    before = list(model._default_manager.values())
    assert manager.get(address(model, "add")).status_code == 403
    assert manager.post(address(model, row.pk, "change"), {"status": "closed", "total_amount": "1"}).status_code == 403
    assert manager.post(address(model, row.pk, "delete"), {"post": "yes"}).status_code == 403
    assert list(model._default_manager.values()) == before


@pytest.mark.parametrize("model", [Account, Store, PointOfSale])
def test_what_orders_hang_on_is_switched_off_not_deleted(manager: Client, everything: None, model) -> None:
    row = model._default_manager.get()
    assert manager.post(address(model, row.pk, "delete"), {"post": "yes"}).status_code == 403
    page = manager.get(address(model, row.pk, "change")).content.decode()
    assert 'name="is_active"' in page
    assert "very-secret" not in page


@pytest.mark.parametrize("model", [m for m in ALL if m not in (ControllerKey, PrinterKey, LogEntry)])
def test_an_empty_list_says_what_to_do_next(manager: Client, model) -> None:
    assert str(admin.site._registry[model].empty_hint) in unescape(manager.get(address(model)).content.decode())  # type: ignore[attr-defined]


def test_an_access_token_is_never_shown(manager: Client, account: Account) -> None:
    page = manager.get(address(Account, account.pk, "change")).content.decode()
    assert account.access_token not in page
    assert f"…{account.access_token[-4:]}" in page


def test_a_new_key_is_shown_once(manager: Client, store: Store) -> None:
    answer = manager.post(address(ControllerKey, "add"), {"name": "pump", "store": store.pk}, follow=True)
    shown = " ".join(str(message) for message in answer.context["messages"])
    [key] = re.findall(r"is: (\S+)\.", shown)
    assert ControllerKey.objects.is_valid(key)


def test_a_key_of_neither_a_store_nor_a_point_of_sale_is_refused(manager: Client) -> None:
    answer = manager.post(address(ControllerKey, "add"), {"name": "pump"})
    assert "Choose a store or a point of sale" in answer.content.decode()
    assert not ControllerKey.objects.exists()


def test_it_speaks_the_managers_language(manager: Client) -> None:
    page = manager.get("/admin/", headers={"Accept-Language": "es-AR"}).content.decode()
    assert "Puntos de venta" in page


def test_an_orders_story_is_called_by_what_one_asks_of_it(manager: Client, order: Order) -> None:
    url, question = address(Order, order.pk, "change"), "Why can't the customer pay?"
    assert question in unescape(manager.get(url).content.decode())
    Order.objects.update(status="canceled")
    page = unescape(manager.get(url).content.decode())
    assert question not in page
    assert "What happened" in page


def test_findings_are_told_apart_by_what_they_are(manager: Client, account: Account) -> None:
    for name, is_store in (("A shop", True), ("A till", False)):
        Finding.objects.create(
            account=account, kind="unknown_here", external_id=name, name=name, is_store=is_store
        )  # fmt: skip
    for value, shown, hidden in (("1", "A shop", "A till"), ("0", "A till", "A shop")):
        page = manager.get(address(Finding), {"is_store": value}).content.decode()
        assert shown in page
        assert hidden not in page


def test_what_is_wanted_in_a_stores_address_is_named_plainly(manager: Client, store: Store) -> None:
    page = manager.get(address(Store, store.pk, "change")).content.decode()
    assert "Province or state:" in page
    assert "Time zone:" in page


def test_an_order_shows_when_it_changed(manager: Client, everything: None) -> None:
    page = manager.get(address(Order, Order.objects.get().pk, "change")).content.decode()
    assert str(timezone.now().year) in page
    assert "paid" in page


# --- what people do about money --------------------------------------------------------------------------------------
API = "https://api.mercadopago.com"


def act(manager: Client, model: type[Model], action: str, *rows: Model, **fields: object):
    data = {"action": action, "_selected_action": [row.pk for row in rows]} | fields
    return ask_and_work(manager, address(model), data)


def said(answer) -> str:
    return " ".join(str(message) for message in answer.context["messages"])


@pytest.fixture
def sold(order: Order, payload) -> Order:
    return pay(order, payload, 1)


def pay(order: Order, payload, number: int) -> Order:
    """500.00, paid just now."""
    ours = {"id": number, "external_reference": order.external_reference, "collector": {"id": order.account.user_id}}
    payment = payload("payment_approved") | {"id": number, "transaction_amount": 500}
    payment["date_approved"] = timezone.now().isoformat()
    body = payload("merchant_order_closed") | ours | {"payments": [payment]}
    return settlement.settle(order.pk, remote(body), actor="test")


def test_check_now_asks_mercado_pago_and_says_how_it_stands(manager, order, mercado_pago) -> None:
    found(mercado_pago)
    answer = act(manager, Order, "check_now", order)
    assert answer.redirect_chain[-1][0] == address(Order, order.pk, "change")
    assert "open, unpaid" in said(answer)
    assert 'value="check_now"' in answer.content.decode()


def test_a_refund_form_that_is_sent_again_with_another_amount_refunds_nothing(manager, sold, mercado_pago) -> None:
    mercado_pago.post(f"{API}/v1/payments/1/refunds", json={"id": 7, "amount": 100, "status": "approved"})
    found(mercado_pago)
    form = act(manager, Order, "refund", sold).context["form"]
    key = str(form["key"].value())
    act(manager, Order, "refund", sold, apply="1", amount="100.00", reason="x", key=key, confirmed="1")
    again = act(manager, Order, "refund", sold, apply="1", amount="300.00", reason="x", key=key, confirmed="1")
    assert "sent before" in again.content.decode()
    assert [r.amount for r in RefundRequest.objects.all()] == [100]


def test_an_order_is_canceled_by_hand_with_a_reason(manager, order, mercado_pago) -> None:
    found(mercado_pago)
    asked = act(manager, Order, "release", order)
    assert "cannot end by itself" in asked.content.decode()
    order.refresh_from_db()
    assert order.status == "open"
    answer = act(manager, Order, "release", order, apply="1", reason="pump 1 is blocked")
    assert "free again" in said(answer)
    assert order.transitions.get(to_status="canceled").reason == "pump 1 is blocked"
    assert 'value="release"' not in answer.content.decode()


def test_check_now_says_when_mercado_pago_does_not_answer(manager, order, mercado_pago) -> None:
    mercado_pago.get(f"{API}/merchant_orders/search", status=503)
    assert "503" in said(act(manager, Order, "check_now", order))


def test_a_refund_is_asked_for_on_a_page_and_made_once(manager, sold, mercado_pago) -> None:
    mercado_pago.post(f"{API}/v1/payments/1/refunds", json={"id": 7, "amount": 100, "status": "approved"})
    mercado_pago.get(f"{API}/merchant_orders/search", json={"elements": None, "total": 0})
    page = act(manager, Order, "refund", sold).content.decode()
    assert "500.00" in page
    [key] = re.findall(r'name="key" value="([0-9a-f-]+)"', page)
    for _ in range(2):  # the button pressed twice
        fields = {"apply": "Refund", "amount": "100", "reason": "spilled", "key": key, "confirmed": "1"}
        assert f"{sold}: 100.00 ARS went back to the customer, of a sale at Pump 1" in said(
            act(manager, Order, "refund", sold, **fields)
        )
    request = RefundRequest.objects.get()
    assert (request.amount, request.reason, request.actor, request.status) == (100, "spilled", "manager", "approved")
    assert len([call for call in mercado_pago.calls if call.request.method == "POST"]) == 1


def test_the_refund_form_has_an_address_that_back_leads_to(manager, sold, order) -> None:
    data = {"action": "refund", "_selected_action": sold.pk, "back": address(Order, sold.pk, "change")}
    answer = manager.post(address(Order), data)
    assert (answer.status_code, answer["Location"]) == (302, f"/admin/orders/order/{sold.pk}/refund/")
    assert 'name="amount" value="500.00"' in manager.get(answer["Location"]).content.decode()


def test_the_refund_form_is_only_for_who_may_and_of_their_stores(sold) -> None:
    looker = User.objects.create_user("looker", is_staff=True)
    client = Client()
    client.force_login(looker)
    form = f"/admin/orders/order/{sold.pk}/refund/"
    looker.user_permissions.set(Permission.objects.filter(codename="view_order"))
    sold.pos.store.managers.add(looker)
    assert client.get(form).status_code == 403
    looker.user_permissions.set(Permission.objects.filter(codename__in=("view_order", "add_refundrequest")))
    assert client.get(form).status_code == 200
    sold.pos.store.managers.clear()
    assert client.get(form).status_code == 404


def test_pieces_are_told_without_a_code(manager, sold) -> None:
    items = [{"title": "Super", "quantity": "2", "unit_measure": "unit", "unit_price": "1", "total_amount": "2"}]
    Order.objects.update(items=items)
    page = manager.get(address(Order, sold.pk, "change")).content.decode()
    assert "Super · 2 × 1.00 = 2.00" in page


def test_a_refund_is_confirmed_before_anything_goes_back(manager, sold, mercado_pago) -> None:
    key = "0b0b0b0b-0000-4000-8000-000000000000"
    answer = act(manager, Order, "refund", sold, apply="1", amount="100", reason="spilled", key=key)
    text = answer.content.decode()
    [row] = answer.context["rows"]
    assert row == ["100.00 ARS", str(sold), str(sold.pos), "500.00 ARS", "0.00 ARS", "400.00 ARS"]
    assert 'value="Give back 100.00 ARS"' in text
    assert "spilled" in text
    assert not RefundRequest.objects.exists()
    sent = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', text))
    assert {name: sent[name] for name in ("amount", "reason", "key", "confirmed")} == {
        "amount": "100", "reason": "spilled", "key": key, "confirmed": "1",
    }  # fmt: skip


def test_accepting_a_proposal_names_what_goes_back_and_what_stays(manager, sold, payload) -> None:
    pay(sold, payload, 2)
    answer = act(manager, RefundRequest, "accept", RefundRequest.objects.get())
    [row] = answer.context["rows"]
    assert row == ["500.00 ARS", str(sold), str(sold.pos), "1,000.00 ARS", "0.00 ARS", "500.00 ARS"]
    assert 'value="Give back 500.00 ARS"' in answer.content.decode()


@pytest.mark.parametrize("fields", [{"amount": "500.01", "reason": "x"}, {"amount": "5", "reason": ""}, {"amount": ""}])
def test_a_refund_that_cannot_be_is_refused_on_the_page(manager, sold, mercado_pago, fields) -> None:
    key = "0b0b0b0b-0000-4000-8000-000000000000"
    answer = act(manager, Order, "refund", sold, apply="Refund", key=key, **fields)
    assert "errorlist" in answer.content.decode()
    assert not RefundRequest.objects.exists()


def test_a_request_offers_only_what_this_person_can_still_do_about_it(manager, sold) -> None:
    me = User.objects.get(username="manager")
    request = RefundRequest.objects.create(
        order=sold, amount=100, actor="manager", status="proposed", idempotency_key="x", first_person=me
    )

    def offered() -> set[str]:
        page = manager.get(address(RefundRequest, request.pk, "change")).content.decode()
        return set(re.findall(r'name="action" value="(\w+)"', page))

    assert offered() == {"decline"}
    RefundRequest.objects.update(first_person=User.objects.create_user("eva"))
    assert offered() == {"accept", "decline"}
    RefundRequest.objects.update(status="failed")
    assert offered() == {"decline"}
    RefundRequest.objects.update(status="approved")
    assert offered() == set()


def test_the_page_of_an_order_shows_no_row_without_anything_in_it(manager: Client, order: Order) -> None:
    def labels() -> list[str]:
        page = manager.get(address(Order, order.pk, "change")).content.decode()
        return [label.strip().removesuffix(":") for label in re.findall(r"<label>(.*?)</label>", page)]

    bare = labels()
    assert {"Total", "Paid", "Refunded", "Payments", "Expires"} <= set(bare)
    assert not {"Attention", "Title", "Closed", "Taxes", "Loyalty", "Marketplace fee"} & set(bare)
    Order.objects.update(attention="overpaid", title="Diesel", marketplace_fee=5)
    assert set(labels()) - set(bare) == {"Attention", "Title", "Marketplace fee"}


def test_a_proposal_is_accepted_or_the_money_kept(manager, sold, payload, mercado_pago) -> None:
    pay(sold, payload, 2)
    proposal = RefundRequest.objects.get()
    assert "errorlist" in act(manager, RefundRequest, "decline", proposal, apply="1", reason=" ").content.decode()
    proposal.refresh_from_db()
    assert proposal.status == "proposed"
    why = {"apply": "1", "reason": "the customer took the goods"}
    assert "is kept" in said(act(manager, RefundRequest, "decline", proposal, **why))
    proposal.refresh_from_db()
    decided = (proposal.status, proposal.decided_by, proposal.decided_because)
    assert decided == ("declined", "manager", "the customer took the goods")
    assert "no longer a proposal" in said(act(manager, RefundRequest, "accept", proposal, **why))
    assert not mercado_pago.calls


def test_who_may_not_refund_is_offered_no_refund(sold, mercado_pago) -> None:
    looker = User.objects.create_user("looker", is_staff=True)
    looker.user_permissions.add(Permission.objects.get(codename="view_order"))
    sold.pos.store.managers.add(looker)
    client = Client()
    client.force_login(looker)
    page = client.get(address(Order, sold.pk, "change")).content.decode()
    assert 'value="check_now"' not in page
    assert 'value="refund"' not in page
    act(
        client,
        Order,
        "refund",
        sold,
        apply="Refund",
        amount="5",
        reason="x",
        key="0b0b0b0b-0000-4000-8000-000000000000",
    )
    assert not RefundRequest.objects.exists()


def test_what_needs_a_person_comes_first(manager, sold, payload) -> None:
    quiet = OrderFactory.create(pos__store=sold.pos.store)
    pay(sold, payload, 2)
    page = manager.get(address(Order)).content.decode()
    assert page.index(sold.external_reference) < page.index(quiet.external_reference)


@pytest.fixture
def delivery(order: Order, payload, mercado_pago) -> Notification:
    ours = {"external_reference": order.external_reference, "collector": {"id": order.account.user_id}}
    body = payload("merchant_order_closed") | ours | {"payments": [payload("payment_approved")]}
    mercado_pago.get(f"{API}/merchant_orders/23603350837", json=body)
    return delivered(order.account, "topic=merchant_order&id=23603350837")


def test_a_dry_run_shows_the_difference_and_makes_none(manager, order, delivery) -> None:
    said_of_it = said(act(manager, Notification, "rehearse", delivery))
    assert "status: open → closed" in said_of_it
    order.refresh_from_db()
    assert (order.status, order.merchant_orders.count()) == ("open", 0)
    assert Notification.objects.get().outcome == "received"


def test_a_dry_run_says_why_nothing_would_change(manager, account, mercado_pago) -> None:
    unreadable = delivered(account, "", b"\xff")
    assert "does not say what it is about" in said(act(manager, Notification, "rehearse", unreadable))


def test_deliveries_are_replayed_one_or_many(manager, account) -> None:
    rows = [delivered(account, f"topic=x&id={n}") for n in range(3)]
    Notification.objects.update(next_attempt_at=None)
    page = act(manager, Notification, "replay", *rows).content.decode()
    assert "3 of 3 done" in page
    assert {row.outcome for row in Notification.objects.all()} == {"ignored"}
    assert page.count(str(Notification.objects.all()[0].get_outcome_display())) >= 3


# --- both dialects side by side, taxes, points -----------------------------------------------------------------------
def test_both_answers_stand_side_by_side(manager, order) -> None:
    working.ask(work=CHECK, user_id=User.objects.get().pk, keys=[order.pk], back="/", action="check_now", rows_url="/")
    Account.objects.update(shadows=True)
    Client().get(order.pos.poll_url)
    page = unescape(manager.get(address(ShadowAnswer, ShadowAnswer.objects.get().pk, "change")).content.decode())
    assert "an order to pay" in page
    assert "Served: v1 · 200" in page
    assert f'"collector_id": {order.account.user_id},' in page
    assert "Not served: v2 · 200" in page
    assert "order-version: 2" in page
    assert '  "total_amount": 500.00,' in page


def test_what_the_other_dialect_cannot_say_is_one_filter_away(manager, order) -> None:
    working.ask(work=CHECK, user_id=User.objects.get().pk, keys=[order.pk], back="/", action="check_now", rows_url="/")
    Account.objects.update(shadows=True)
    Client().get(order.pos.poll_url)
    assert "None yet" not in manager.get(address(ShadowAnswer)).content.decode()
    assert len(manager.get(address(ShadowAnswer), {"impossible": "yes"}).context["cl"].result_list) == 0
    ShadowAnswer.objects.update(shadow_status=0, shadow_body="v2 has no field for loyalty")
    answer = manager.get(address(ShadowAnswer), {"impossible": "yes"})
    assert "v2 has no field for loyalty" in answer.content.decode()
    assert len(manager.get(address(ShadowAnswer), {"impossible": "no"}).context["cl"].result_list) == 0


def test_an_empty_list_of_shadows_says_how_to_switch_them_on(manager) -> None:
    assert "Switch on the shadow mode of an account" in manager.get(address(ShadowAnswer)).content.decode()


def test_shadow_mode_is_switched_on_at_the_account(manager, account) -> None:
    form = {"dialect": "v1", "shadows": "on", "is_active": "on", "marketplace_fee_percentage": "1.5"}
    answer = manager.post(address(Account, account.pk, "change"), form)
    assert list(answer.context["adminform"].form.errors) == ["marketplace_fee_percentage"], "it is not connected"
    account.application = Application.objects.create(
        name="Ours", site_code="MLA", client_id="1", client_secret="secret", owner_id=2
    )
    account.save()
    assert manager.post(address(Account, account.pk, "change"), form).status_code == 302
    account.refresh_from_db()
    assert (account.shadows, str(account.marketplace_fee_percentage)) == (True, "1.50")


def test_the_page_of_an_order_shows_its_tax_its_fee_and_its_points(manager, payload) -> None:
    tax = [{"type": "IVA", "value": "95.80", "percentage": "19"}]
    order = OrderFactory.create(
        taxes=tax, marketplace_fee=12, loyalty=payload("loyalty"), loyalty_status="accredited", loyalty_points=70
    )
    page = unescape(manager.get(address(Order, order.pk, "change")).content.decode())
    assert "IVA 19 %: 95.80" in page
    assert "accredited: 70" in page
    assert '"transaction_id": "00029-45ea80da"' in page
    Order.objects.update(loyalty_status="", loyalty_points=None)
    assert "not asked yet" in manager.get(address(Order, order.pk, "change")).content.decode()


# --- bad input -------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("zone", ["Mars/Olympus", "../../etc/passwd", "x" * 41])
def test_a_time_zone_that_does_not_exist_is_refused(manager, store, zone) -> None:
    answer = manager.post(address(Store, store.pk, "change"), {"time_zone": zone, "surplus_refunds": "manual"})
    assert "time_zone" in answer.context["adminform"].form.errors
    store.refresh_from_db()
    assert store.time_zone == "America/Argentina/Buenos_Aires"


@pytest.mark.parametrize("sponsor", ["0", "-5", "SELLER"])
def test_a_sponsor_that_cannot_be_is_refused_in_the_form(manager, account, sponsor) -> None:
    sponsor = sponsor.replace("SELLER", str(account.user_id))
    answer = manager.post(
        address(Account, account.pk, "change"),
        {"sponsor_id": sponsor, "dialect": "v1", "marketplace_fee_percentage": "0"},
    )
    assert list(answer.context["adminform"].form.errors) == ["sponsor_id"]


@pytest.mark.parametrize("seconds", ["0", "99999999999999", "abc"])
def test_a_heartbeat_that_cannot_be_is_refused(manager, pos, seconds) -> None:
    form = {"name": "Pump 1", "category": "other", "heartbeat": seconds, "order_lifetime": "900"}
    answer = manager.post(address(PointOfSale, pos.pk, "change"), form)
    assert list(answer.context["adminform"].form.errors) == ["heartbeat"]


def test_an_order_is_found_by_what_stands_on_the_receipt(manager, everything) -> None:
    order = Order.objects.get()
    number = order.receipt.number
    for text in (number, "23603350837", "150211668619", order.pos.name, order.pos.external_id, order.pk):
        assert order.external_reference in manager.get(address(Order), {"q": text}).content.decode(), text


def test_a_refund_of_a_sale_paid_twice_offers_one_payment_not_both(boss: Client, twice: Order) -> None:
    chosen = {"action": "refund", "_selected_action": twice.pk}
    page = boss.post(reverse("admin:orders_order_changelist"), chosen, follow=True).content.decode()
    assert 'name="amount" value="500.00"' in page
    assert "1,000.00 ARS can be refunded" in page


def test_whoever_is_logged_in_finds_the_way_to_the_second_factor(boss: Client, db: None) -> None:
    assert reverse("admin:two_factor") in boss.get(reverse("admin:index")).content.decode()
