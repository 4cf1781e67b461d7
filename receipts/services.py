"""Issuing a receipt (number and words, once), its refund slips and its copies. Drawing is in `receipts.drawing`."""

from datetime import timedelta

from django.db import transaction
from django.db.models import Max, Q
from django.utils import timezone

from orders.models import Order, Payment, Refund, RefundRequest
from orders.states import APPROVED, RefundStatus, RequestStatus, Status
from receipts.drawing import document, draw
from receipts.layout import Content, Heading, copy_mark, freeze, freeze_refund
from receipts.models import Copy, Kind, Receipt, ReceiptBook
from stores.models import Store

__all__ = ["document", "draw", "issue", "issue_slip", "orders_without", "reprint", "requests_without"]
_JUST_NOW = timedelta(seconds=5)  # a worker was woken


@transaction.atomic
def issue(order: Order) -> Receipt:
    """The receipt of a closed order: made once, whoever asks and how often."""
    book = _open_book(order.pos.store)
    if receipt := Receipt.objects.with_store().filter(order=order).first():
        return receipt
    if order.status != Status.CLOSED:
        raise ValueError(f"order {order} is {order.status}: only closed orders have receipts")
    book.last += 1
    book.save()
    number = f"{order.pos.store.branch_number:04}-{book.last:08}"
    receipt = Receipt(order=order, store=order.pos.store, sequence=book.last, number=number)
    payments = list(Payment.objects.filter(merchant_order__order=order, status=APPROVED).order_by("pk"))
    heading = _begin(receipt)
    return _finish(receipt, freeze(order, payments, heading))


@transaction.atomic
def issue_slip(request: RefundRequest) -> Receipt:
    """The slip of money that went back, made once: `0001-00000007-R1` is the first of that receipt."""
    order = request.order
    _open_book(order.pos.store)  # one after the other: its numbers have no gaps either
    if slip := Receipt.objects.with_store().filter(refund_request=request).first():
        return slip
    if request.status != RequestStatus.APPROVED:
        raise ValueError(f"refund request {request.pk} is {request.status}: only what went back has a slip")
    if (receipt := Receipt.objects.with_store().filter(order=order).first()) is None:
        raise ValueError(f"order {order} has no receipt that a slip could refer to")
    sequence = receipt.slips.count() + 1
    slip = Receipt(
        kind=Kind.REFUND, of=receipt, refund_request=request, store=receipt.store, sequence=sequence,
        number=f"{receipt.number}-R{sequence}",
    )  # fmt: skip
    refunds = Refund.objects.filter(request=request, status=RefundStatus.APPROVED)
    heading = _begin(slip)
    content = freeze_refund(
        order, list(refunds.select_related("payment").order_by("pk")), heading, receipt=receipt.number
    )
    return _finish(slip, content)


@transaction.atomic
def reprint(receipt: Receipt, actor: str) -> Copy:
    """One more print, on record. `document(receipt, format, copy=…)` is what it looks like."""
    receipt = Receipt.objects.select_for_update(of=("self",)).with_store().get(pk=receipt.pk)
    number = (receipt.copies.aggregate(last=Max("number"))["last"] or 0) + 1  # older ones may have begun with 2
    now = timezone.now()
    mark = copy_mark(receipt.store, language=receipt.content["language"], number=number, at=now, actor=actor[:100])
    return Copy.objects.create(receipt=receipt, number=number, actor=actor[:100], made_at=now, mark=mark)


def orders_without(*, closed_within: timedelta, most: int) -> list[int]:
    """Closed orders that have no drawn receipt although a worker was woken a while ago; the oldest first."""
    now = timezone.now()
    closed = Order.objects.filter(closed_at__gt=now - closed_within, closed_at__lt=now - _JUST_NOW)
    return list(closed.filter(receipt__drawn_at=None).order_by("closed_at").values_list("pk", flat=True)[:most])


def requests_without(*, approved_within: timedelta, most: int) -> list[int]:
    """Refund requests that are done, of orders with a receipt, and have no drawn slip although a worker was woken;
    the oldest first."""
    now = timezone.now()
    answered = Q(refunds__answered_at__gt=now - approved_within, refunds__answered_at__lt=now - _JUST_NOW)
    done = RefundRequest.objects.filter(answered, status=RequestStatus.APPROVED, order__receipt__isnull=False)
    undrawn = Q(slip=None) | Q(slip__drawn_at=None)
    return list(done.filter(undrawn).order_by("pk").values_list("pk", flat=True).distinct()[:most])


def _open_book(store: Store) -> ReceiptBook:
    """Under its lock until the end of the transaction: numbers without gaps."""
    book, _ = ReceiptBook.objects.get_or_create(store=store)
    return ReceiptBook.objects.select_for_update().get(pk=book.pk)


def _begin(receipt: Receipt) -> Heading:
    """Its row first: the content holds a link to it. The content follows before anybody can see the row."""
    receipt.issued_at, receipt.content = timezone.now(), {}
    receipt.save()
    return Heading(number=receipt.number, issued_at=receipt.issued_at, url=receipt.public_url)


def _finish(receipt: Receipt, content: Content) -> Receipt:
    receipt.content = content
    receipt.save(update_fields=["content"])
    return receipt
