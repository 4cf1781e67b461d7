"""The first thing that is seen after the log-in: what waits for a person."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.utils import timezone

from notifications.models import Notification
from orders.models import Audit, Difference, MerchantOrder, Order, Payment, Refund, RefundRequest
from pos.models import Hook, HookDelivery
from receipts.models import Copy, Printer, PrintJob, Receipt


@pytest.fixture
def somebody(db) -> Client:
    """Who may look at orders, and at nothing else."""
    user = User.objects.create_user("somebody", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="view_order"))
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def boss(db) -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("boss"))
    return client


def lists(client: Client) -> dict[str, tuple[int, str]]:
    """Each list on the front page: how much, and where."""
    page = client.get("/admin/").content.decode()
    found = re.findall(r'<li><a href="([^"]+)">([^<]+): <strong>(\d+)</strong>', page)
    return {label: (int(count), url.replace("&amp;", "&")) for url, label, count in found}


def delivery(order: Order, **values: Any) -> Notification:
    return Notification.objects.create(
        account=order.account, headers={}, query="", body=b"", verdict="absent", topic="merchant_order", **values
    )


def test_when_nothing_waits_it_says_so(boss: Client, order) -> None:
    assert lists(boss) == {}
    assert "Every payment has sold something or went back" in boss.get("/admin/").content.decode()


def test_each_list_leads_to_just_what_it_counts(boss: Client, order) -> None:
    Order.objects.update(attention="overpaid")
    RefundRequest.objects.create(order=order, amount=1, actor="rules", status="proposed")
    asked = RefundRequest.objects.create(order=order, amount=2, actor="ana", status="approved")
    whole = MerchantOrder.objects.create(
        account=order.account, order=order, remote_id=1, status="closed", total_amount=500, seen_at=timezone.now()
    )
    payment = Payment.objects.create(
        account=order.account, merchant_order=whole, remote_id=1, status="approved", amount=500
    )
    for minutes in (1, 11):
        asked_at = timezone.now() - timedelta(minutes=minutes)
        Refund.objects.create(request=asked, payment=payment, amount=1, asked_at=asked_at)
    audit = Audit.objects.create(store=order.pos.store, day="2026-11-20", merchant_orders=1, ours=1, theirs=2)
    for healed in (False, True):
        Difference.objects.create(audit=audit, kind="not_closed", order=order, healed=healed)
    delivery(order, outcome="unmatched", resource_id=4711)
    delivery(order, outcome="unmatched", resource_id=4712, next_attempt_at=audit.done_at)
    delivery(order, outcome="processed", resource_id=4713)
    hook = Hook.objects.create(store=order.pos.store, url="https://pump.example/")
    for failed_at in (None, timezone.now()):
        HookDelivery.objects.create(hook=hook, event="ping", body="{}", failed_at=failed_at)
    printer = Printer.objects.create(store=order.pos.store, name="Counter", host="printer", state="paper_out")
    Printer.objects.create(store=order.pos.store, name="Kiosk", host="printer", state="ready")
    Printer.objects.create(store=order.pos.store, name="Old", host="printer", state="offline", is_active=False)
    now = timezone.now()
    receipt = Receipt.objects.create(
        order=order, store=order.pos.store, sequence=1, number="1", content={}, issued_at=now, drawn_at=now
    )
    states = (("unknown", ""), ("unknown", "ana"), ("failed", ""), ("printed", ""), ("queued", ""))
    for number, (state, decided_by) in enumerate(states, 1):
        copy = Copy.objects.create(receipt=receipt, number=number, actor="ana", made_at=now, mark="COPY")
        facts = {"printer": printer, "actor": "ana", "state": state, "decided_by": decided_by}
        PrintJob.objects.create(receipt=receipt, copy=copy, **facts)
        PrintJob.objects.create(**facts)  # a test page: nobody waits for it
    found = lists(boss)
    assert [count for count, _url in found.values()] == [1, 1, 1, 1, 1, 1, 2, 1]
    for count, url in found.values():
        listed = boss.get(url)
        assert listed.context["cl"].result_count == count, url


def test_nobody_is_led_where_he_may_not_go(somebody: Client, order) -> None:
    Order.objects.update(attention="overpaid")
    RefundRequest.objects.create(order=order, amount=1, actor="rules", status="proposed")
    assert list(lists(somebody)) == ["Orders that need a look"]
