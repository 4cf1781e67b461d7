"""What has gone back already of what was paid beyond a sale. As it stands now, so that nobody gives it back twice."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from django.db.models import Sum

from backoffice.models import ClosingLine, LineKind
from orders.models import Refund
from orders.states import Status

# The lines after which somebody may want to give money back.
_KINDS: Final = frozenset(
    {LineKind.OVERPAID, LineKind.CLOSED_BEFORE, LineKind.SOLD_NOTHING, LineKind.STILL_OPEN, LineKind.LATE_PAYMENT}
)
_MOST_AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True)
class Returned:
    """Of one order: what was paid beyond what it was sold for, what of that is back, and what is on its way."""

    beyond: Decimal
    back: Decimal
    on_its_way: Decimal

    @property
    def left(self) -> Decimal:
        return max(self.beyond - self.back - self.on_its_way, Decimal(0))


def returned(lines: Iterable[ClosingLine]) -> Mapping[int, Returned]:
    """By order. Lines hold their orders already."""
    orders = {line.order_id: line.order for line in lines if line.kind in _KINDS and line.order}
    sent = _on_their_way([pk for pk in orders if pk is not None])
    found = {}
    for pk, order in orders.items():
        beyond = order.paid_amount - (order.total_amount if order.status == Status.CLOSED else Decimal(0))
        if pk is not None and beyond > 0:
            found[pk] = Returned(beyond, order.refunded_amount, sent.get(pk, Decimal(0)))
    return found


def _on_their_way(orders: list[int]) -> dict[int, Decimal]:
    found: dict[int, Decimal] = {}
    for start in range(0, len(orders), _MOST_AT_ONCE):
        rows = Refund.objects.unreported().filter(request__order__in=orders[start : start + _MOST_AT_ONCE])
        found |= dict(rows.order_by().values_list("request__order").annotate(total=Sum("amount")))
    return found


def applies_to(line: ClosingLine) -> bool:
    return line.kind in _KINDS
