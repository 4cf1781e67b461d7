"""Printers and printing in the admin."""

import re

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse

from receipts.models import Printer, PrinterKey, PrintJob
from tests.factories import PosFactory

FORM = {"name": "Counter", "kind": "network", "host": "192.168.0.9", "port": "9100", "columns": "42",
        "codepage": "cp858", "is_active": "on"}  # fmt: skip


@pytest.fixture
def manager(db) -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("ana"))
    return client


def act(client: Client, model: str, action: str, *rows, **fields):
    data = {"action": action, "_selected_action": [row.pk for row in rows]} | fields
    return client.post(reverse(f"admin:receipts_{model}_changelist"), data, follow=True)


def said(answer) -> str:
    return " ".join(str(message) for message in answer.context["messages"])


def add(client: Client, **fields):
    return client.post(reverse("admin:receipts_printer_add"), FORM | fields)


def test_a_printer_is_added_and_changed(manager, store) -> None:
    assert add(manager, store=store.pk, prints_automatically="on").status_code == 302
    printer = Printer.objects.get()
    assert printer.automatic_since
    url = reverse("admin:receipts_printer_change", args=[printer.pk])
    assert manager.post(url, FORM | {"store": store.pk, "port": "9101"}).status_code == 302
    changed = Printer.objects.get()
    assert (changed.port, changed.automatic_since) == (9101, None)


def test_a_printer_that_cannot_be_is_refused_by_field(manager, store) -> None:
    elsewhere = PosFactory.create()
    for fields, name in (({"host": ""}, "host"), ({"port": "0"}, "port"), ({"pos": elsewhere.pk}, "pos")):
        answer = add(manager, store=store.pk, **fields)
        assert list(answer.context["adminform"].form.errors) == [name]
    assert not Printer.objects.exists()
    assert add(manager, store=store.pk, host="", kind="agent").status_code == 302


def test_how_it_is_is_seen_at_a_glance(manager, make_printer) -> None:
    make_printer(state="offline", trouble="cover_open")
    page = manager.get(reverse("admin:receipts_printer_changelist")).content.decode()
    assert "Offline</span>: the printer&#x27;s cover is open" in page


def test_a_test_page_is_queued(manager, make_printer) -> None:
    printer = make_printer()
    assert "test page → Counter" in said(act(manager, "printer", "test_page", printer))
    job = PrintJob.objects.get()
    assert (job.receipt, job.actor, job.state) == (None, "ana", "queued")


def test_an_agents_key_is_shown_once(manager, make_printer) -> None:
    printer = make_printer(kind="agent")
    [key] = re.findall(r"is: (\S+)\. Copy", said(act(manager, "printer", "new_key", printer)))
    assert PrinterKey.objects.is_valid(key)
    page = manager.get(reverse("admin:receipts_printer_change", args=[printer.pk])).content.decode()
    assert key not in page


def test_a_receipt_is_printed_from_its_page_on_the_printer_that_is_chosen(manager, receipt, make_printer) -> None:
    make_printer()
    own = make_printer(name="Pump", pos=receipt.order.pos)
    page = act(manager, "receipt", "print", receipt).content.decode()
    assert f'<option value="{own.pk}" selected>' in page
    assert "on its way" in said(act(manager, "receipt", "print", receipt, apply="Print", printer=own.pk))
    assert "already" in said(act(manager, "receipt", "print", receipt, apply="Print", printer=own.pk))
    job = PrintJob.objects.get()
    assert (job.receipt, job.printer, job.is_copy) == (receipt, own, False)


def test_without_a_printer_it_says_how_to_add_one(manager, receipt) -> None:
    answer = act(manager, "receipt", "print", receipt)
    assert "has no printer yet" in said(answer)
    assert reverse("admin:receipts_printer_add") in answer.content.decode()


def test_anothers_stores_printer_cannot_be_chosen(manager, receipt, make_printer) -> None:
    make_printer()
    theirs = make_printer(store=PosFactory.create().store)
    act(manager, "receipt", "print", receipt, apply="Print", printer=theirs.pk)
    assert not PrintJob.objects.exists()


def test_a_doubt_is_decided_by_a_person(manager, receipt, make_printer) -> None:
    job = PrintJob.objects.create(receipt=receipt, printer=make_printer(), actor="automatic", state="unknown")
    assert "on its way again" in said(act(manager, "printjob", "print_again", job))
    copy = PrintJob.objects.exclude(copy=None).get()
    assert "canceled" in said(act(manager, "printjob", "cancel", copy))
    copy.refresh_from_db()
    assert copy.state == "canceled"
    why = {"apply": "1", "reason": "the paper is there"}
    assert "nothing to decide" in said(act(manager, "printjob", "leave", copy, **why))
    other = PrintJob.objects.create(printer=copy.printer, actor="ana", state="failed")
    act(manager, "printjob", "leave", other)
    assert PrintJob.objects.undecided().get() == other
    assert "off the list" in said(act(manager, "printjob", "leave", other, **why))
    other.refresh_from_db()
    assert (other.decided_by, other.decided_because) == ("ana", "the paper is there")
    assert not PrintJob.objects.undecided().exists()


def test_who_may_only_look_prints_nothing(receipt, make_printer) -> None:
    make_printer()
    looker = User.objects.create_user("looker", is_staff=True)
    looker.user_permissions.set(Permission.objects.filter(codename__startswith="view_"))
    client = Client()
    client.force_login(looker)
    page = client.get(reverse("admin:receipts_receipt_change", args=[receipt.pk])).content.decode()
    assert 'value="print"' not in page
    act(client, "receipt", "print", receipt, apply="Print", printer=Printer.objects.get().pk)
    act(client, "printer", "test_page", Printer.objects.get())
    act(client, "printer", "new_key", Printer.objects.get())
    assert not PrintJob.objects.exists()
    assert not PrinterKey.objects.exists()
