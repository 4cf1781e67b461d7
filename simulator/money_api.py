"""Merchant orders, payments and refunds (protocol.md §5, §6)."""

from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from simulator import ledger
from simulator.http import Call, Refusal
from simulator.paging import limit_and_offset, page
from simulator.world import Json, stamp, world


class Bound(NamedTuple):
    """An end of a period; the moment itself is inside."""

    field: str
    end: str
    moment: datetime


def me(call: Call) -> tuple[int, Any]:
    """Whose token it is. `site_id` only when it is known: a seller whose country is open is of any."""
    user = {"id": call.user_id, "nickname": f"TESTUSER{call.user_id}", "status": {}}
    return 200, user | ({"site_id": world.site_of(call.user_id)} if world.is_placed(call.user_id) else {})


def read_order(call: Call, *, order_id: int) -> tuple[int, Any]:
    order = world.tables["merchant_orders"].get(str(order_id))
    if order is None or order["collector"]["id"] != call.user_id:
        raise Refusal(404, "not_found", f"merchant_order {order_id} not found")
    return 200, ledger.public(order)


def search_orders(call: Call) -> tuple[int, Any]:
    limit, offset = limit_and_offset(call, code="invalid_format")
    bounds, status = _bounds(call), call.query.get("status", "").lower()
    own = [o for o in _with_reference(call, "merchant_orders") if o["collector"]["id"] == call.user_id]
    found = [o for o in own if status in ("", o["status"]) and all(_is_inside(o, bound) for bound in bounds)]
    elements = [ledger.public(order) for order in found[offset : offset + limit]]
    more = offset + limit < len(found)
    return 200, {"elements": elements or None, "next_offset": offset + limit if more else 0, "total": len(found)}


def read_payment(call: Call, *, payment_id: int) -> tuple[int, Any]:
    return 200, ledger.public_payment(_payment(call, payment_id))


def search_payments(call: Call) -> tuple[int, Any]:
    own = [p for p in _with_reference(call, "payments") if p["collector_id"] == call.user_id]
    return 200, page(call, own, show=ledger.public_payment, code="invalid_format")


def list_refunds(call: Call, *, payment_id: int) -> tuple[int, Any]:
    _payment(call, payment_id)
    return 200, [_refund(r) for r in world.find("refunds", payment_id=payment_id)]


def refund(call: Call, *, payment_id: int) -> tuple[int, Any]:
    payment = _payment(call, payment_id)
    key = call.headers.get("X-Idempotency-Key", "")
    if not key:
        raise Refusal(400, "missing_idempotency_key", "Header X-Idempotency-Key can't be null")
    if again := world.find("refunds", payment_id=payment_id, key=key):
        return 200, _refund(again[0])
    if payment["status"] != "approved":
        raise Refusal(400, "invalid_payment_status", f"a payment that is {payment['status']} cannot be refunded")
    left = Decimal(payment["transaction_amount"]) - Decimal(payment["transaction_amount_refunded"])
    amount = _amount(call.body, left)
    if amount > left:
        raise Refusal(400, "amount_too_large", f"at most {left} can be refunded")
    made = world.add(
        "refunds",
        {"payment_id": payment_id, "amount": amount, "key": key, "status": "approved", "date_created": stamp()},
    )
    payment["transaction_amount_refunded"] = Decimal(payment["transaction_amount_refunded"]) + amount
    if payment["transaction_amount_refunded"] == payment["transaction_amount"]:
        payment["status"], payment["status_detail"] = "refunded", "refunded"
    ledger.payment_changed(payment)
    return 201, _refund(made)


def _amount(body: Any, left: Decimal) -> Decimal:
    value = (body or {}).get("amount", left) if isinstance(body, dict | None) else None
    if not isinstance(value, int | Decimal) or isinstance(value, bool) or value <= 0:
        raise Refusal(400, "invalid_amount", "amount must be a positive number")
    return Decimal(value)


def _refund(row: Json) -> Json:
    source = {"id": str(row["payment_id"]), "name": "seller", "type": "collector"}
    return {k: v for k, v in row.items() if k != "key"} | {"source": source, "refund_mode": "standard", "reason": None}


def _payment(call: Call, payment_id: int) -> Json:
    payment = world.tables["payments"].get(str(payment_id))
    if payment is None or payment["collector_id"] != call.user_id:
        raise Refusal(404, "not_found", "Payment not found")
    return payment


def _with_reference(call: Call, table: str) -> list[Json]:
    """By id; all of them when the search names no external_reference. Its case does not matter."""
    wanted = call.query.get("external_reference")
    rows = world.tables[table].values() if wanted is None else world.alike(table, "external_reference", wanted)
    return sorted(rows, key=lambda row: int(row["id"]))


def _bounds(call: Call) -> list[Bound]:
    ends = [(field, end) for field in ("date_created", "last_updated") for end in ("from", "to")]
    return [Bound(field, end, _moment(call, f"{field}_{end}")) for field, end in ends if f"{field}_{end}" in call.query]


def _moment(call: Call, name: str) -> datetime:
    try:
        moment = datetime.fromisoformat(call.query[name])
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise Refusal(400, "invalid_format", f"{name} must be a date and time of ISO 8601 with its offset")
    return moment


def _is_inside(order: Json, bound: Bound) -> bool:
    at = datetime.fromisoformat(order[bound.field])
    return at >= bound.moment if bound.end == "from" else at <= bound.moment
