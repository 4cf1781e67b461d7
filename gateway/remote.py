"""Mercado Pago's answers as types. Fields it omits on young orders get their empty value (protocol.md §5, §6)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Self

from gateway.errors import NotUnderstood

Json = Mapping[str, Any]
_TOO_MUCH = Decimal(10**12)
_TOO_LONG = 2**63


@dataclass(frozen=True, slots=True)
class RemotePayment:
    """A payment as Mercado Pago reports it. Amounts in `currency`; `refunded` is part of `amount`."""

    id: int
    status: str
    amount: Decimal
    refunded: Decimal
    currency: str
    status_detail: str = ""
    operation_type: str = ""
    approved_at: datetime | None = None
    updated_at: datetime | None = None
    merchant_order_id: int | None = None
    external_reference: str = ""
    collector_id: int | None = None

    @classmethod
    def parse(cls, data: Json) -> Self:
        """From merchant_order.payments[] or /v1/payments, which have different names for some things."""
        with _understood("payment", data):
            status, amount = str(data["status"]), _money(data["transaction_amount"])
            refunded = _money(data.get("amount_refunded") or data.get("transaction_amount_refunded"))
            if refunded > amount:
                raise ValueError(f"{refunded} of {amount} refunded")
            return cls(
                id=_id(data["id"]),
                status=status,
                amount=amount,
                refunded=amount if status == "refunded" else refunded,
                currency=str(data.get("currency_id") or ""),
                status_detail=str(data.get("status_detail") or ""),
                operation_type=str(data.get("operation_type") or ""),
                approved_at=_moment(data.get("date_approved")),
                updated_at=_moment(data.get("last_modified") or data.get("date_last_updated")),
                merchant_order_id=_number((data.get("order") or {}).get("id")),
                external_reference=str(data.get("external_reference") or ""),
                collector_id=_number(data.get("collector_id")),
            )


@dataclass(frozen=True, slots=True)
class RemoteUser:
    """Whose token it is, by GET /users/me. `is_test_user` is None when Mercado Pago does not say.

    Mercado Libre documents `id`, `site_id` and the tag `test_user` (developers.mercadolibre.com.ar, Manage users);
    Mercado Pago answers at the same path, but has no page of its own about it.
    """

    id: int
    site_id: str = ""
    is_test_user: bool | None = None

    @classmethod
    def parse(cls, data: Json) -> Self:
        with _understood("user", data):
            tags = data.get("tags")
            return cls(
                id=_id(data["id"]),
                site_id=str(data.get("site_id") or ""),
                is_test_user="test_user" in tags if isinstance(tags, list) and tags else None,
            )


@dataclass(frozen=True, slots=True)
class RemoteRefund:
    """A refund of one payment, in the payment's currency."""

    id: int
    amount: Decimal
    status: str
    created_at: datetime | None = None

    @classmethod
    def parse(cls, data: Json) -> Self:
        with _understood("refund", data):
            return cls(
                id=_id(data["id"]),
                amount=_money(data["amount"]),
                status=str(data.get("status") or "approved"),
                created_at=_moment(data.get("date_created")),
            )


@dataclass(frozen=True, slots=True)
class RemoteMerchantOrder:
    """One of the merchant orders Mercado Pago made for an order of ours: every scan makes one.

    `asked_at` is when we asked: of two answers with one `updated_at` the one that was asked for later is newer.
    """

    id: int
    status: str
    order_status: str
    external_reference: str
    collector_id: int | None
    total: Decimal
    payments: Sequence[RemotePayment] = field(default_factory=tuple)
    created_at: datetime | None = None
    updated_at: datetime | None = None
    asked_at: datetime = field(default_factory=lambda: datetime.now(UTC))

    @classmethod
    def parse(cls, data: Json, *, asked_at: datetime | None = None) -> Self:
        """From GET /merchant_orders/{id} or one of `elements`."""
        with _understood("merchant order", data):
            return cls(
                id=_id(data["id"]),
                status=str(data["status"]),
                order_status=str(data.get("order_status") or ""),
                external_reference=str(data.get("external_reference") or ""),
                collector_id=_number((data.get("collector") or {}).get("id")),
                total=_money(data.get("total_amount")),
                payments=tuple(RemotePayment.parse(payment) for payment in data.get("payments") or ()),
                created_at=_moment(data.get("date_created")),
                updated_at=_moment(data.get("last_updated")),
                asked_at=asked_at or datetime.now(UTC),
            )


@dataclass(frozen=True, slots=True)
class RemoteStore:
    """A store as Mercado Pago holds it. Its lists may leave the address out: then those fields are None."""

    id: int
    external_id: str
    name: str = ""
    latitude: Decimal | None = None
    longitude: Decimal | None = None
    business_hours: Mapping[str, Any] | None = None

    @classmethod
    def parse(cls, data: Json) -> Self:
        with _understood("store", data):
            location = data.get("location") or {}
            return cls(
                id=_id(data["id"]),
                external_id=str(data.get("external_id") or ""),
                name=str(data.get("name") or ""),
                latitude=_degrees(location.get("latitude")),
                longitude=_degrees(location.get("longitude")),
                business_hours=data.get("business_hours"),
            )


@dataclass(frozen=True, slots=True)
class RemotePos:
    """A point of sale as Mercado Pago holds it, with its QR pictures (URLs)."""

    id: int
    external_id: str
    url: str
    qr_image: str
    qr_template_document: str
    qr_template_image: str
    name: str = ""
    category: int | None = None
    external_store_id: str = ""
    fixed_amount: bool = False

    @classmethod
    def parse(cls, data: Json) -> Self:
        with _understood("point of sale", data):
            qr = data.get("qr") or {}
            return cls(
                id=_id(data["id"]),
                external_id=str(data.get("external_id") or ""),
                url=str(data.get("url") or ""),
                qr_image=str(qr.get("image") or ""),
                qr_template_document=str(qr.get("template_document") or ""),
                qr_template_image=str(qr.get("template_image") or ""),
                name=str(data.get("name") or ""),
                category=_number(data.get("category")),
                external_store_id=str(data.get("external_store_id") or ""),
                fixed_amount=data.get("fixed_amount") is True,
            )


class _understood:
    """Turns a missing or unreadable field into the error that says what was not understood."""

    def __init__(self, noun: str, data: object) -> None:
        self.noun, self.data = noun, data

    def __enter__(self) -> None:
        if not isinstance(self.data, Mapping):
            raise NotUnderstood(f"Mercado Pago's {self.noun} is not an object")

    def __exit__(self, kind: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, KeyError | ValueError | TypeError | AttributeError | InvalidOperation):
            raise NotUnderstood(f"Mercado Pago's {self.noun} is not understood: {error!r}") from error


def _money(value: object) -> Decimal:
    amount = Decimal(str(value or 0))
    if not amount.is_finite() or not 0 <= amount < _TOO_MUCH or amount != round(amount, 2):
        raise ValueError(f"{value!r} is no amount")
    return amount


def _id(value: object) -> int:
    number = int(str(value))
    if not 0 < number < _TOO_LONG:
        raise ValueError(f"{value!r} is no id")
    return number


def _number(value: object) -> int | None:
    return _id(value) if value else None


def _degrees(value: object) -> Decimal | None:
    return None if value is None else Decimal(str(value))


def _moment(value: object) -> datetime | None:
    """ISO 8601 with an offset; several shapes are seen in the field (protocol.md §3)."""
    moment = datetime.fromisoformat(str(value)) if value else None
    return moment if moment and moment.tzinfo else None
