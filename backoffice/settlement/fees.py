"""What Mercado Pago took of the payments of a day, as far as its reports tell."""

from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, Sum

from backoffice.closing.gathering import Span, payments_of
from backoffice.models import RowKind, SettlementRow
from backoffice.settlement.matching import COUNTED


@dataclass(frozen=True, slots=True)
class Fees:
    """Of one point of sale, or of all: of how many payments it is known, and what was taken. Costs are negative."""

    pos: int | None
    name: str
    payments: int
    gross: Decimal
    fees: Decimal
    taxes: Decimal
    net: Decimal


def of_span(span: Span) -> list[Fees]:
    """By point of sale, those without any left out."""
    rows = SettlementRow.objects.filter(kind=RowKind.PAYMENT, fate__in=COUNTED, payment__in=payments_of(span))
    sums = {name: Sum(name) for name in ("gross", "fees", "taxes", "net")}
    found = rows.order_by("order__pos__name").values_list("order__pos", "order__pos__name")
    return [Fees(*row) for row in found.annotate(payments=Count("pk"), **sums)]


def total(rows: list[Fees]) -> Fees:
    zero = Decimal(0)
    return Fees(
        None, "", sum(row.payments for row in rows), sum((row.gross for row in rows), zero),
        sum((row.fees for row in rows), zero), sum((row.taxes for row in rows), zero),
        sum((row.net for row in rows), zero),
    )  # fmt: skip
