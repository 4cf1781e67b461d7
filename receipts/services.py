"""Issuing a receipt (number and words, once) and drawing it (again whenever needed)."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from orders.announcements import announce
from orders.models import Order, Payment
from orders.states import APPROVED, Status
from receipts.layout import freeze
from receipts.models import Document, Receipt, ReceiptBook
from receipts.writers import WRITERS


@transaction.atomic
def issue(order: Order) -> Receipt:
    """The receipt of a closed order: made once, whoever asks and how often."""
    book, _ = ReceiptBook.objects.get_or_create(store=order.pos.store)
    book = ReceiptBook.objects.select_for_update().get(pk=book.pk)  # one after the other: numbers without gaps
    if receipt := Receipt.objects.filter(order=order).first():
        return receipt
    if order.status != Status.CLOSED:
        raise ValueError(f"order {order} is {order.status}: only closed orders have receipts")
    book.last += 1
    book.save()
    number = f"{order.pos.store.branch_number:04}-{book.last:08}"
    now = timezone.now()
    payments = list(Payment.objects.filter(merchant_order__order=order, status=APPROVED).order_by("pk"))
    content = freeze(order, payments, number=number, issued_at=now)
    return Receipt.objects.create(
        order=order, store=order.pos.store, sequence=book.last, number=number, content=content, issued_at=now
    )


def draw(receipt: Receipt) -> None:
    """Draw it in every format. The content is frozen, so drawing again gives the same."""
    documents = [
        Document(receipt=receipt, format=format, content=write(receipt.content)) for format, write in WRITERS.items()
    ]
    with transaction.atomic():
        Document.objects.bulk_create(
            documents, update_conflicts=True, unique_fields=["receipt", "format"], update_fields=["content"]
        )
        is_first = Receipt.objects.undrawn().filter(pk=receipt.pk).update(drawn_at=timezone.now())
        if is_first:
            announce(Order.objects.with_site().get(pk=receipt.order_id), "order.updated")
        else:
            Receipt.objects.filter(pk=receipt.pk).update(drawn_at=timezone.now())


def orders_without(*, closed_within: timedelta) -> list[int]:
    """Closed orders that have no drawn receipt although a worker was woken a while ago."""
    now = timezone.now()
    closed = Order.objects.filter(closed_at__gt=now - closed_within, closed_at__lt=now - timedelta(seconds=5))
    return list(closed.filter(receipt__drawn_at=None).values_list("pk", flat=True)[:500])
