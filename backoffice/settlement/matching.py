"""Rows of a report beside our payments and refunds, some hundred at once."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from django.db.models import Q
from django.utils.translation import gettext_noop

from backoffice.models import Fate, RowKind, SettlementRow, SettlementRun
from backoffice.settlement.columns import Parsed
from orders.models import Order, Payment, Refund
from orders.states import CHARGED_BACK

COUNTED: Final = (Fate.MATCHED, Fate.AMOUNT_DIFFERS, Fate.DOES_NOT_ADD_UP)
_NOT_CHARGED_BACK = gettext_noop("not known as charged back here")


@dataclass(slots=True)
class _Known:
    """What is here of what the rows name."""

    payments: dict[int, Payment]
    refunds: dict[int, list[Refund]]  # by payment
    by_refund: dict[int, Refund]  # by Mercado Pago's id
    orders: dict[str, Order]
    told: set[tuple[int, str]]  # payment and kind, by the other report


def match(run: SettlementRun, parsed: Sequence[Parsed]) -> list[SettlementRow]:
    """With the fate of each. They are not saved."""
    known = _known(run, parsed)
    return [_row(run, one, known) for one in parsed]


def _known(run: SettlementRun, parsed: Sequence[Parsed]) -> _Known:
    ids = {int(one.source_id) for one in parsed if one.source_id.isdecimal() and len(one.source_id) < 19}
    of_account = Refund.objects.filter(payment__account=run.account)
    refunds = list(
        of_account.filter(Q(payment__remote_id__in=ids) | Q(remote_id__in=ids)).select_related("payment", "request")
    )
    rows = Payment.objects.filter(account=run.account, remote_id__in=ids).select_related("merchant_order")
    payments = {payment.remote_id: payment for payment in rows}
    references = {one.external_reference.upper() for one in parsed if one.external_reference}
    orders = Order.objects.filter(external_reference__in=references, pos__account=run.account)
    of_payment: dict[int, list[Refund]] = defaultdict(list)
    for refund in refunds:
        of_payment[refund.payment_id].append(refund)
    told = SettlementRow.objects.filter(payment__in=payments.values(), fate__in=COUNTED)
    told = told.exclude(report__in={one.report for one in parsed})
    return _Known(
        payments, of_payment, {refund.remote_id: refund for refund in refunds if refund.remote_id},
        {order.external_reference: order for order in orders}, set(told.values_list("payment", "kind")),
    )  # fmt: skip


def _row(run: SettlementRun, one: Parsed, known: _Known) -> SettlementRow:
    row = SettlementRow(
        run=run, account=run.account, key=one.key, report=one.report, number=one.number, kind=one.kind, word=one.word,
        source_id=one.source_id, external_reference=one.external_reference, at=one.at, gross=one.gross, fees=one.fees,
        taxes=one.taxes, net=one.net,
    )  # fmt: skip
    _find(row, one, known)
    row.fate = _fate(row, one, known)
    return row


def _find(row: SettlementRow, one: Parsed, known: _Known) -> None:
    number = int(one.source_id) if one.source_id.isdecimal() else 0
    if one.kind == RowKind.REFUND and (refund := known.by_refund.get(number)):
        row.refund, row.payment = refund, refund.payment
    else:
        row.payment = known.payments.get(number)
    if row.payment and one.kind == RowKind.REFUND and row.refund is None:
        alike = [refund for refund in known.refunds[row.payment.pk] if refund.amount == abs(one.gross)]
        row.refund = alike[0] if len(alike) == 1 else None
    if row.payment:
        row.order_id = row.payment.merchant_order.order_id
    else:
        row.order = known.orders.get(one.external_reference.upper())


def _fate(row: SettlementRow, one: Parsed, known: _Known) -> Fate:
    payment = row.payment
    if payment is None:
        return Fate.UNKNOWN_PAYMENT if row.order and one.kind != RowKind.OTHER else Fate.NOT_OURS
    if (payment.pk, one.kind) in known.told:
        return Fate.TOLD_BEFORE
    here = _amount_here(one.kind, payment, row.refund)
    if here is not None and here != abs(one.gross):
        row.note = f"{here} ≠ {abs(one.gross)}"
        return Fate.AMOUNT_DIFFERS
    if one.kind == RowKind.CHARGEBACK and payment.status != CHARGED_BACK:
        row.note = _NOT_CHARGED_BACK
    return Fate.MATCHED if one.adds_up else Fate.DOES_NOT_ADD_UP


def _amount_here(kind: RowKind, payment: Payment, refund: Refund | None) -> Decimal | None:
    """What the row's gross amount should be; None where nothing here says."""
    amounts: dict[RowKind, Decimal] = {
        RowKind.PAYMENT: payment.amount,
        RowKind.REFUND: refund.amount if refund else payment.refunded,
    }
    return amounts.get(kind)
