"""Any interleaving of all that can happen at a station."""

import contextlib
import logging
import sys
from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import User
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from notifications.models import Notification
from orders import refunds, services
from orders.errors import Refused
from orders.models import Order, Payment, RefundRequest
from simulator import chaos, phone
from stores.services import connect
from tests.fuzz import invariants
from tests.fuzz.world import BEATS, World

PICK = st.integers(min_value=0, max_value=10**6)  # which of those that are there
PUMPS = st.sampled_from(["POS1", "POS2"])
AMOUNTS = st.sampled_from(["500.00", "123.45", "0.01"])
PARTS = st.sampled_from([None, "0.01", "100.00", "123.44", "400.00"])
OUTCOMES = st.sampled_from(["approved", "approved", "approved", "rejected", "pending"])
PAYERS: dict[str, tuple[str, str | None]] = {
    "later": ("", None),
    "full": ("approved", None),
    "part": ("approved", "100.00"),
    "rejected": ("rejected", None),
    "pending": ("pending", None),
}
PAYING = st.lists(st.sampled_from(["full", "full", *PAYERS]), min_size=1, max_size=2)
MEANWHILE = st.sampled_from(["nothing", "nothing", "nothing", "cancel", "expire"])
FEW = st.integers(0, 6)
LATER = {
    "pending": ["approved", "rejected", "cancelled", "in_process", "authorized"],
    "in_process": ["approved", "rejected", "cancelled"],
    "authorized": ["approved", "cancelled"],
    "approved": ["refunded", "charged_back", "in_mediation", "cancelled"],
    "in_mediation": ["approved", "charged_back", "refunded"],
    "charged_back": ["approved"],
}


COUNTS: Counter[str] = Counter()  # what all examples came to, so that it can be seen that they come to something


class Station(RuleBasedStateMachine):
    """One store, two pumps, any number of customers, and everything that can go wrong between them."""

    def __init__(self) -> None:
        super().__init__()
        self.sales: list[tuple[str, dict[str, Any], str, int]] = []
        self.keys = 0
        self.seen: invariants.History = {}
        self.world: World | None = None

    @initialize(
        surplus=st.sampled_from(["manual", "auto"]),
        late=st.sampled_from(["manual", "auto"]),
        dialect=st.sampled_from(["v1", "v2"]),
    )
    def open(self, surplus: str, late: str, dialect: str) -> None:
        logging.disable(logging.CRITICAL)
        self.world = World(surplus, late, dialect).__enter__()
        self.w = self.world

    # --- the pump ------------------------------------------------------------------------------------------------
    @rule(pump=PUMPS, amount=AMOUNTS, replace=st.booleans(), expires_in=st.sampled_from([30, 900]))
    def sell(self, pump: str, amount: str, replace: bool, expires_in: int) -> None:
        self.keys += 1
        items = [{"title": "SUPER", "quantity": "1", "unit_price": amount}]
        body = {"items": items, "replace": replace, "expires_in": expires_in}
        answer = self.w.call("POST", f"pos/{pump}/orders", body, key=f"sale-{self.keys}")
        if answer.status_code == 201:
            self.sales.append((pump, body, f"sale-{self.keys}", answer.json()["id"]))

    @precondition(lambda self: self.sales)
    @rule(which=PICK)
    def repeat_a_sale(self, which: int) -> None:
        pump, body, key, pk = self._one_of(self.sales, which)
        answer = self.w.call("POST", f"pos/{pump}/orders", body, key=key)
        assert (answer.status_code, answer.json()["id"]) == (200, pk)

    @precondition(lambda self: self.sales)
    @rule(which=PICK)
    def cancel(self, which: int) -> None:
        order = self._one_of(self.sales, which)[3]
        self.w.call("POST", f"orders/{order}/cancel")

    @precondition(lambda self: self.sales)
    @rule(which=PICK, amount=PARTS)
    def refund(self, which: int, amount: str | None) -> None:
        self.keys += 1
        body = {"amount": amount} if amount else {}
        order = self._one_of(self.sales, which)[3]
        self.w.call("POST", f"orders/{order}/refunds", body, key=f"refund-{self.keys}")

    # --- customers -----------------------------------------------------------------------------------------------
    @rule(pump=PUMPS)
    def scan(self, pump: str) -> None:
        self.w.scan(pump)

    @precondition(lambda self: self.w.phones)
    @rule(which=PICK)
    def poll(self, which: int) -> None:
        self._poll(phone._scans[self._one_of(self.w.phones, which)])

    @rule(pump=PUMPS, payers=PAYING, meanwhile=MEANWHILE, deliveries=FEW, works=FEW)
    def visit(self, pump: str, payers: list[str], meanwhile: str, deliveries: int, works: int) -> None:
        """What happens most: somebody comes, sees and pays, perhaps two at once, and some of the news arrives."""
        if not Order.objects.open().filter(pos__external_id=pump).exists():
            self.sell(pump, "500.00", False, 900)
        shown = [phone._scans[self.w.scan(pump)] for _ in payers]
        for one in shown:
            self._poll(one)
        if meanwhile == "cancel" and self.sales:
            self.w.call("POST", f"orders/{self.sales[-1][3]}/cancel")
        elif meanwhile == "expire":
            self.w.wait(seconds=1000)
            self.w.beat("orders.tasks.expire_due")
            if self.w.broker:
                self.w.work(self.w.broker.pop())
        for one, how in zip(shown, payers, strict=True):
            outcome, amount = PAYERS[how]
            if outcome:
                self.w.simulate("POST", f"scans/{one.id}/pay", {"outcome": outcome, "amount": amount})
        for _ in range(deliveries):
            if self.w.news:
                self.w.news.pop(0)()
        for _ in range(works):
            if self.w.broker:
                self.w.work(self.w.broker.pop(0))

    @rule(pump=PUMPS, payers=PAYING, meanwhile=MEANWHILE, deliveries=FEW, works=FEW)
    def another_visit(self, pump: str, payers: list[str], meanwhile: str, deliveries: int, works: int) -> None:
        """The same again, because each rule is as likely as any other."""
        self.visit(pump, payers, meanwhile, deliveries, works)

    @rule(pump=PUMPS, payers=PAYING, meanwhile=MEANWHILE, deliveries=FEW, works=FEW)
    def one_more_visit(self, pump: str, payers: list[str], meanwhile: str, deliveries: int, works: int) -> None:
        self.visit(pump, payers, meanwhile, deliveries, works)

    @precondition(lambda self: self.w.phones_that_may_pay())
    @rule(
        which=PICK, outcome=st.sampled_from(["approved", "approved", "approved", "rejected", "pending"]), amount=PARTS
    )
    def pay(self, which: int, outcome: str, amount: str | None) -> None:
        body = {"outcome": outcome} | ({"amount": amount} if amount else {})
        self.w.simulate("POST", f"scans/{self._one_of(self.w.phones_that_may_pay(), which)}/pay", body)

    @precondition(lambda self: self.w.phones_that_may_pay())
    @rule(which=PICK)
    def pay_in_full(self, which: int) -> None:
        self.pay(which, "approved", None)

    def _poll(self, scan: phone.Scan) -> None:
        if scan.over.is_set():
            return
        phone.ask(scan)
        assert scan.state in ("waiting", "ready"), scan.error
        if scan.offer:
            order = Order.objects.get(external_reference=scan.offer["external_reference"])
            assert order.status == "open"
            assert order.first_served_at is not None
            approved = Payment.objects.filter(merchant_order__order=order, status="approved")
            held = sum((payment.amount - payment.refunded for payment in approved), Decimal(0))
            assert scan.offer["total"] == order.total_amount - held

    # --- Mercado Pago --------------------------------------------------------------------------------------------
    @precondition(lambda self: self.w.payments_there())
    @rule(which=PICK, how=PICK)
    def decide(self, which: int, how: int) -> None:
        """A payment is decided, disputed or refunded over there."""
        payment = self._one_of(self.w.payments_there(), which)
        if later := LATER.get(payment["status"]):
            self.w.simulate("POST", f"payments/{payment['id']}", {"status": self._one_of(later, how)})

    @precondition(lambda self: self.w.payments_there())
    @rule(which=PICK, amount=PARTS)
    def refund_there(self, which: int, amount: str | None) -> None:
        payment = self._one_of(self.w.payments_there(), which)
        self.keys += 1
        self.w.refund_there(payment["id"], amount, key=f"there-{self.keys}")

    @precondition(lambda self: self.w.merchant_orders_there())
    @rule(which=PICK, status=st.sampled_from(["closed", "expired", "frozen"]))
    def report_nonsense(self, which: int, status: str) -> None:
        """A merchant order that is called closed without money, or something that nobody has heard of."""
        self.w.call_it(self._one_of(self.w.merchant_orders_there(), which), status)

    @rule(stuck=st.booleans())
    def leave_orders_opened(self, stuck: bool) -> None:
        chaos.change({"orders_stuck_opened": 1 if stuck else 0})

    @rule(calls=st.integers(1, 8), kind=st.sampled_from(["500", "502", "429", "cut", "silent"]), is_late=st.booleans())
    def fail(self, calls: int, kind: str, is_late: bool) -> None:
        weather = self.w.weather
        weather.failures, weather.kind, weather.is_late = calls, kind, is_late

    # --- news ----------------------------------------------------------------------------------------------------
    @precondition(lambda self: self.w.news)
    @rule(which=PICK, fate=st.sampled_from(["deliver", "deliver", "deliver", "twice", "drop"]))
    def deliver(self, which: int, fate: str) -> None:
        news = self.w.news.pop(which % len(self.w.news))
        for _ in range({"deliver": 1, "twice": 2, "drop": 0}[fate]):
            news()

    # --- the worker and beat -------------------------------------------------------------------------------------
    @precondition(lambda self: self.w.broker)
    @rule(which=PICK, dies_at=st.sampled_from([None, None, None, 0, 1, 2]), dies_late=st.booleans())
    def work(self, which: int, dies_at: int | None, dies_late: bool) -> None:
        self.w.weather.dies_at, self.w.weather.dies_late = dies_at, dies_late
        self.w.work(self.w.broker.pop(which % len(self.w.broker)))

    @rule(name=st.sampled_from(BEATS))
    def beat(self, name: str) -> None:
        self.w.beat(name)

    @rule(what=st.sampled_from(["work", "work", "poll", "pay", "deliver", "cancel", "sell", "check_now"]), which=PICK)
    def meanwhile(self, what: str, which: int) -> None:
        """Two at once: while somebody waits for Mercado Pago's next answer, this happens from its begin to its end."""
        self.w.meanwhile = lambda: self._do(what, which)

    def _do(self, what: str, which: int) -> None:
        pump = f"POS{which % 2 + 1}"
        acts: dict[str, tuple[Any, Callable[[], None]]] = {
            "work": (self.w.broker, lambda: self.w.work(self.w.broker.pop(which % len(self.w.broker)))),
            "poll": (self.w.phones, lambda: self.poll(which)),
            "pay": (self.w.phones_that_may_pay(), lambda: self.pay_in_full(which)),
            "deliver": (self.w.news, lambda: self.deliver(which, "deliver")),
            "cancel": (self.sales, lambda: self.cancel(which)),
            "sell": (True, lambda: self.sell(pump, "500.00", True, 900)),
            "check_now": (self.sales, lambda: self.check_now(which)),
        }
        is_possible, act = acts[what]
        if is_possible:
            act()

    # --- people --------------------------------------------------------------------------------------------------
    @precondition(lambda self: RefundRequest.objects.filter(status="proposed").exists())
    @rule(which=PICK, accept=st.booleans())
    def decide_a_proposal(self, which: int, accept: bool) -> None:
        proposal = self._one_of(list(RefundRequest.objects.filter(status="proposed").order_by("pk")), which)
        with contextlib.suppress(Refused):
            if accept:
                refunds.accept(proposal, person=User.objects.get_or_create(username="ana")[0])
            else:
                refunds.decline(proposal, actor="ana")
        self.w.commit()

    @precondition(lambda self: self.sales)
    @rule(which=PICK)
    def check_now(self, which: int) -> None:
        order = Order.objects.with_site().get(pk=self._one_of(self.sales, which)[3])
        self.w.ask(lambda: services.refresh(order, client=connect(self.w.account), actor="ana"))

    @precondition(lambda self: self.sales)
    @rule(which=PICK)
    def release(self, which: int) -> None:
        order = Order.objects.with_site().get(pk=self._one_of(self.sales, which)[3])
        client = connect(self.w.account)
        with contextlib.suppress(Refused):
            self.w.ask(lambda: services.release(order, client=client, actor="ana", reason="blocked"))

    @rule(what=st.sampled_from(["lose the queue", "replay", "busy", "idle", "offline"]), pump=PUMPS)
    def disturb(self, what: str, pump: str) -> None:
        if what == "lose the queue":
            self.w.broker.clear()
        elif what == "replay":
            self.w.replay(Notification.objects.all())
        else:
            self.w.call("PUT", f"pos/{pump}/status", {"status": what.replace("busy", "in_process")})

    # --- time ----------------------------------------------------------------------------------------------------
    @rule(seconds=st.sampled_from([1, 6, 31, 60, 300, 1000, 26 * 3600]))
    def wait(self, seconds: int) -> None:
        self.w.wait(seconds=seconds)

    # --- what must be true ---------------------------------------------------------------------------------------
    @invariant()
    def states_follow_the_table(self) -> None:
        if self.world:
            now = {
                pk: (status, total) for pk, status, total in Order.objects.values_list("pk", "status", "total_amount")
            }
            invariants.check_step(self.seen, now)
            self.seen = now

    def teardown(self) -> None:
        if self.world is None:
            return
        try:
            if sys.exc_info()[0] is None:  # otherwise a step has failed already
                self.w.become_quiet()
                invariants.check_quiet(self.w)
                invariants.count(self.w, COUNTS)
        finally:
            self.w.__exit__(None, None, None)
            logging.disable(logging.NOTSET)

    @staticmethod
    def _one_of(rows: list[Any], which: int) -> Any:
        """Mostly of the last ones: what happens happens to what has just happened."""
        recent = rows if which % 4 == 0 else rows[-3:]
        return recent[which // 4 % len(recent)]
