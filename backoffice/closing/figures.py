"""The figures of a day, point of sale by point of sale. Sums only: frozen as JSON when a day is closed."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from decimal import Decimal
from typing import Any

from backoffice.closing.gathering import Entries, Entry
from pos.models import PointOfSale


@dataclass(frozen=True, slots=True)
class HandedIn:
    """What a pump says."""

    amount: Decimal
    volume: Decimal | None


@dataclass(slots=True)
class Figures:
    """Of one point of sale, or of all. `refunded` holds what went back from outside, too."""

    pos: int = 0
    name: str = ""
    orders: int = 0
    sold: Decimal = Decimal(0)
    payments: int = 0
    paid: Decimal = Decimal(0)
    refunds: int = 0
    refunded: Decimal = Decimal(0)
    chargebacks: int = 0
    charged_back: Decimal = Decimal(0)
    handed_in: Decimal | None = None
    volume: Decimal | None = None
    expected: Decimal | None = None  # in a sum: what was sold at the pumps that handed in

    @property
    def difference(self) -> Decimal:
        """Payments beyond what was sold."""
        return self.paid - self.sold

    @property
    def kept(self) -> Decimal:
        """What is left of the day's payments after what went back."""
        return self.paid - self.refunded - self.charged_back

    @property
    def pump_difference(self) -> Decimal | None:
        """None in a sum where a pump that sold something handed in nothing: it would not be about all that was sold."""
        if self.handed_in is None or self.expected not in (None, self.sold):
            return None
        return self.handed_in - self.sold

    def frozen(self) -> dict[str, Any]:
        return {name: str(v) if isinstance(v, Decimal) else v for name, v in asdict(self).items()}


_MONEY = ("sold", "paid", "refunded", "charged_back", "handed_in", "volume", "expected")
_OF_PUMPS = ("handed_in", "volume", "expected")
_SUMS = tuple(field.name for field in fields(Figures) if field.name not in ("pos", "name", *_OF_PUMPS))


def thawed(kept: Mapping[str, Any]) -> Figures:
    values: dict[str, Any] = {n: Decimal(v) if n in _MONEY and v is not None else v for n, v in kept.items()}
    return Figures(**values)


def add_up(entries: Entries, points: Iterable[PointOfSale], pumps: Mapping[int, HandedIn]) -> list[Figures]:
    """One for each of the points of sale, in their order."""
    found = {pos.pk: Figures(pos=pos.pk, name=str(pos)) for pos in points}
    for name, total, rows in (
        ("orders", "sold", entries.orders),
        ("payments", "paid", entries.payments),
        ("refunds", "refunded", entries.refunds),
        ("refunds", "refunded", entries.outside),
        ("chargebacks", "charged_back", entries.chargebacks),
    ):
        for entry in rows.values():
            _count(found[entry.pos], name, total, entry)
    for pos, pump in pumps.items():
        found[pos].handed_in, found[pos].volume = pump.amount, pump.volume
    return list(found.values())


def _count(figures: Figures, name: str, total: str, entry: Entry) -> None:
    setattr(figures, name, getattr(figures, name) + 1)
    setattr(figures, total, getattr(figures, total) + entry.amount)


def total(rows: Iterable[Figures]) -> Figures:
    """Of all points of sale. Pumps that handed in nothing are not compared: their total is unknown, not zero."""
    rows, whole = list(rows), Figures()
    for name in _SUMS:
        setattr(whole, name, sum((getattr(row, name) for row in rows), getattr(whole, name)))
    for name in ("handed_in", "volume"):
        known = [value for row in rows if (value := getattr(row, name)) is not None]
        setattr(whole, name, sum(known, Decimal(0)) if known else None)
    whole.expected = sum((row.sold for row in rows if row.handed_in is not None), Decimal(0))
    return whole
