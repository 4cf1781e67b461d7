"""What is not any more as it was frozen: news that came after a close. It changes no figure."""

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from backoffice.closing.gathering import Entries, Entry
from backoffice.models import ClosingLine, LineKind

_SIGNS = {"orders": 1, "payments": 1, "refunds": -1, "chargebacks": -1, "outside": -1}
_KINDS = {
    "orders": LineKind.LATE_ORDER,
    "payments": LineKind.LATE_PAYMENT,
    "refunds": LineKind.LATE_REFUND,
    "chargebacks": LineKind.LATE_CHARGEBACK,
    "outside": LineKind.LATE_OUTSIDE,
}


def news(then: Entries, now: Entries) -> list[ClosingLine]:
    """A line for each row that was not counted at the close, or not with this amount, and for each that is gone."""
    return [line for what in _KINDS for line in _of(what, getattr(then, what), getattr(now, what))]


def sums(lines: Iterable[ClosingLine]) -> dict[str, Any]:
    """As JSON, by kind: how many lines, and what they come to."""
    found: dict[str, tuple[int, Decimal]] = {}
    for line in lines:
        count, amount = found.get(line.kind, (0, Decimal(0)))
        found[str(line.kind)] = count + 1, amount + line.amount
    return {kind: [count, str(amount)] for kind, (count, amount) in sorted(found.items())}


def _of(what: str, then: Mapping[int, Entry], now: Mapping[int, Entry]) -> Iterator[ClosingLine]:
    sign = _SIGNS[what]
    for pk, entry in now.items():
        before = then.get(pk)
        if before is None or before.amount != entry.amount:
            change = entry.amount - (before.amount if before else 0)
            yield _line(what, _KINDS[what], entry, sign * change)
    for pk, entry in then.items():
        if pk not in now:
            yield _line(what, LineKind.GONE, entry, -sign * entry.amount)


def _line(what: str, kind: LineKind, entry: Entry, amount: object) -> ClosingLine:
    behind = {"refunds": {"refund_id": entry.pk}, "orders": {}}.get(what, {"payment_id": entry.pk})
    return ClosingLine(kind=kind, amount=amount, pos_id=entry.pos, order_id=entry.order, **behind)
