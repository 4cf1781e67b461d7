"""Two stations of two managers, with a row of every model each: what is one's must not be seen by the other."""

from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import Permission, User
from django.db.models import Model
from django.test import Client

from backoffice.models import Alarm, AlarmRecipient, Case, SettlementRow, SettlementRun, Shift
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
from pos.models import ControllerKey, Finding, Hook, HookDelivery, ImportRun, OfficialFile, PointOfSale
from pos.services import create_key
from receipts.models import Copy, Document, Printer, PrinterKey, PrintJob, Receipt, ReceiptBook, ReceiptMail
from receipts.services import draw, issue, reprint
from stores.models import Account, Application, Store
from stores.working import ask
from tests.factories import AccountFactory, OrderFactory, PosFactory, StoreFactory
from tests.orders.conftest import remote


@dataclass(frozen=True)
class Station:
    """Everything that is called `word`, or has a number that begins with `number`, is this one's."""

    word: str
    number: int
    manager: User
    rows: dict[type[Model], Any]

    def is_named_in(self, page: str) -> bool:
        return self.word.lower() in page.lower() or str(self.number) in page


def build(word: str, number: int, payload: Any) -> Station:
    manager = User.objects.create_user(f"{word}-manager", is_staff=True, first_name=word)
    account = AccountFactory.create(user_id=number, shadows=True)
    code = word.upper()
    store = StoreFactory.create(
        account=account,
        external_id=f"{code}S",
        name=f"{word} station",
        street=word,
        city=word,
        branch_number=number // 10**5,
    )
    store.managers.add(manager)
    pos = PosFactory.create(store=store, external_id=f"{code}P", name=f"{word} pump")
    order = OrderFactory.create(pos=pos, external_reference=f"{code}{'A' * 18}", title=word)
    Client().get(pos.poll_url)
    _pay(order, number, payload)
    receipt = issue(Order.objects.with_site().get(pk=order.pk))
    draw(receipt)
    reprint(receipt, word)
    printer = Printer.objects.create(store=store, name=word, host=f"{word}.example")
    PrinterKey.objects.create_key(name=word, printer=printer)
    PrintJob.objects.create(receipt=receipt, printer=printer, actor=word, state="failed")
    ReceiptMail.objects.create(receipt=receipt, address_hash=word)
    seen = {"account": account, "headers": {"A": word}, "body": b"{}", "verdict": "absent", "topic": word[:40]}
    Notification.objects.create(**seen, query=word, order=order)
    create_key(name=word, store=store)
    create_key(name=word, pos=pos)
    Finding.objects.create(account=account, kind="missing_there", external_id=f"{code}S", name=word, store=store)
    for hook in ({"store": store}, {"pos": pos}):
        hooks.ping(Hook.objects.create(url=f"https://{word}.example/", **hook))
    request = RefundRequest.objects.create(order=order, amount=1, actor=word, reason=word, status="proposed")
    Refund.objects.create(request=request, payment=Payment.objects.get(remote_id=number * 100), amount=1, error=word)
    audit = Audit.objects.create(store=store, day="2026-11-20", merchant_orders=1, ours=500, theirs=400)
    Difference.objects.create(audit=audit, kind="payment_amount", order=order, ours=word, theirs=word)
    OfficialFile.objects.create(pos=pos, kind="image", url="https://x.example/", content_type="image/png", content=b"x")
    ImportRun.objects.create(user=manager, file_name=f"{word}.csv")
    report = SettlementRun.objects.create(
        account=account, user=manager, file_name=f"{word}.csv", done_at=order.created_at
    )
    SettlementRow.objects.create(
        run=report,
        account=account,
        number=1,
        kind="payment",
        source_id=number * 100,
        external_reference=word,
        order=order,
        fate="matched",
        key=word,
    )
    Shift.objects.create(store=store, day="2026-11-20", opened_at=order.created_at, opened_by=word)
    Case.objects.create(
        source="order",
        object_id=order.pk,
        kind="overpaid",
        rank=0,
        label=word,
        store=store,
        account=account,
        since=order.created_at,
    )
    began = order.created_at
    Alarm.objects.create(
        kind="waits", subject=f"store {store.pk}", label=word, store=store, account=account, values={"count": 1},
        since=began, raised_at=began, tell_at=began,
    )  # fmt: skip
    for to in ({"url": f"https://{word}.example/"}, {"user": manager}):
        AlarmRecipient.objects.create(**to, store=store, language="en")
    ask(work=CHECK, user_id=manager.pk, keys=[order.pk], back="/", action="check_now", rows_url="/")
    return Station(word, number, manager, {model: list(_of(model, store)) for model in OF_A_STORE} | {User: [manager]})


def add_what_no_store_has(station: Station) -> None:
    """Of the whole chain: for those only who see all stores."""
    account = station.rows[Account][0]
    word, number = station.word, station.number
    application = Application.objects.create(
        name=word, site_code="MLA", client_id=str(number), client_secret="x", owner_id=number
    )
    finding = Finding.objects.create(account=account, kind="unknown_here", external_id="F", name=word)
    seen = {"account": account, "headers": {}, "body": b"{}", "verdict": "absent", "topic": word, "query": word}
    delivery = Notification.objects.create(**seen, outcome="unmatched", resource_id=number)
    station.rows[Application] = [application]
    station.rows[Finding].append(finding)
    station.rows[Notification].append(delivery)


def allowed_everything_but_all_stores(user: User) -> Client:
    """With every permission that there is, so that only the stores keep this person out."""
    user.user_permissions.set(Permission.objects.exclude(codename="see_all_stores"))
    client = Client()
    client.force_login(user)
    return client


# From each model to its store. A new admin class belongs here, or into NOT_OF_A_STORE of the test.
OF_A_STORE: dict[type[Model], str] = {
    Account: "stores",
    Store: "pk",
    PointOfSale: "store",
    ControllerKey: "store",
    Hook: "store",
    HookDelivery: "hook__store",
    Finding: "store",
    Order: "pos__store",
    Transition: "order__pos__store",
    MerchantOrder: "order__pos__store",
    Payment: "pos__store",
    RefundRequest: "order__pos__store",
    Refund: "request__order__pos__store",
    Audit: "store",
    Difference: "audit__store",
    ShadowAnswer: "pos__store",
    MoneyEntry: "order__pos__store",
    SettlementRow: "order__pos__store",
    Notification: "order__pos__store",
    Alarm: "store",
    AlarmRecipient: "store",
    Receipt: "store",
    ReceiptBook: "store",
    Document: "receipt__store",
    Copy: "receipt__store",
    ReceiptMail: "receipt__store",
    Printer: "store",
    PrinterKey: "printer__store",
    PrintJob: "printer__store",
}
_OF_A_POINT: dict[type[Model], str] = {
    ControllerKey: "pos__store",
    Hook: "pos__store",
    HookDelivery: "hook__pos__store",
}


def _of(model: type[Model], store: Store) -> Any:
    rows = model._default_manager.filter(**{OF_A_STORE[model]: store.pk})
    if model in _OF_A_POINT:
        rows = rows | model._default_manager.filter(**{_OF_A_POINT[model]: store.pk})
    assert rows, model
    return rows.distinct()


def _pay(order: Order, number: int, payload: Any) -> None:
    ours = {"external_reference": order.external_reference, "collector": {"id": order.account.user_id}}
    payment = payload("payment_approved") | {"id": number * 100, "transaction_amount": 500}
    body = payload("merchant_order_closed") | ours | {"id": number * 100 + 1, "payments": [payment]}
    settlement.settle(order.pk, remote(body), actor=order.title)
