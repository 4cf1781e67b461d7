"""What the polled URL says to Mercado Pago: a situation, in one of the two wire dialects (protocol.md §1.2, §1.3)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any

import simplejson


class Dialect(StrEnum):
    """V1: 400 and an error type. V2: 202 and a status detail."""

    V1 = "v1"
    V2 = "v2"


class Situation(StrEnum):
    """How things stand at a point of sale without an order to pay."""

    UNKNOWN = "unknown"
    IN_PROCESS = "in_process"
    NOTHING = "nothing"
    PAID = "paid"
    UNREACHABLE = "unreachable"


@dataclass(frozen=True, slots=True)
class Line:
    """One item as the customer sees it. On the wire: one piece at `amount`, with litres and price in the title."""

    title: str
    amount: Decimal
    description: str = ""
    unit_measure: str = "unit"
    sku_number: str = ""
    category: str = ""


@dataclass(frozen=True, slots=True)
class Offer:
    """An order that is ready to be paid. Amounts in `currency`, with its decimals."""

    external_reference: str
    currency: str
    lines: Sequence[Line]
    notification_url: str
    collector_id: int
    sponsor_id: int | None = None
    title: str = ""
    description: str = ""

    @property
    def total(self) -> Decimal:
        return sum((line.amount for line in self.lines), Decimal(0))


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer, ready to send. The body is bytes, so that every road to it sends the same ones."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


_V1_TYPES = {
    Situation.UNKNOWN: "invalid",
    Situation.IN_PROCESS: "in_process",
    Situation.NOTHING: "unavailable",
    Situation.PAID: "unavailable",
    Situation.UNREACHABLE: "timeout",
}
# The spelling of the published documents, in all their languages.
_V2_DETAILS = {
    Situation.IN_PROCESS: "in_process",
    Situation.NOTHING: "Waiting_for_order",
    Situation.PAID: "notihing_to_pay",
    Situation.UNREACHABLE: "in_process",
}


def wait(situation: Situation, dialect: Dialect) -> Answer:
    """Nothing to pay yet, and why. An unknown token has no dialect: it is always answered in V1."""
    if dialect is Dialect.V2 and situation in _V2_DETAILS:
        return Answer(202, _encode({"status": {"status_detail": _V2_DETAILS[situation]}}))
    return Answer(400, _encode({"error": {"type": _V1_TYPES[situation]}}))


def pay(offer: Offer, dialect: Dialect) -> Answer:
    """The order, for the customer to pay."""
    if dialect is Dialect.V2:
        return Answer(200, _encode(_v2(offer)), {"order-version": "2"})
    return Answer(200, _encode(_v1(offer)))


def _v1(offer: Offer) -> dict[str, Any]:
    body: dict[str, Any] = {"collector_id": offer.collector_id}
    if offer.sponsor_id is not None:
        body["sponsor_id"] = offer.sponsor_id
    return body | {
        "items": [
            {
                "title": line.title,
                "currency_id": offer.currency,
                "description": line.description or line.title,
                "quantity": 1,
                "unit_price": line.amount,
            }
            for line in offer.lines
        ],
        "external_reference": offer.external_reference,
        "notification_url": offer.notification_url,
    }


def _v2(offer: Offer) -> dict[str, Any]:
    body: dict[str, Any] = {
        "external_reference": offer.external_reference,
        "total_amount": offer.total,
        "items": [
            {
                "sku_number": line.sku_number,
                "category": line.category,
                "title": line.title,
                "description": line.description or line.title,
                "quantity": 1,
                "unit_measure": line.unit_measure,
                "unit_price": line.amount,
                "total_amount": line.amount,
            }
            for line in offer.lines
        ],
        "title": offer.title or offer.lines[0].title,
        "description": offer.description or offer.title or offer.lines[0].title,
        "notification_url": offer.notification_url,
    }
    if offer.sponsor_id is not None:
        body["sponsor"] = {"id": offer.sponsor_id}
    return body


def _encode(body: Mapping[str, Any]) -> bytes:
    return simplejson.dumps(body, use_decimal=True, separators=(",", ":")).encode()
