"""Mercado Pago's settlement reports: each row once, beside the payment or refund it is about."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.contrib.auth.models import Permission, User
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from backoffice.closing.gathering import Span
from backoffice.models import Fate, Report, RowKind, SettlementPiece, SettlementRow, SettlementRun
from backoffice.settlement import columns, fees, reading, runs
from orders.models import Order, Payment
from pos.models import PointOfSale
from stores.models import Account
from tests.backoffice.days import at, give_back, pay, sell
from tests.conftest import PAYLOADS
from tests.factories import AccountFactory, PosFactory

NOON, REFERENCE, PAYMENT = at("2026-11-20 12:00"), "REFERENCE0001", 30000000101
SETTLED = (PAYLOADS / "settlement_report.csv").read_text()
RELEASED = (PAYLOADS / "release_report.csv").read_text()


@pytest.fixture
def user(db) -> User:
    return User.objects.create_superuser("manager")


@pytest.fixture
def payment(pos: PointOfSale) -> Payment:
    """That of the reports: 500.00, of which 120.00 went back."""
    order = sell(pos, "500.00", closed=NOON)
    Order.objects.filter(pk=order.pk).update(external_reference=REFERENCE)
    payment = pay(order, "500.00", approved=NOON)
    Payment.objects.filter(pk=payment.pk).update(remote_id=PAYMENT)
    payment.refresh_from_db()
    give_back(payment, "120.00", made=NOON)
    return payment


def read(text: str, account: Account, user: User, *, encoding: str = "utf-8") -> SettlementRun:
    run = runs.upload(SimpleUploadedFile("report.csv", text.encode(encoding)), account=account, user=user)
    runs.go_on(run.pk, seconds=60)
    run.refresh_from_db()
    assert run.done_at
    return run


def fates(run: SettlementRun) -> list[tuple[str, str]]:
    return list(SettlementRow.objects.filter(run=run).order_by("number").values_list("kind", "fate"))


def test_each_row_is_found_beside_what_is_known_here(payment: Payment, account: Account, user: User) -> None:
    run = read(SETTLED, account, user)
    assert (run.report, run.rows_read, run.rows_new) == (Report.SETTLEMENT, 3, 3)
    assert fates(run) == [
        (RowKind.PAYMENT, Fate.MATCHED), (RowKind.REFUND, Fate.MATCHED), (RowKind.OTHER, Fate.NOT_OURS),
    ]  # fmt: skip
    paid, back, _other = SettlementRow.objects.order_by("number")
    assert [paid.payment, paid.order_id, paid.at] == [payment, payment.merchant_order.order_id, NOON]
    assert [paid.gross, paid.fees, paid.taxes, paid.net] == [500, -4, -5, 491]
    assert back.refund == payment.refunds.get()
    assert [back.gross, back.fees, back.net] == [-120, Decimal("0.96"), Decimal("-119.04")]
    assert not SettlementPiece.objects.exists()


def test_a_report_of_releases_is_read_without_its_balances(payment: Payment, account: Account, user: User) -> None:
    run = read(RELEASED, account, user)
    assert (run.report, run.rows_read, run.rows_new) == (Report.RELEASE, 4, 3)
    assert fates(run)[:2] == [(RowKind.PAYMENT, Fate.MATCHED), (RowKind.REFUND, Fate.MATCHED)]
    paid = SettlementRow.objects.get(kind=RowKind.PAYMENT)
    assert [paid.gross, paid.fees, paid.taxes, paid.net] == [500, -4, -5, 491]
    assert SettlementRow.objects.get(kind=RowKind.OTHER).fees == -3


def test_the_same_file_twice_is_no_double(payment: Payment, account: Account, user: User) -> None:
    read(SETTLED, account, user)
    again = read(SETTLED + SETTLED.splitlines()[1] + "\n", account, user)
    assert (again.rows_read, again.rows_new) == (4, 0)
    assert SettlementRow.objects.count() == 3


def test_what_the_other_report_told_is_not_counted_twice(payment: Payment, account: Account, user: User) -> None:
    read(SETTLED, account, user)
    run = read(RELEASED, account, user)
    assert fates(run)[:2] == [(RowKind.PAYMENT, Fate.TOLD_BEFORE), (RowKind.REFUND, Fate.TOLD_BEFORE)]
    [row] = fees.of_span(Span(payment.merchant_order.order.pos.store, at("2026-11-20 00:00"), at("2026-11-21 00:00")))
    assert [row.payments, row.gross, row.fees, row.taxes, row.net] == [1, 500, -4, -5, 491]


@pytest.mark.parametrize(
    ("before", "after", "fate"),
    [
        (";500.00;ARS", ";501.00;ARS", Fate.AMOUNT_DIFFERS),
        (";-4.00;491.00", ";-3.00;491.00", Fate.DOES_NOT_ADD_UP),
        ("30000000101", "30000000999", Fate.UNKNOWN_PAYMENT),
        ("REFERENCE0001;30000000101", "OTHERS;30000000999", Fate.NOT_OURS),
        (";500.00;ARS", ";five hundred;ARS", Fate.NOT_UNDERSTOOD),
        ("2026-11-20T12:00:00.000-03:00", "yesterday", Fate.NOT_UNDERSTOOD),
    ],
)
def test_what_differs_is_told(payment: Payment, account: Account, user: User, before, after, fate) -> None:
    head, first, *_rest = SETTLED.splitlines()
    assert [found for _kind, found in fates(read(f"{head}\n{first.replace(before, after, 1)}\n", account, user))] == [
        fate
    ]


def test_amounts_in_a_note_are_written_as_all_others(
    payment: Payment, account: Account, user: User, admin_client: Client
) -> None:
    head, first, *_rest = SETTLED.splitlines()
    read(f"{head}\n{first.replace(';500.00;ARS', ';5001.00;ARS', 1)}\n", account, user)
    url = reverse("admin:backoffice_settlementrow_changelist")
    assert "500,00 ≠ 5.001,00" in admin_client.get(url, headers={"Accept-Language": "es-AR"}).content.decode()


def test_a_payment_of_another_account_is_not_ours(payment: Payment, user: User) -> None:
    run = read(SETTLED, AccountFactory.create(), user)
    assert {fate for _kind, fate in fates(run)} == {Fate.NOT_OURS}


def test_a_chargeback_that_is_not_known_here_says_so(payment: Payment, account: Account, user: User) -> None:
    head, first, *_rest = SETTLED.splitlines()
    row = first.replace("SETTLEMENT;500.00", "CHARGEBACK;-500.00").replace("-4.00;491.00", "0.00;-500.00")
    read(f"{head}\n{row.replace(';-5.00;', ';0.00;')}\n", account, user)
    found = SettlementRow.objects.get()
    assert (found.kind, found.fate, found.note) == (RowKind.CHARGEBACK, Fate.MATCHED, "not known as charged back here")


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("EXTERNAL_REFERENCE", "Número de referencia (EXTERNAL_REFERENCE)", 1),
        lambda text: text.replace("TRANSACTION_AMOUNT", "Transaction Amount", 1),
        lambda text: "\ufeff" + text,
        lambda text: text.replace("\n", "\r\n"),
        lambda text: text.replace("500.00;ARS", '"500,00";ARS'),
        lambda text: text.replace("\n;9000", "\n\n\n;9000"),
        lambda text: text.rstrip("\n"),
    ],
)
def test_reports_come_in_many_spellings(payment: Payment, account: Account, user: User, change) -> None:
    run = read(change(SETTLED), account, user)
    assert [fate for _kind, fate in fates(run)] == [Fate.MATCHED, Fate.MATCHED, Fate.NOT_OURS]


@pytest.mark.parametrize(
    ("text", "amount"),
    [("1234.50", "1234.50"), ("1.234,50", "1234.50"), ("1,234.50", "1234.50"), ("-1234,5", "-1234.50"), ("", "0"),
     ("12900", "12900"), ("\N{MINUS SIGN}3", "-3")],
)  # fmt: skip
def test_amounts_are_read_as_they_are_written(text: str, amount: str) -> None:
    assert columns._amount(text) == Decimal(amount)


@pytest.mark.parametrize(
    "content", [b"", b"a;b\n1;2\n", b"\xff\xfe\x00\x01", SETTLED.replace("SOURCE_ID", "X").encode()]
)
def test_a_file_of_another_kind_is_refused_and_nothing_is_kept(account: Account, user: User, content: bytes) -> None:
    with pytest.raises(ValidationError):
        runs.upload(SimpleUploadedFile("x.csv", content), account=account, user=user)
    assert not SettlementRun.objects.exists()
    assert not SettlementPiece.objects.exists()


def test_a_large_file_is_read_in_turns_and_each_row_once(account: Account, user: User, monkeypatch) -> None:
    monkeypatch.setattr(runs, "_PIECE", 1000)  # lines and letters are cut at the edges of pieces
    head, first, *_rest = SETTLED.splitlines()
    lines = [first.replace("30000000101", str(40000000000 + n)).replace("a;b", "ñandú; \n") for n in range(1200)]
    run = runs.upload(SimpleUploadedFile("r.csv", "\n".join([head, *lines]).encode()), account=account, user=user)
    turns = 0
    while not SettlementRun.objects.get().done_at:
        runs.go_on(run.pk, seconds=0)
        turns += 1
    assert turns == 4
    assert SettlementRow.objects.values("source_id").distinct().count() == 1200


def test_a_turn_that_another_worker_has_is_left_alone(account: Account, user: User) -> None:
    run = runs.upload(SimpleUploadedFile("r.csv", SETTLED.encode()), account=account, user=user)
    SettlementRun.objects.update(due_at=timezone.now() + timedelta(seconds=1))
    runs.go_on(run.pk, seconds=60)
    assert not SettlementRow.objects.exists()


def test_the_pieces_are_never_in_memory_as_a_whole(account: Account, user: User) -> None:
    run = runs.upload(SimpleUploadedFile("r.csv", SETTLED.encode()), account=account, user=user)
    assert isinstance(reading.rows(run), Iterator)


def person(*permissions: str, pos: PointOfSale) -> Client:
    someone = User.objects.create_user("ana", is_staff=True)
    someone.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    pos.store.managers.add(someone)
    client = Client()
    client.force_login(someone)
    return client


def test_a_manager_uploads_a_report_and_sees_what_came_of_it(payment: Payment, pos: PointOfSale, account) -> None:
    manager = person("view_settlementrun", "add_settlementrun", "view_settlementrow", "view_closing", pos=pos)
    file = SimpleUploadedFile("november.csv", SETTLED.encode())
    answer = manager.post(reverse("admin:settlement"), {"account": account.pk, "file": file})
    run = SettlementRun.objects.get()
    assert answer["Location"] == reverse("admin:settlement_run", args=[run.pk])
    assert "data-pending" in manager.get(answer["Location"]).content.decode()
    runs.go_on(run.pk, seconds=60)
    page = manager.get(reverse("admin:settlement_progress", args=[run.pk])).content.decode()
    assert "data-pending" not in page
    assert "matched: <strong>2</strong>" in page
    assert "not of these points of sale" not in page  # the account's other money is not theirs to see
    rows = reverse("admin:backoffice_settlementrow_changelist")
    assert manager.get(f"{rows}?run__id__exact={run.pk}&fate__exact=matched").status_code == 200
    assert "491.00" in manager.get(rows, {"q": REFERENCE}).content.decode()
    with time_machine.travel(at("2026-11-21 08:00")):
        day = manager.get(reverse("admin:closing_day", args=[pos.store.pk, date(2026, 11, 20).isoformat()]))
    assert "Known of 1 of the 1 payments" in day.content.decode()


def test_a_report_of_another_account_is_not_there(account: Account, user: User, pos: PointOfSale) -> None:
    run = read(SETTLED, account, user)
    stranger = person("view_settlementrun", "add_settlementrun", pos=PosFactory.create())
    for name in ("settlement_run", "settlement_progress"):
        assert stranger.get(reverse(f"admin:{name}", args=[run.pk])).status_code == 404
    assert "report.csv" not in stranger.get(reverse("admin:settlement")).content.decode()
    file = SimpleUploadedFile("mine.csv", SETTLED.encode())
    page = stranger.post(reverse("admin:settlement"), {"account": account.pk, "file": file}).content.decode()
    assert "errorlist" in page
    assert SettlementRun.objects.count() == 1


def test_who_may_only_look_uploads_nothing(account: Account, pos: PointOfSale) -> None:
    auditor = person("view_settlementrun", pos=pos)
    file = SimpleUploadedFile("mine.csv", SETTLED.encode())
    assert auditor.get(reverse("admin:settlement")).status_code == 200
    assert auditor.post(reverse("admin:settlement"), {"account": account.pk, "file": file}).status_code == 403
    assert not SettlementRun.objects.exists()


def test_a_wrong_file_is_refused_on_the_page_with_the_remedy(user: User, account: Account) -> None:
    client = Client()
    client.force_login(user)
    file = SimpleUploadedFile("x.csv", b"a;b\n1;2\n")
    page = client.post(reverse("admin:settlement"), {"account": account.pk, "file": file}).content.decode()
    assert "SOURCE_ID" in page
    assert "download it as CSV" in page


@pytest.mark.parametrize(
    ("language", "told"),
    [("es", "Descárguelo otra vez de Mercado Pago."), ("pt-br", "Baixe-o de novo do Mercado Pago.")],
)
def test_a_picture_is_refused_in_the_readers_language(user: User, account: Account, language: str, told: str) -> None:
    client = Client(headers={"Accept-Language": language})
    client.force_login(user)
    file = SimpleUploadedFile("x.png", b"\x89PNG\r\n\x1a\n")
    with override(None):  # whatever the request leaves behind
        page = client.post(reverse("admin:settlement"), {"account": account.pk, "file": file}).content.decode()
    assert told in page
