"""Contents of receipts without a database."""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from orders.models import Order, Payment, Refund
from orders.states import LoyaltyStatus
from pos.models import PointOfSale
from receipts.layout import Content, Heading, freeze, freeze_refund
from stores.models import Account, Logo, Store

URL = "https://pay.example.com/r/1234567.AbCdEfGhIjKlMnOpQrStUvWxYz0123456789AbCdEfG"


IMAGES = {"logo": (Path(__file__).parent / "golden" / "logo.png").read_bytes()}


def item(title: str = "Nafta Súper", quantity: str = "10.333", price: str = "1248.39", total: str = "12899.61",
         unit: str = "L") -> dict[str, str]:  # fmt: skip
    return {"title": title, "quantity": quantity, "unit_measure": unit, "unit_price": price, "total_amount": total}


def store(site: str = "MLA", *, language: str = "", picture: bool = False, **more: Any) -> Store:
    account = Account(site_code=site, user_id=178106235)
    address = {"street": "Caseros", "number": "3039", "city": "Belgrano", "state": "Capital Federal"}
    return Store(
        account=account, time_zone=account.site.time_zone, receipt_language=language,
        logo=Logo(sha256="logo") if picture else None, **({"name": "Estación Caseros"} | address | more),
    )  # fmt: skip


def sale(
    items: list[dict[str, str]] | None = None,
    *,
    at: Store | None = None,
    points: int | None = None,
    has_loyalty: bool = False,
    taxes: list[dict[str, str]] | None = None,
    reference: str = "T-812",
    paid: list[str] | None = None,
) -> Content:
    """The receipt of a sale."""
    items = items or [item()]
    total = sum((Decimal(one["total_amount"]) for one in items), Decimal(0))
    payments = [Payment(remote_id=98765432101 + n, amount=Decimal(p)) for n, p in enumerate(paid or [str(total)])]
    order = _order(at or store(), items, total)
    order.taxes, order.reference = taxes or [], reference
    order.loyalty = {"program": "serviclub"} if has_loyalty else None
    if points is not None:
        order.loyalty_status, order.loyalty_points = LoyaltyStatus.ACCREDITED, points
    return freeze(order, payments, heading("0001-00000007"))


def refund(amounts: tuple[str, ...] = ("5000.00",), *, at: Store | None = None) -> Content:
    """The slip of a refund."""
    order = _order(at or store(), [item()], Decimal("12899.61"))
    refunds = [
        Refund(payment=Payment(remote_id=98765432101 + n), amount=Decimal(amount), remote_id=1245678 + n)
        for n, amount in enumerate(amounts)
    ]
    return freeze_refund(order, refunds, heading("0001-00000007-R1"), receipt="0001-00000007")


def heading(number: str) -> Heading:
    return Heading(number=number, issued_at=datetime(2026, 11, 24, 15, 0, tzinfo=UTC), url=URL)


def _order(at: Store, items: list[dict[str, str]], total: Decimal) -> Order:
    return Order(
        pos=PointOfSale(store=at, name="Surtidor 4"), items=items, total_amount=total,
        external_reference="ABCDEFGHJKLMNPQRSTUVWXYZ", currency=at.account.site.currency,
    )  # fmt: skip
