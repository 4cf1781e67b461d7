"""What the polled URL says to Mercado Pago: a situation, in one of the two wire dialects (protocol.md §1.2, §1.3)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any

import simplejson

from gateway import loyalty

LONGEST = 256  # characters of a title or a description; none is documented, this is what the reference may have


class Dialect(StrEnum):
    """V1: 400 and an error type. V2: 202 and a status detail."""

    V1 = "v1"
    V2 = "v2"

    @property
    def other(self) -> "Dialect":
        return Dialect.V1 if self is Dialect.V2 else Dialect.V2


class Situation(StrEnum):
    """How things stand at a point of sale without an order to pay."""

    UNKNOWN = "unknown"
    IN_PROCESS = "in_process"
    NOTHING = "nothing"
    PAID = "paid"
    UNREACHABLE = "unreachable"


@dataclass(frozen=True, slots=True)
class Words:
    """The literals of V2, as published, misspelt in all languages; what the live service wants is unknown (§12.3)."""

    in_process: str = "in_process"
    nothing_to_pay: str = "notihing_to_pay"
    waiting_for_order: str = "Waiting_for_order"
    order_version: str = "2"


@dataclass(frozen=True, slots=True)
class Line:
    """One item as the customer sees it. On the wire: one piece at `amount`, with litres and price in the title."""

    title: str
    amount: Decimal
    description: str = ""
    sku_number: str = ""
    category: str = ""


@dataclass(frozen=True, slots=True)
class Offer:
    """An order that is ready to be paid. Amounts in `currency`, with its decimals.

    V2 only: `taxes` (`type`, `value`, `percentage`, all texts) and, of accounts connected by OAuth, `client_id` (the
    user id of the application's account) and `marketplace_fee`. V1 only: `loyalty`, as `gateway.loyalty` takes it.
    """

    external_reference: str
    currency: str
    lines: Sequence[Line]
    notification_url: str
    collector_id: int
    sponsor_id: int | None = None
    title: str = ""
    description: str = ""
    taxes: Sequence[Mapping[str, str]] = ()
    marketplace_fee: Decimal = Decimal(0)
    client_id: int | None = None
    loyalty: Mapping[str, Any] | None = None

    @property
    def total(self) -> Decimal:
        return sum((line.amount for line in self.lines), Decimal(0))

    def lost_in(self, dialect: Dialect) -> list[str]:
        """What that dialect has no field for."""
        if dialect is Dialect.V2:
            return ["loyalty"] if self.loyalty else []
        has = {"taxes": bool(self.taxes), "marketplace_fee": bool(self.client_id and self.marketplace_fee)}
        return [name for name, is_there in has.items() if is_there]


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer, ready to send. The body is bytes, so that every road to it sends the same ones."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


PUBLISHED = Words()
_V1_TYPES = {
    Situation.UNKNOWN: "invalid",
    Situation.IN_PROCESS: "in_process",
    Situation.NOTHING: "unavailable",
    Situation.PAID: "unavailable",
    Situation.UNREACHABLE: "timeout",
}


def render(said: Offer | Situation, dialect: Dialect, words: Words = PUBLISHED) -> Answer:
    """The answer to a poll."""
    return pay(said, dialect, words) if isinstance(said, Offer) else wait(said, dialect, words)


def wait(situation: Situation, dialect: Dialect, words: Words = PUBLISHED) -> Answer:
    """Nothing to pay yet, and why. An unknown token has no dialect: it is always answered in V1."""
    if dialect is Dialect.V2 and situation is not Situation.UNKNOWN:
        return Answer(202, _encode({"status": {"status_detail": _detail(situation, words)}}))
    return Answer(400, _encode({"error": {"type": _V1_TYPES[situation]}}))


def pay(offer: Offer, dialect: Dialect, words: Words = PUBLISHED) -> Answer:
    """The order, for the customer to pay."""
    if dialect is Dialect.V1:
        return Answer(200, _encode(_v1(offer)))
    headers = {"order-version": words.order_version}
    if offer.client_id is not None:
        headers["client-id"] = str(offer.client_id)
    return Answer(200, _encode(_v2(offer)), headers)


def _detail(situation: Situation, words: Words) -> str:
    if situation is Situation.PAID:
        return words.nothing_to_pay
    return words.waiting_for_order if situation is Situation.NOTHING else words.in_process


def _v1(offer: Offer) -> dict[str, Any]:
    body: dict[str, Any] = {"collector_id": offer.collector_id}
    if offer.sponsor_id is not None:
        body["sponsor_id"] = offer.sponsor_id
    body |= {
        "items": [
            {
                "title": line.title[:LONGEST],
                "currency_id": offer.currency,
                "description": (line.description or line.title)[:LONGEST],
                "quantity": 1,
                "unit_price": line.amount,
            }
            for line in offer.lines
        ],
        "external_reference": offer.external_reference,
        "notification_url": offer.notification_url,
    }
    return body | {"loyalty": loyalty.body(offer.loyalty)} if offer.loyalty else body


def _v2(offer: Offer) -> dict[str, Any]:
    title = offer.title or offer.lines[0].title
    body: dict[str, Any] = {
        "external_reference": offer.external_reference,
        "total_amount": offer.total,
        "items": [_v2_item(line) for line in offer.lines],
        "title": title[:LONGEST],
        "description": (offer.description or title)[:LONGEST],
        "notification_url": offer.notification_url,
    }
    if offer.sponsor_id is not None:
        body["sponsor"] = {"id": offer.sponsor_id}
    if offer.taxes:
        body["taxes"] = [{name: tax[name] for name in ("type", "value", "percentage")} for tax in offer.taxes]
    if offer.client_id is not None and offer.marketplace_fee:
        body["marketplace_fee"] = offer.marketplace_fee
    return body


def _v2_item(line: Line) -> dict[str, Any]:
    return {
        "sku_number": line.sku_number,
        "category": line.category,
        "title": line.title[:LONGEST],
        "description": (line.description or line.title)[:LONGEST],
        "quantity": 1,
        "unit_measure": "unit",  # the only documented one, and true of one piece: litres stand in the title
        "unit_price": line.amount,
        "total_amount": line.amount,
    }


def _encode(body: Mapping[str, Any]) -> bytes:
    return simplejson.dumps(body, use_decimal=True, separators=(",", ":")).encode()
