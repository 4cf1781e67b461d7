"""Printers and printing in the admin."""

import re
from datetime import UTC, datetime

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse

from receipts import errands
from receipts.models import Printer, PrinterKey, PrintJob
from stores.models import Errand
from tests.errands import work
from tests.factories import PosFactory
from tests.receipts.printer import printer

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
    answer = manager.post(url, FORM | {"store": store.pk}, follow=True)
    assert said(answer).endswith(f" “{changed}” saved.")
    assert "successfully" not in said(answer)


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
    assert "offline: the printer&#x27;s cover is open" in page


def test_what_a_silent_printer_is_shown_as_is_no_more_than_is_known(manager, make_printer) -> None:
    printer = make_printer(state="unknown", trouble="silent", seen_at=datetime(2026, 11, 24, 15, 0, tzinfo=UTC))
    page = manager.get(reverse("admin:receipts_printer_changelist")).content.decode()
    assert "does not say how it is; a test page shows whether it prints" in page
    assert "2026-11-24 12:00" in page  # by the clock of their store, which the foot of the page names
    Printer.objects.update(state="ready")
    page = manager.get(reverse("admin:receipts_printer_change", args=[printer.pk])).content.decode()
    assert "took the last print without an error; it does not say how it is" in page


def test_why_it_is_not_on_paper_is_said_plainly_and_in_full_on_its_own_page(manager, receipt, make_printer) -> None:
    raw = "[Errno 111] Connection refused"
    job = PrintJob.objects.create(
        receipt=receipt, printer=make_printer(), actor="automatic", trouble="unreachable", detail=raw
    )
    page = manager.get(reverse("admin:receipts_printjob_changelist")).content.decode()
    assert "the printer refuses the connection: is it on, is its address right?" in page
    assert "Errno" not in page
    assert raw in manager.get(reverse("admin:receipts_printjob_change", args=[job.pk])).content.decode()


def test_a_test_page_is_no_receipt_that_waits_for_a_person(manager, receipt, make_printer) -> None:
    printer = make_printer()
    PrintJob.objects.create(printer=printer, actor="ana", state="failed")
    assert "not, or perhaps not, on paper" not in manager.get(reverse("admin:index")).content.decode()
    PrintJob.objects.create(receipt=receipt, printer=printer, actor="automatic", state="failed")
    assert "not, or perhaps not, on paper" in manager.get(reverse("admin:index")).content.decode()


def test_a_test_page_is_printed_by_a_worker_and_what_came_of_it_is_said(manager, make_printer) -> None:
    with printer() as machine:
        row = make_printer(host=machine.host, port=machine.port)
        answer = act(manager, "printer", "test_page", row)
        assert "data-pending" in answer.content.decode()
        assert not machine.paper, "nothing is done in the request"
        work()
        assert b"Test page" in machine.paper[0]
    assert "The test page is printed" in said(manager.get(f"{answer.request['PATH_INFO']}?soon=1", follow=True))
    job = PrintJob.objects.get()
    assert (job.receipt, job.actor, job.state) == (None, "ana", "printed")


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"port": 65534}, "not printed yet (the printer refuses the connection"),
        ({"kind": "agent"}, "not printed yet (waiting"),
        ({"is_active": False}, "switched off"),
    ],
)
def test_a_test_page_that_does_not_come_out_says_why(manager, make_printer, monkeypatch, values, says) -> None:
    monkeypatch.setattr(errands, "PATIENCE", 0.3)
    act(manager, "printer", "test_page", make_printer(**values))
    work()
    errand = Errand.objects.get()
    assert errand.failed == 1
    assert says in errand.steps.get().sentence


def test_an_agents_key_is_shown_once(manager, make_printer) -> None:
    printer = make_printer(kind="agent")
    [key] = re.findall(r"is: (\S+)\. Copy", said(act(manager, "printer", "new_key", printer)))
    assert PrinterKey.objects.is_valid(key)
    page = manager.get(reverse("admin:receipts_printer_change", args=[printer.pk])).content.decode()
    assert key not in page


def test_a_key_is_made_for_agents_printers_only(manager, make_printer) -> None:
    network, agent = make_printer(), make_printer(kind="agent", name="Kiosk")
    for row, buttons in ((network, ["test_page", "look_now"]), (agent, ["test_page", "new_key"])):
        page = manager.get(reverse("admin:receipts_printer_change", args=[row.pk]))
        assert [button["name"] for button in page.context["object_actions"]] == buttons
    assert "needs no agent" in said(act(manager, "printer", "new_key", network, agent))
    assert [key.printer for key in PrinterKey.objects.all()] == [agent]


def test_printers_that_are_ready_are_offered_first_and_dead_ones_last(manager, receipt, make_printer) -> None:
    make_printer(name="Dead", state="offline", trouble="unreachable", pos=receipt.order.pos)
    make_printer(name="Empty", state="paper_out", trouble="paper_out")
    make_printer(name="Silent", state="unknown", trouble="silent")
    well = make_printer(name="Well", state="ready")
    page = act(manager, "receipt", "print", receipt)
    offered = page.context["form"].fields["printer"]
    assert [label.split(" (")[0] for _value, label in offered.choices] == ["Well", "Silent", "Empty", "Dead"]
    assert [label.split(" – ")[1] for _value, label in offered.choices] == [
        "ready",
        "does not say how it is; a test page shows whether it prints",
        "out of paper",
        "offline: the printer cannot be reached",
    ]
    assert page.context["form"].fields["printer"].initial == well


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


def test_who_may_add_no_printer_is_told_whom_to_ask(client, receipt) -> None:
    cashier = User.objects.create_user("cashier", is_staff=True)
    cashier.user_permissions.set(Permission.objects.filter(codename__in=("view_receipt", "add_printjob")))
    receipt.order.pos.store.managers.add(cashier)
    client.force_login(cashier)
    answer = act(client, "receipt", "print", receipt)
    assert "A station manager adds it" in said(answer)
    assert reverse("admin:receipts_printer_add") not in answer.content.decode()


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
    other = PrintJob.objects.create(receipt=receipt, printer=make_printer(name="Second"), actor="ana", state="failed")
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
