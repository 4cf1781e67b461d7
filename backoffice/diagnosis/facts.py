"""All that the rules look at. A handful of indexed queries, none of which grows with the number of orders."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any, Final

from django.utils import timezone
from django.utils.formats import localize

from notifications.models import Notification, Outcome
from orders.models import MerchantOrder, Order, Payment, PollSpell, Refund, RefundRequest
from orders.refusals import why_not
from orders.states import APPROVED, UNDECIDED, RequestStatus, Status
from pos.models import ControllerStatus, Finding, PointOfSale
from receipts.models import Printer, PrintJob, Receipt
from receipts.states import PrinterState
from stores.amounts import with_currency
from stores.models import ApiCall

NOW_SCANNING: Final = timedelta(seconds=40)  # a poll is on record at least every ten seconds
LATELY: Final = timedelta(minutes=10)
LONG: Final = timedelta(minutes=10)
_FAILURES: Final = 3


@dataclass(frozen=True)
class Facts:
    """A point of sale and, when it has one or is asked about one, its order."""

    now: datetime
    pos: PointOfSale
    order: Order | None

    # --- the place ---
    @cached_property
    def findings(self) -> Sequence[Finding]:
        return list(Finding.objects.filter(pos=self.pos))

    @cached_property
    def poll(self) -> PollSpell | None:
        """The last time somebody scanned here."""
        return PollSpell.objects.filter(pos=self.pos).order_by("-since").first()

    @cached_property
    def neighbour(self) -> PointOfSale | None:
        """Where else in this store a phone waits for an order just now."""
        others = PointOfSale.objects.filter(store=self.pos.store_id, last_polled_at__gte=self.now - NOW_SCANNING)
        waiting = others.exclude(pk=self.pos.pk).exclude(orders__status=Status.OPEN)
        return waiting.order_by("-last_polled_at").first()

    @cached_property
    def failed_call(self) -> ApiCall | None:
        """The last call that failed, when several have and none has gone well since."""
        calls = ApiCall.objects.filter(account=self.pos.account_id)
        failed = list(calls.in_trouble().filter(at__gte=self.now - LATELY).order_by("-at")[:_FAILURES])
        if len(failed) < _FAILURES or calls.filter(at__gt=failed[0].at, error="").exists():
            return None
        return failed[0]

    @cached_property
    def news_waits(self) -> bool:
        """Whether Mercado Pago has sent news that could not be followed yet: of which order is not known before."""
        waiting = Notification.objects.filter(account=self.pos.account_id, next_attempt_at__isnull=False)
        return waiting.filter(outcome=Outcome.FAILED).exists()

    @cached_property
    def printer(self) -> Printer | None:
        """One that has no paper or does not answer, and prints by itself."""
        return Printer.objects.of(self.pos).filter(prints_automatically=True).in_trouble().first()

    @property
    def is_scanned_now(self) -> bool:
        return self.pos.last_polled_at is not None and self.now - self.pos.last_polled_at < NOW_SCANNING

    @property
    def says_long(self) -> bool:
        """Whether the controller has said the same for so long that it may have forgotten."""
        return self.pos.status_since is not None and self.now - self.pos.status_since > LONG

    @property
    def is_running(self) -> bool:
        return self.pos.status == ControllerStatus.IN_PROCESS

    def finding(self, kind: str, field: str = "") -> Finding | None:
        return next((f for f in self.findings if f.kind == kind and (not field or field in f.differences)), None)

    # --- the order ---
    @property
    def is_open(self) -> bool:
        return self.order is not None and self.order.status == Status.OPEN

    @cached_property
    def payments(self) -> Sequence[Payment]:
        """Newest first."""
        rows = Payment.objects.filter(merchant_order__order=self.order).select_related("merchant_order")
        return sorted(rows, key=lambda row: (row.updated_at or row.merchant_order.seen_at, row.pk), reverse=True)

    @cached_property
    def objection(self) -> str:
        """Why what Mercado Pago reports of this order is not counted."""
        row = MerchantOrder.objects.filter(order=self.order).exclude(objection="").first()
        return str(row.get_objection_display()) if row else ""

    @cached_property
    def refund_requests(self) -> Sequence[RefundRequest]:
        """The newest first. An order of which nothing was paid has none."""
        if self.order is None or not self.order.paid_amount:
            return []
        return list(self.order.refund_requests.select_related("first_person"))

    @property
    def failed_refund(self) -> RefundRequest | None:
        return next((one for one in self.refund_requests if one.status == RequestStatus.FAILED), None)

    @property
    def waiting_refund(self) -> RefundRequest | None:
        """What a person asked for and a second one must agree to. What the rules propose, the order itself says."""
        asked = (one for one in self.refund_requests if one.status == RequestStatus.PROPOSED and not one.is_of_rules)
        return next(asked, None)

    @cached_property
    def on_its_way_back(self) -> Decimal:
        """Asked for, and not in what Mercado Pago reports yet."""
        if not self.refund_requests:
            return Decimal(0)
        return Refund.objects.unreported().filter(request__order=self.order).total()

    @property
    def has_money(self) -> bool:
        return any(payment.status == APPROVED for payment in self.payments)

    @property
    def undecided(self) -> Payment | None:
        return next((payment for payment in self.payments if payment.status in UNDECIDED), None)

    @property
    def refused(self) -> Payment | None:
        """The last payment, when it was not made."""
        last = self.payments[0] if self.payments else None
        return last if last and last.status in ("rejected", "cancelled") else None

    @cached_property
    def was_scanned(self) -> bool:
        """Whether somebody has scanned since the order was made."""
        polled = self.pos.last_polled_at
        return bool(self.order and (self.order.first_served_at or (polled and polled >= self.order.created_at)))

    @property
    def was_shown_lately(self) -> bool:
        poll = self.poll
        return bool(poll and poll.order_id == getattr(self.order, "pk", 0) and self.now - poll.last_at < NOW_SCANNING)

    # --- the paper ---
    @cached_property
    def receipt(self) -> Receipt | None:
        return Receipt.objects.defer("content").filter(order=self.order).first() if self.order else None

    @cached_property
    def print_job(self) -> PrintJob | None:
        """A print that a person must look at."""
        if self.receipt is None:
            return None
        return PrintJob.objects.undecided().filter(receipt=self.receipt).select_related("printer").first()

    @property
    def is_paper_out(self) -> bool:
        return self.printer is not None and self.printer.state == PrinterState.PAPER_OUT

    # --- for sentences ---
    @cached_property
    def values(self) -> dict[str, Any]:
        """What the rules' sentences may name. Times by the store's clock."""
        order, pos, site = self.order, self.pos, self.pos.store.account.site
        values: dict[str, Any] = {
            "pos": pos.name,
            "store": pos.store.name,
            "account": pos.store.account,
            "said_since": self.clock(pos.status_since),
            "said_at": self.clock(pos.status_at),
            "polled_at": self.clock(pos.last_polled_at),
        }
        if order:
            values |= {
                "total": with_currency(order.total_amount, site),
                "paid": with_currency(order.paid_amount, site),
                "rest": with_currency(order.left_to_pay, site),
                "refunded": with_currency(order.refunded_amount, site),
                "kept": with_currency(order.kept_amount, site),
                "made_at": self.clock(order.created_at),
                "served_at": self.clock(order.first_served_at),
                "closed_at": self.clock(order.closed_at),
                "expires_at": self.clock(order.expires_at),
                "attention": order.get_attention_display() if order.attention else "",
            }
        return values

    def clock(self, moment: datetime | None) -> str:
        """A moment as the store's clock shows it; with its day unless that is today."""
        if moment is None:
            return "–"
        here = timezone.localtime(moment, self.pos.store.tz)
        is_today = here.date() == timezone.localtime(self.now, self.pos.store.tz).date()
        return f"{here:%H:%M:%S}" if is_today else f"{localize(here.date())} {here:%H:%M:%S}"

    def why(self, payment: Payment | None) -> str:
        """Why a payment was not made, or not yet."""
        return str(why_not(payment.status_detail)) if payment else ""
