"""What must be true, whatever happened: at every step, and when all is quiet."""

from collections import Counter
from collections.abc import Iterable
from decimal import Decimal

from django.db.models import QuerySet

from orders.models import Order, Payment, Refund, RefundRequest
from orders.states import ARRIVED, TRANSITIONS, UNDECIDED, Status
from receipts.models import Kind, Receipt
from simulator.world import Json
from simulator.world import world as mercado_pago
from tests.fuzz.world import World

History = dict[int, tuple[str, Decimal]]


def check_step(before: History, now: History) -> None:
    """No order leaves a state by a way that the table does not know; no amount changes."""
    for pk, (status, total) in before.items():
        new_status, new_total = now[pk]
        assert new_total == total, f"order {pk}: {total} became {new_total}"
        if new_status != status:
            # A step may take several ways at once: canceled, then closed by late money.
            ways = TRANSITIONS[Status(status)]
            reachable = ways | {far for way in ways for far in TRANSITIONS[way]}
            assert new_status in reachable, f"order {pk}: {status} became {new_status}"


def check_quiet(world: World) -> None:
    """All that Mercado Pago knows has arrived here, and nothing of it is forgotten."""
    for order in world.orders():
        theirs = world.payments_there(order.external_reference)
        _same_money(order, theirs)
        _closed_means_covered(order, theirs)
        _nothing_is_forgotten(order, theirs)
        _one_receipt(order)
    _payments_once(world)
    _refunds_as_asked()
    _without_gaps(Receipt.objects.filter(kind=Kind.RECEIPT))
    for receipt in Receipt.objects.filter(kind=Kind.RECEIPT):
        _without_gaps(receipt.slips.all())


def _sum(rows: Iterable[Json], statuses: Iterable[str], name: str = "transaction_amount") -> Decimal:
    return sum((Decimal(row[name]) for row in rows if row["status"] in statuses), Decimal(0))


def _held(theirs: list[Json]) -> Decimal:
    """What the seller has of it now."""
    return _sum(theirs, ["approved"]) - _sum(theirs, ["approved"], "transaction_amount_refunded")


def _same_money(order: Order, theirs: list[Json]) -> None:
    if _has_nonsense(order):
        return
    there = _sum(theirs, ARRIVED), _sum(theirs, ARRIVED, "transaction_amount_refunded")
    assert (order.paid_amount, order.refunded_amount) == there, f"{order}: {order.paid_amount} here, {there} there"


def _has_nonsense(order: Order) -> bool:
    """No news is taken of a merchant order with a status that nobody knows; a person is told so."""
    theirs = mercado_pago.find("merchant_orders", external_reference=order.external_reference)
    if not any(row["status"] == "frozen" for row in theirs):
        return False
    assert order.attention, f"{order}: not understood, and nobody knows"
    return True


def _closed_means_covered(order: Order, theirs: list[Json]) -> None:
    if order.status == Status.CLOSED:
        # What was paid when it closed may have been canceled since; then a person is told.
        assert order.attention or _sum(theirs, ARRIVED) >= order.total_amount, f"{order}: closed without cover"
        assert order.transitions.filter(to_status=Status.CLOSED).count() == 1


def _nothing_is_forgotten(order: Order, theirs: list[Json]) -> None:
    held = _held(theirs)
    if held >= order.total_amount:
        assert order.status == Status.CLOSED or order.attention, f"{order}: covered, but {order.status}"
    was_late = order.transitions.filter(from_status__in=(Status.CANCELED, Status.EXPIRED)).exists()
    is_over = order.status in (Status.CANCELED, Status.EXPIRED)
    sold = order.total_amount if order.status == Status.CLOSED and not was_late else Decimal(0)
    if (was_late or is_over or order.status == Status.CLOSED) and held > sold:
        kept = sum((r.amount for r in order.refund_requests.filter(status="declined")), Decimal(0))
        assert order.attention or held - sold <= kept, f"{order}: {held - sold} sold nothing and nobody knows"
    if order.status == Status.OPEN:
        is_undecided = any(row["status"] in UNDECIDED for row in theirs)
        assert order.attention or is_undecided, f"{order}: open for ever"
    disputed = any(row["status"] in ("charged_back", "in_mediation") for row in theirs)
    assert order.attention or not disputed, f"{order}: disputed, and nobody knows"


def _without_gaps(receipts: QuerySet[Receipt]) -> None:
    numbers = sorted(receipts.values_list("sequence", flat=True))
    assert numbers == list(range(1, len(numbers) + 1)), f"receipt numbers have gaps: {numbers}"


def _one_receipt(order: Order) -> None:
    receipts = list(Receipt.objects.filter(order=order))
    assert len(receipts) == (order.status == Status.CLOSED), f"{order}: {order.status}, {len(receipts)} receipts"
    assert all(receipt.drawn_at for receipt in receipts), f"{order}: its receipt was not drawn"


def _payments_once(world: World) -> None:
    understood = [order for order in world.orders() if not _has_nonsense(order)]
    ours = Payment.objects.filter(merchant_order__order__in=understood).values_list("remote_id", "status")
    theirs = [row for order in understood for row in world.payments_there(order.external_reference)]
    here, there = Counter(ours), Counter((row["id"], row["status"]) for row in theirs)
    assert here == there, f"only here: {here - there}; only there: {there - here}"


def _refunds_as_asked() -> None:
    """Each refund of ours was made once, of the right payment, and of no more than was paid."""
    there = mercado_pago.tables["refunds"]
    made = {row["key"] for row in there.values()}
    ours = list(Refund.objects.select_related("payment"))
    for refund in ours:
        assert refund.status in ("approved", "failed"), f"refund {refund.pk} is {refund.status} for ever"
        assert refund.status == "approved" or str(refund.key) not in made, f"refund {refund.pk}: {refund.error}"
        if refund.status == "approved":
            # Not by its key: one of the same amount that the seller made over there meanwhile is taken for it.
            row = there[str(refund.remote_id)]
            told, asked = (row["payment_id"], row["amount"]), (refund.payment.remote_id, refund.amount)
            assert told == asked, f"refund {refund.pk}: {asked} here, {told} there"
    claimed = [refund.remote_id for refund in ours if refund.status == "approved"]
    assert len(claimed) == len(set(claimed)), f"one refund there stands for two here: {claimed}"
    assert not RefundRequest.objects.filter(status="pending").exists()
    for payment in mercado_pago.tables["payments"].values():
        refunds = [row for row in there.values() if row["payment_id"] == payment["id"]]
        assert sum(row["amount"] for row in refunds) <= payment["transaction_amount"]


def count(world: World, counts: "Counter[str]") -> None:
    """What an example came to."""
    counts["examples"] += 1
    for order in world.orders():
        counts[f"order {order.status}"] += 1
        if order.attention:
            counts[f"attention {order.attention}"] += 1
        if order.transitions.filter(from_status__in=(Status.CANCELED, Status.EXPIRED)).exists():
            counts["order closed late"] += 1
    counts.update(f"payment {row['status']}" for row in world.payments_there())
    counts.update(f"refund {refund.status}" for refund in Refund.objects.all())
    counts.update(f"request {request.status}" for request in RefundRequest.objects.all())
