"""On a queue of their own (`receipts`): drawing never delays what an order's status waits for."""

import logging
from collections.abc import Sequence
from datetime import timedelta

from celery import shared_task
from django.db import transaction
from django.utils import timezone

from orders.models import Order, RefundRequest
from pos.strangers import with_strangers
from receipts import mailing, printing, services, spooling
from receipts.models import Printer, PrintJob, Receipt, ReceiptMail
from receipts.states import JobState, PrinterKind, PrinterState
from stores.doorbell import Doorbell, in_messages
from stores.queues import depths
from stores.tracing import following

logger = logging.getLogger(__name__)
BATCH = 50
_QUEUE, _LONG = "receipts", 50  # messages: so many hold most of what a sweep would find
_MANY, _FEW = 500, 20  # receipts that a sweep wakes: usually; into a queue that is long


@shared_task
def issue_receipt(order_id: int) -> None:
    order = Order.objects.with_site().select_related("pos__store__logo").get(pk=order_id)
    with following(**order.in_logs):
        _draw_and_print(services.issue(order))


@shared_task
def issue_receipts(order_ids: list[int]) -> None:
    """One that fails does not hurt the others: the sweep finds it."""
    for order_id in order_ids:
        try:
            issue_receipt(order_id)
        except Exception:
            logger.exception("order %s has no receipt yet", order_id)


def wake(order_ids: Sequence[int]) -> None:
    for some in in_messages(order_ids, few=1):  # drawing keeps one processor busy, whatever the number of threads
        issue_receipts.delay(some)


doorbell = Doorbell(wake)


def print_new(receipt: Receipt) -> None:
    """On the printers that print by themselves."""
    for job in printing.print_automatically(receipt):
        wake_printer(job.printer)


def wake_printer(printer: Printer) -> None:
    """As soon as this is committed. An agent looks by itself."""
    if printer.kind == PrinterKind.NETWORK:
        transaction.on_commit(lambda: print_due.delay(printer.pk), robust=True)


@shared_task
def issue_slip(request_id: int) -> None:
    request = RefundRequest.objects.select_related(
        "order__receipt", "order__pos__store__account", "order__pos__store__logo"
    ).get(pk=request_id)
    if hasattr(request.order, "receipt"):  # else there is nothing to refer to; the sweep finds it when there is
        with following(**request.order.in_logs):
            _draw_and_print(services.issue_slip(request))


def _draw_and_print(receipt: Receipt) -> None:
    """Sweeps wake what waits in the queue already: what was drawn meanwhile is not drawn again."""
    if receipt.drawn_at is None:
        services.draw(receipt)
    print_new(receipt)


@shared_task
def sweep() -> None:
    """Wake the receipts and slips nobody was woken for. Looks back an hour, because it looks often."""
    _wake(timedelta(hours=1))


@shared_task
def sweep_everything() -> None:
    """The same after a long outage."""
    _wake(timedelta(days=365))


def _wake(within: timedelta) -> None:
    """Only the oldest few into a queue that is long: what waits in there would make it longer with each round.

    Those few, since a message may be lost also then, and a queue may stay long for hours.
    """
    is_long = any(one.messages > _LONG for one in depths() if one.queue == _QUEUE)
    most = _FEW if is_long else _MANY
    wake(services.orders_without(closed_within=within, most=most))
    for request_id in services.requests_without(approved_within=within, most=most):
        issue_slip.delay(request_id)


@shared_task
def sweep_printers() -> None:
    """Wake every printer that has something to print, and look after what was left behind."""
    now = timezone.now()
    spooling.tidy(now)
    network = Printer.objects.active().filter(kind=PrinterKind.NETWORK)
    for printer_id in network.filter(jobs__in=PrintJob.objects.due(now)).distinct().values_list("pk", flat=True):
        print_due.apply_async((printer_id,), expires=5)


@shared_task
def sweep_new_receipts() -> None:
    """Print those that a worker drew but did not come to print."""
    for receipt in printing.receipts_left_out():
        print_new(receipt)


@shared_task
@with_strangers
def print_due(printer_id: int) -> None:
    """What one network printer has to print, one after the other, as long as it goes well."""
    spooling.print_waiting(Printer.objects.get(pk=printer_id), most=BATCH)


@shared_task
def look_at_printers() -> None:
    """Ask those that are in trouble, or never printed, whether they are well now."""
    network = Printer.objects.active().filter(kind=PrinterKind.NETWORK).exclude(state=PrinterState.READY)
    network = network.exclude(jobs__in=PrintJob.objects.filter(state=JobState.SENDING))
    for printer_id in network.values_list("pk", flat=True):
        look_at_printer.apply_async((printer_id,), expires=30)


@shared_task
@with_strangers
def look_at_printer(printer_id: int) -> None:
    spooling.look(Printer.objects.get(pk=printer_id))


@shared_task
def sweep_mails() -> None:
    """Wake every receipt that is to be sent by e-mail."""
    for mail_id in ReceiptMail.objects.due(timezone.now()).values_list("pk", flat=True)[:BATCH]:
        send_mail.apply_async((mail_id,), expires=10)


@shared_task
@with_strangers
def send_mail(mail_id: int) -> None:
    mailing.send(ReceiptMail.objects.select_related("receipt__store").get(pk=mail_id))
