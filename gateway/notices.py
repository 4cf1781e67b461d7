"""What a delivery from Mercado Pago is about. Its body is a hint only: the resource is fetched (protocol.md §4)."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

MERCHANT_ORDER = "merchant_order"
PAYMENT = "payment"
_ALIASES = {"topic_merchant_order_wh": MERCHANT_ORDER, "merchant_orders": MERCHANT_ORDER}
_TOPIC = re.compile(r"[A-Za-z0-9_.-]{1,40}")
_DIGITS = re.compile(r"[0-9]{1,18}")  # ids exceed 32 bits; longer ones are no ids


@dataclass(frozen=True, slots=True)
class Notice:
    """`topic` in one spelling for both wire shapes; `resource_id` is None where there is no plain number."""

    topic: str
    resource_id: int | None


def parse(query: Mapping[str, str], body: bytes) -> Notice:
    """The IPN shape (`?topic&id`), the webhook shape (`?type&data.id`), or either in the body only."""
    content = _object(body)
    topic = str(query.get("type") or query.get("topic") or content.get("type") or content.get("topic") or "")
    topic = _ALIASES.get(topic, topic)
    data = content.get("data")
    candidates: list[object] = [query.get("data.id"), query.get("id")]
    candidates.append(data.get("id") if isinstance(data, dict) else None)
    if topic == MERCHANT_ORDER:
        candidates.append(content.get("id"))  # elsewhere the top-level id is the delivery's own
    candidates.append(str(content.get("resource") or "").rstrip("/").rpartition("/")[2])
    return Notice(topic if _TOPIC.fullmatch(topic) else "", next(map(_id, filter(None, candidates)), None))


def _id(candidate: object) -> int | None:
    text = str(candidate)
    return int(text) if _DIGITS.fullmatch(text) else None


def _object(body: bytes) -> dict[str, Any]:
    try:
        content = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}
