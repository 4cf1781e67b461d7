"""What can be exported, and the columns of each. Read as plain values: a million objects would cost minutes."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.db.models import Expression, Model, QuerySet
from django.db.models.functions import Coalesce

from backoffice.exports.cells import cell, money
from orders.models import WHO_DECIDED, Order, Payment, Refund, RefundRequest, Transition
from receipts.models import Receipt

_CHUNK: Final = 2000  # rows that the database hands over at once
Write = Callable[[Any, str, ZoneInfo], str]


def _plain(value: Any, _currency: str, zone: ZoneInfo) -> str:
    return cell(value, zone)


def _money(value: Any, currency: str, _zone: ZoneInfo) -> str:
    return money(value, currency)


@dataclass(frozen=True, slots=True)
class Table:
    """`columns` are names for people's spreadsheets and programs, with where or what the value is; `amounts` are money.

    Moments are those of the store's clocks, with their distance from UTC: a spreadsheet of a day is that store's day.
    """

    model: type[Model]
    store: str  # the way to the store
    currency: str  # and to the currency; empty when there is no money in it
    columns: dict[str, str | Expression]
    amounts: frozenset[str] = frozenset()

    def rows(self, chosen: QuerySet[Any]) -> Iterator[Sequence[str]]:
        """As cells, oldest first, from a cursor of the database's."""
        writes: list[Write] = [_money if name in self.amounts else _plain for name in self.columns]
        of_all = (self.currency or "pk", f"{self.store}__time_zone")
        values = chosen.order_by("pk").values_list(*of_all, *self.columns.values())
        for code, zone, *row in values.iterator(chunk_size=_CHUNK):
            clock = ZoneInfo(zone)
            yield [write(value, code, clock) for write, value in zip(writes, row, strict=True)]


_OF_PAYMENT = "merchant_order__order"
_OF_REFUND = "request__order"
# A refund's slip has no order of its own: it is of the receipt of one.
_ORDER_OF_RECEIPT = Coalesce("order__external_reference", "of__order__external_reference")

TABLES: Final = {
    "orders": Table(
        Order, "pos__store", "currency",
        {
            "order": "external_reference", "reference": "reference", "store": "pos__store__external_id",
            "point_of_sale": "pos__external_id", "status": "status", "payment_status": "payment_status",
            "attention": "attention", "currency": "currency", "total": "total_amount", "paid": "paid_amount",
            "refunded": "refunded_amount", "created_at": "created_at", "closed_at": "closed_at", "title": "title",
        },
        frozenset({"total", "paid", "refunded"}),
    ),
    "payments": Table(
        Payment, f"{_OF_PAYMENT}__pos__store", f"{_OF_PAYMENT}__currency",
        {
            "payment": "remote_id", "merchant_order": "merchant_order__remote_id",
            "order": f"{_OF_PAYMENT}__external_reference", "store": f"{_OF_PAYMENT}__pos__store__external_id",
            "point_of_sale": f"{_OF_PAYMENT}__pos__external_id", "status": "status", "status_detail": "status_detail",
            "currency": f"{_OF_PAYMENT}__currency", "amount": "amount", "refunded": "refunded",
            "approved_at": "approved_at",
        },
        frozenset({"amount", "refunded"}),
    ),
    "refunds": Table(
        Refund, f"{_OF_REFUND}__pos__store", f"{_OF_REFUND}__currency",
        {
            "refund": "remote_id", "payment": "payment__remote_id", "order": f"{_OF_REFUND}__external_reference",
            "store": f"{_OF_REFUND}__pos__store__external_id",
            "point_of_sale": f"{_OF_REFUND}__pos__external_id", "status": "status",
            "currency": f"{_OF_REFUND}__currency", "amount": "amount", "made_at": "made_at",
            "asked_by": "request__actor", "reason": "request__reason", "error": "error",
        },
        frozenset({"amount"}),
    ),
    "refund-requests": Table(
        RefundRequest, "order__pos__store", "order__currency",
        {
            "created_at": "created_at", "order": "order__external_reference",
            "store": "order__pos__store__external_id", "currency": "order__currency", "amount": "amount",
            "status": "status", "reason": "reason", "asked_by": "actor", "decided_by": WHO_DECIDED,
        },
        frozenset({"amount"}),
    ),
    "receipts": Table(
        Receipt, "store", "",
        {
            "number": "number", "kind": "kind", "store": "store__external_id", "order": _ORDER_OF_RECEIPT,
            "of_receipt": "of__number", "issued_at": "issued_at",
        },
    ),
    "transitions": Table(
        Transition, "order__pos__store", "",
        {
            "at": "at", "order": "order__external_reference", "store": "order__pos__store__external_id",
            "from": "from_status", "to": "to_status", "reason": "reason", "by": "actor",
        },
    ),
}  # fmt: skip
