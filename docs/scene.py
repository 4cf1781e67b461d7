"""A night at two stations, one in Argentina and one in Brazil: something in every state that a manager may meet.

Played through the controllers' API, the simulator's phones and the services, like life; only yesterday is dated back.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from backoffice import roles
from backoffice.closing import pumps, services
from backoffice.closing.figures import HandedIn
from backoffice.models import Closing
from backoffice.play import Player
from backoffice.roles import Role
from backoffice.settlement import runs
from docs.places import Place
from orders import refunds
from orders.models import MerchantOrder, Order, Payment, PollSpell
from pos import official
from pos.models import PointOfSale
from pos.services import create_key, register_pos
from receipts import printing, spooling
from receipts.models import Printer, Receipt
from receipts.states import PrinterKind, Trouble
from stores import accounts
from stores.models import Store
from stores.services import register_store

PASSWORD: Final = "noche-larga"  # noqa: S105 - of people who live as long as the pictures take
_DAYS: Final = 6
_LAST_NIGHT: Final = ((1, 30), (2, 18), (3, 42), (5, 25), (6, 12))  # which pump, how many litres
ADMINISTRATOR: Final = ("carla", "Carla", "Núñez")


@dataclass(frozen=True, slots=True)
class Scene:
    """What the pictures are of."""

    store: Store
    paid_twice: Order
    waiting: Order
    receipt: int
    yesterday: str
    run: int
    silent: PointOfSale
    busy: PointOfSale


class Night:
    """One station's night. `player` is the pump and the phones."""

    def __init__(self, place: Place, player: Callable[[str], Player]) -> None:
        self._place = place
        account = accounts.save(
            site=place.site, user_id=place.user_id, is_test=True,
            access_token=f"APP_USR-1234567890123456-112326-demodemodemodemodemodemodemodemo-{place.user_id}",
        )  # fmt: skip
        self.store = register_store(account, **place.store)
        self._pumps = [self._pump(number) for number in range(1, 9)]
        self._player = player(create_key(name="Station", store=self.store))
        self.manager = _person(place.manager, Role.STATION_MANAGER, self.store)
        _person(place.cashier, Role.CASHIER, self.store)

    def play(self) -> None:
        """All sales; needs the workers."""
        self._last_night = [self._sell(number, litres) for number, litres in _LAST_NIGHT]
        self._paid_twice = self._sell(5, 32, phones=2)
        self._sold = self._sell(6, 27)
        self._late(7, 21)
        self._much = self._sell(1, 61)
        self._waiting = self._tonight()
        for pos in self._pumps:
            official.fetch(pos)

    def end(self) -> Scene:
        """The rest, once no worker can write anything any more: what is dated back stays so."""
        day = self._date_back(self._last_night)
        self._ask_for_much_back(self._much)
        run = self._settle(self._last_night)
        self._close(day)
        self._print(self._sold)
        twice, busy, silent = self._paid_twice, self._pumps[1], self._pumps[3]
        receipt = Receipt.objects.get(order=self._sold, kind="receipt").pk
        return Scene(self.store, twice, self._waiting, receipt, day, run, silent, busy)

    def freshen(self) -> None:
        """The tiles as they were a moment ago: pictures take longer than a customer."""
        now = timezone.now()
        paid = Order.objects.filter(pos=self._pumps[2], status="closed").latest("pk")
        Order.objects.filter(pk=paid.pk).update(closed_at=now - timedelta(seconds=20))
        Order.objects.open().filter(pos__store=self.store).update(
            created_at=now - timedelta(seconds=75),
            first_served_at=now - timedelta(seconds=20),
            expires_at=now + timedelta(minutes=14),
        )
        PollSpell.objects.filter(order__pos__store=self.store, order__status="open").update(last_at=now)
        PointOfSale.objects.filter(pk=self._pumps[0].pk).update(status_since=now - timedelta(seconds=48))
        PointOfSale.objects.filter(pk=self._pumps[3].pk).update(
            status_at=now - timedelta(minutes=17), status_since=now - timedelta(hours=3)
        )

    def _pump(self, number: int) -> PointOfSale:
        name, code = f"{self._place.pump} {number}", f"{self._place.store['external_id']}{number:02}"
        heartbeat = 60 if number == 4 else None
        return register_pos(self.store, external_id=code, name=name, category="gas_station", heartbeat=heartbeat)

    def _code(self, number: int) -> str:
        return self._pumps[number - 1].external_id

    def _sale(self, number: int, litres: int) -> Order:
        price = (1250 * self._place.scale).quantize(Decimal("0.01"))
        item = {"title": self._place.fuel, "quantity": str(litres), "unit_price": str(price), "unit_measure": "L"}
        key = f"{self._code(number)}-{litres}"
        made = self._player.pump("POST", f"pos/{self._code(number)}/orders", {"items": [item]}, key=key, show=False)
        return Order.objects.get(pk=made["id"])

    def _scan(self, number: int) -> int:
        scan: int = self._player.phone("POST", "scans", {"external_pos_id": self._code(number)})["id"]
        self._player.until("it is ready", lambda: self._player.phone("GET", f"scans/{scan}")["state"] == "ready")
        return scan

    def _pay(self, scan: int) -> None:
        self._player.phone("POST", f"scans/{scan}/pay", {"outcome": "approved"})

    def _sell(self, number: int, litres: int, *, phones: int = 1) -> Order:
        order = self._sale(number, litres)
        scans = [self._scan(number) for _phone in range(phones)]
        for scan in scans:
            self._pay(scan)
        self._player.until("a receipt", lambda: Receipt.objects.filter(order=order, kind="receipt").exists())
        if phones > 1:
            self._player.until("it was seen", lambda: Order.objects.get(pk=order.pk).attention)
        order.refresh_from_db()
        return order

    def _late(self, number: int, litres: int) -> None:
        """The customer pays what the pump has just canceled."""
        order = self._sale(number, litres)
        scan = self._scan(number)
        self._player.pump("POST", f"orders/{order.pk}/cancel", {}, show=False)
        self._pay(scan)
        self._player.until("it was seen", lambda: Order.objects.get(pk=order.pk).attention)

    def _ask_for_much_back(self, order: Order) -> None:
        """More than one person may decide."""
        Store.objects.filter(pk=self.store.pk).update(refund_limit=50000 * self._place.scale)
        refunds.ask(
            order, amount=None, reason=self._place.reason, actor=self.manager.username, idempotency_key="handbook",
            person=self.manager,
        )  # fmt: skip

    def _date_back(self, sales: Iterable[Order]) -> str:
        """Make them yesterday's. The last one was paid before midnight, and closed after it."""
        begin, end = self.store.bounds(self.store.day_at(timezone.now()) - timedelta(days=1))
        Store.objects.filter(pk=self.store.pk).update(created_at=begin - timedelta(days=_DAYS))
        PointOfSale.objects.filter(store=self.store).update(created_at=begin - timedelta(days=_DAYS))
        *within, last = sales
        for hours, order in enumerate(within, start=8):
            _move(order, begin + timedelta(hours=hours, minutes=7 * hours), begin + timedelta(hours=hours + 1))
        _move(last, end - timedelta(seconds=40), end + timedelta(seconds=5))
        return self.store.day_at(begin).isoformat()

    def _close(self, day: str) -> None:
        """A week of closed days; yesterday with what its pumps said, and a difference."""
        self.store.refresh_from_db()
        last = datetime.fromisoformat(day).date()
        figures = {1: 30, 2: 18, 3: 42, 5: 25}
        price = 1250 * self._place.scale
        said = {self._pumps[n - 1].pk: HandedIn(price * litres, Decimal(litres)) for n, litres in figures.items()}
        pumps.hand_in(self.store, last, said, actor=self.manager.username)
        for ago in range(_DAYS):
            services.close_day(self.store, last - timedelta(days=ago), actor=self.manager.username)
        Closing.objects.filter(store=self.store).update(closed_at=timezone.now() - timedelta(minutes=50))

    def _print(self, sold: Order) -> None:
        """One printer has no paper, the other broke off while it printed."""
        good, empty = (
            Printer.objects.create(store=self.store, name=name, kind=PrinterKind.AGENT) for name in self._place.printers
        )
        receipt = Receipt.objects.get(order=sold, kind="receipt")
        printing.print_receipt(receipt, good, actor=self._place.cashier[0])
        if (job := spooling.claim(good)) and spooling.start(job):
            spooling.lose(job, Trouble.BROKE_OFF, sent=412)
        spooling.notice(good, None)
        printing.print_receipt(receipt, empty, actor=self._place.cashier[0])
        if job := spooling.claim(empty):
            spooling.postpone(job, Trouble.PAPER_OUT)
        spooling.notice(empty, Trouble.PAPER_OUT)

    def _settle(self, sales: Iterable[Order]) -> int:
        """Mercado Pago's report of yesterday: one amount differs, one payment is nobody's."""
        payments = list(Payment.objects.filter(merchant_order__order__in=list(sales)).order_by("pk"))
        rows = [_row(one, one.amount - (one.amount / 10 if n == 1 else 0)) for n, one in enumerate(payments)]
        header = "EXTERNAL_REFERENCE;SOURCE_ID;TRANSACTION_TYPE;TRANSACTION_AMOUNT;TRANSACTION_DATE;FEE_AMOUNT;SETTLEMENT_NET_AMOUNT;TAXES_AMOUNT"  # noqa: E501
        file = SimpleUploadedFile("settlement-report.csv", "\n".join([header, *rows]).encode())
        user = User.objects.get(username=ADMINISTRATOR[0])
        run = runs.upload(file, account=self.store.account, user=user)
        runs.go_on(run.pk, seconds=30)
        return run.pk

    def _tonight(self) -> Order:
        self._player.pump("PUT", f"pos/{self._code(4)}/status", {"status": "idle"}, show=False)
        so_far = str((23410 * self._place.scale).quantize(Decimal("0.01")))
        status = {"status": "in_process", "amount_so_far": so_far}
        waiting = self._sale(2, 33)
        self._scan(2)
        self._sell(3, 15)
        PointOfSale.objects.filter(pk=self._pumps[7].pk).update(is_active=False)
        self._player.pump("PUT", f"pos/{self._code(1)}/status", status, show=False)
        return waiting


def _person(name: tuple[str, str, str], role: Role, store: Store | None = None) -> User:
    user = User.objects.create_user(
        name[0], password=PASSWORD, is_staff=True, first_name=name[1], last_name=name[2], email=f"{name[0]}@example.com"
    )
    roles.give(user, role)
    if store:
        store.managers.add(user)
    return user


def administrator() -> User:
    """Sees all stores; uploads reports and keeps people."""
    return _person(ADMINISTRATOR, Role.CHAIN_ADMINISTRATOR)


def _move(order: Order, paid: datetime, closed: datetime) -> None:
    made = paid - timedelta(minutes=2)
    Order.objects.filter(pk=order.pk).update(
        created_at=made, first_served_at=made, expires_at=made + timedelta(minutes=15), closed_at=closed
    )
    MerchantOrder.objects.filter(order=order).update(created_at=made)
    Receipt.objects.filter(order=order).update(issued_at=closed)
    Payment.objects.filter(merchant_order__order=order).update(approved_at=paid, updated_at=paid)


def _row(payment: Payment, gross: Decimal) -> str:
    fee = (gross * Decimal("-0.008")).quantize(Decimal("0.01"))
    gross = gross.quantize(Decimal("0.01"))
    when = payment.approved_at.isoformat() if payment.approved_at else ""
    reference = payment.merchant_order.order.external_reference
    return f"{reference};{payment.remote_id};SETTLEMENT;{gross};{when};{fee};{gross + fee};0.00"
