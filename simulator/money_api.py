"""Merchant orders, payments and refunds (protocol.md §5, §6)."""

from decimal import Decimal
from typing import Any

from simulator import ledger
from simulator.http import Call, Refusal
from simulator.world import Json, stamp, world


def me(call: Call) -> tuple[int, Any]:
    site = world.site_of(call.user_id)
    return 200, {"id": call.user_id, "nickname": f"TESTUSER{call.user_id}", "site_id": site, "status": {}}


def read_order(call: Call, *, order_id: int) -> tuple[int, Any]:
    order = world.tables["merchant_orders"].get(str(order_id))
    if order is None or order["collector"]["id"] != call.user_id:
        raise Refusal(404, "not_found", f"merchant_order {order_id} not found")
    return 200, ledger.public(order)


def search_orders(call: Call) -> tuple[int, Any]:
    wanted = {name: call.query[name] for name in ("external_reference", "status") if name in call.query}
    own = [o for o in world.tables["merchant_orders"].values() if o["collector"]["id"] == call.user_id]
    found = [o for o in own if all(str(o.get(k, "")).lower() == v.lower() for k, v in wanted.items())]
    limit, offset = (_number(call, name, default) for name, default in (("limit", 30), ("offset", 0)))
    elements = [ledger.public(order) for order in found[offset : offset + limit]]
    more = offset + limit < len(found)
    return 200, {"elements": elements or None, "next_offset": offset + limit if more else 0, "total": len(found)}


def read_payment(call: Call, *, payment_id: int) -> tuple[int, Any]:
    return 200, ledger.public_payment(_payment(call, payment_id))


def search_payments(call: Call) -> tuple[int, Any]:
    own = [p for p in world.tables["payments"].values() if p["collector_id"] == call.user_id]
    wanted = call.query.get("external_reference")
    found = [ledger.public_payment(p) for p in own if wanted in (None, p["external_reference"])]
    return 200, {"paging": {"total": len(found), "limit": 30, "offset": 0}, "results": found}


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


def _number(call: Call, name: str, default: int) -> int:
    text = call.query.get(name, str(default))
    if not text.isdecimal():
        raise Refusal(400, "invalid_format", f"{name} must be a number")
    return int(text)
