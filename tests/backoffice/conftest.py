"""People with and without stores, one row of each sort that can wait for a person, and a real browser."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.db.models import Model
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, sync_playwright

from backoffice.closing import services
from backoffice.models import Closing
from notifications.models import Notification
from orders.models import Audit, Difference, Order, Refund, RefundRequest
from orders.settlement import settle
from pos.models import Finding, Hook, HookDelivery, PointOfSale
from receipts.models import Printer, PrintJob
from receipts.services import issue
from stores.models import Account, Store
from tests.backoffice.days import pay, sell
from tests.orders.conftest import paid, payment, remote

__all__ = ["paid", "payment"]

SEES = ["view_order", "view_refund", "view_difference", "view_notification", "view_account", "view_store",
        "view_pointofsale", "view_finding", "view_hookdelivery", "view_printjob", "view_printer",
        "view_closing"]  # fmt: skip
ACTS = [*SEES, "add_decision", "add_closing", "add_reopening", "view_refundrequest", "change_refundrequest",
        "change_hook", "change_store", "change_pointofsale", "change_account", "add_printjob",
        "change_printer"]  # fmt: skip


def person(name: str, *permissions: str, store: Store | None = None) -> Client:
    user = User.objects.create_user(name, is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    if store:
        store.managers.add(user)
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def ana(store: Store) -> Client:
    """Manages `store`, and may act."""
    return person("ana", *ACTS, store=store)


@pytest.fixture
def boss(db: None) -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("boss"))
    return client


@pytest.fixture
def twice(order: Order, paid: Any, payment: Any) -> Order:
    """500.00, paid by two phones."""
    just_now = timezone.now().isoformat()
    dates = {"date_approved": just_now, "last_modified": just_now}
    parts = (payment(1, 500, **dates), payment(2, 500, **dates))
    return settle(order.pk, remote(paid(order, *parts)), actor="test")


@pytest.fixture
def waiting_row(order: Order, pos: PointOfSale, twice: Order) -> Callable[[str], Model]:
    """One row that waits, by the name of its source."""

    def make(source: str) -> Model:
        return _MAKERS[source](twice, pos)

    return make


def _refund(order: Order, pos: PointOfSale) -> Model:
    long_ago = timezone.now() - timedelta(minutes=11)
    request = RefundRequest.objects.create(order=order, amount=1, actor="eva", status="pending")
    payment = order.merchant_orders.get().payments.all()[0]
    return Refund.objects.create(
        request=request, payment=payment, amount=1, asked_at=long_ago, next_attempt_at=long_ago
    )


def _difference(order: Order, pos: PointOfSale) -> Model:
    audit = Audit.objects.create(store=pos.store, day="2026-11-20", merchant_orders=1, ours=1, theirs=2)
    return Difference.objects.create(audit=audit, kind="not_closed", order=order, ours="open", theirs="paid")


def _closing(order: Order, pos: PointOfSale) -> Model:
    """Yesterday's, with a payment that nobody knew of when it was closed."""
    day = pos.store.day_at(timezone.now()) - timedelta(days=1)
    closing = services.close_day(pos.store, day, actor="eva")
    pay_late(closing)
    return closing


def pay_late(closing: Closing) -> None:
    pos = closing.store.points_of_sale.get()
    pay(sell(pos, "70.00", closed=closing.begin), "70.00", approved=closing.begin)
    services.compare(closing)


def _notification(order: Order, pos: PointOfSale) -> Model:
    return Notification.objects.create(
        account=pos.store.account, headers={}, query="", body=b"", verdict="absent", topic="merchant_order",
        outcome="unmatched", resource_id=4711,
    )  # fmt: skip


def _account(order: Order, pos: PointOfSale) -> Model:
    Account.objects.update(credentials="wrong_token", credentials_checked_at=timezone.now())
    return Account.objects.get()


def _store(order: Order, pos: PointOfSale) -> Model:
    Store.objects.update(registration="refused", registration_message="no such city")
    return pos.store


def _pos(order: Order, pos: PointOfSale) -> Model:
    PointOfSale.objects.update(registration="refused", registration_message="no such category")
    return pos


def _finding(order: Order, pos: PointOfSale) -> Model:
    return Finding.objects.create(
        account=pos.store.account, kind="changed_there", pos=pos, external_id=pos.external_id, name=pos.name,
        differences={"name": ["Pump 1", "Pump I"]},
    )  # fmt: skip


def _hook(order: Order, pos: PointOfSale) -> Model:
    hook = Hook.objects.create(pos=pos, url="https://pump.example/")
    HookDelivery.objects.create(hook=hook, event="ping", body="{}", failed_at=timezone.now(), answer="500 oh")
    return hook


def _printer(order: Order, pos: PointOfSale) -> Printer:
    return Printer.objects.create(store=pos.store, name="Counter", host="printer", state="paper_out")


def _job(order: Order, pos: PointOfSale) -> Model:
    printer = Printer.objects.create(store=pos.store, name="Kiosk", host="printer", state="ready")
    receipt = issue(Order.objects.with_site().get(pk=order.pk))
    return PrintJob.objects.create(receipt=receipt, printer=printer, actor="eva", state="unknown", trouble="broke_off")


_MAKERS: dict[str, Callable[[Order, PointOfSale], Model]] = {
    "order": lambda order, pos: order,
    "refund": _refund,
    "difference": _difference,
    "closing": _closing,
    "notification": _notification,
    "account": _account,
    "store": _store,
    "pos": _pos,
    "finding": _finding,
    "hook": _hook,
    "job": _job,
    "printer": _printer,
}

FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync"]  # fmt: skip


@pytest.fixture
def browser(live_server: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Browser]:
    # Playwright keeps an event loop in this thread; nothing of ours is ever awaited in it.
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "yes")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def night_manager(pos: PointOfSale) -> User:
    """Manages the store of `pos`, and may look at orders and points of sale there: nothing else."""
    user = User.objects.create_user("ana", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=("view_order", "view_pointofsale")))
    pos.store.managers.add(user)
    return user


@pytest.fixture
def log_in() -> Callable[[User], Client]:
    def logged_in(user: User) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return logged_in


@pytest.fixture
def admin(db: None, log_in: Callable[[User], Client]) -> Client:
    return log_in(User.objects.create_superuser("boss"))


def sentences(page: str) -> str:
    """What stands on a page, as one line of text."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())
