"""Points in the programs of YPF (Serviclub) and Shell (CTC): Argentina, V1 only (protocol.md §1.2).

The published table of product codes is used to tell fuel from the rest, not to refuse codes: the published sample
itself has one that is not in it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Final, Self

from gateway.errors import NotUnderstood

PROGRAMS: Final = ("serviclub", "CTC")
UNITS: Final = ("litre", "piece")
STATUSES: Final = ("pending", "accredited", "not_applicable", "failure")
FUELS: Final = {"serviclub": {"1", "3", "4", "6", "7", "8"}, "CTC": {"1", "2", "3"}}
NOT_FUELS: Final = {"serviclub": {"0", "11"}, "CTC": {"4", "5", "6", "7"}}
SHOP: Final = {"serviclub": "0", "CTC": "7"}  # sold as one piece at the sum of all that was bought
_NUMBERS = ("quantity", "unit_price")


def is_fuel(program: str, *, code: str, unit: str) -> bool:
    """By the published codes; what is not among them is fuel when it is sold by the litre."""
    if code in FUELS[program]:
        return True
    return unit == "litre" and code not in NOT_FUELS[program]


def body(block: Mapping[str, Any]) -> dict[str, Any]:
    """The block for the wire, with numbers where the document has numbers. It holds them as exact texts."""
    products = [product | {name: Decimal(product[name]) for name in _NUMBERS} for product in block["products"]]
    return {**block, "transaction_amount": Decimal(block["transaction_amount"]), "products": products}


@dataclass(frozen=True, slots=True)
class RemoteLoyalty:
    """What became of a sale's points. `points` only when they are accredited."""

    status: str
    points: int | None = None

    @classmethod
    def parse(cls, data: Mapping[str, Any]) -> Self:
        """From GET /instore/loyalty/{merchant_order_id}."""
        status = data.get("status")
        if status not in STATUSES:
            raise NotUnderstood(f"Mercado Pago's loyalty status is not understood: {status!r}")
        return cls(status=status, points=_points(data.get("total_points")) if status == "accredited" else None)


def _points(value: object) -> int | None:
    """They are numbers in one place of the document and texts in another."""
    try:
        points = None if value is None else Decimal(str(value))
        if points is None or (points == int(points) and abs(points) < 2**31):
            return None if points is None else int(points)
    except (InvalidOperation, ValueError, OverflowError):
        pass
    raise NotUnderstood(f"Mercado Pago's total_points is not understood: {value!r}")
