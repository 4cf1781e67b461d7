"""What a merchant order and its payments add up to, in Mercado Pago's words (protocol.md §5)."""

from decimal import Decimal

from simulator import chaos, deliveries
from simulator.world import Json, stamp, total, world

_STUCK = "_stuck"  # a private key, as all that begin so: the world keeps it, nobody is told


def open_order(pos: Json, offer: Json) -> Json:
    """Every scan makes a new merchant order."""
    now = stamp()
    order = world.add(
        "merchant_orders",
        {
            "status": "opened",
            "external_reference": offer["external_reference"],
            "preference_id": "",
            "collector": {"id": pos["user_id"], "nickname": None},
            "marketplace": "NONE",
            "notification_url": offer["notification_url"],
            "date_created": now,
            "last_updated": now,
            "sponsor_id": str(offer["sponsor_id"]) if offer["sponsor_id"] else None,
            "total_amount": offer["total"],
            "site_id": world.site_of(pos["user_id"]),
            "items": offer["items"],
            "cancelled": False,
            "order_status": "payment_required",
            "pos_id": str(pos["id"]),
        },
    )
    deliveries.announce("merchant_order", order["id"], order["notification_url"])
    return order


def add_payment(order: Json, *, amount: Decimal, status: str, detail: str) -> Json:
    now = stamp()
    payment = world.add(
        "payments",
        {
            "merchant_order": order["id"],
            "collector_id": order["collector"]["id"],
            "external_reference": order["external_reference"],
            "transaction_amount": amount,
            "transaction_amount_refunded": Decimal(0),
            "currency_id": order["items"][0].get("currency_id"),
            "status": status,
            "status_detail": detail,
            "operation_type": "regular_payment",
            "date_created": now,
            "date_approved": now if status == "approved" else None,
            "date_last_updated": now,
        },
    )
    payment_changed(payment)
    return payment


def payment_changed(payment: Json) -> None:
    """Recompute its merchant order, and tell the merchant of both."""
    order = world.tables["merchant_orders"][str(payment["merchant_order"])]
    payments = payments_of(order)
    if _sum(payments, "approved") >= Decimal(order["total_amount"]) and not was_covered(order):
        _close(order)
    order["order_status"] = _order_status(order, payments)
    order["last_updated"] = payment["date_last_updated"] = stamp()
    world.changed()
    deliveries.announce("payment", payment["id"], order["notification_url"])
    deliveries.announce("merchant_order", order["id"], order["notification_url"])


def _close(order: Json) -> None:
    """Some stay opened for good although they are paid (protocol.md §11.4)."""
    if chaos.happens("orders_stuck_opened"):
        order[_STUCK] = True
    else:
        order["status"] = "closed"


def was_covered(order: Json) -> bool:
    """Its payments covered it once, whatever became of them."""
    return order["status"] == "closed" or _STUCK in order


def payments_of(order: Json) -> list[Json]:
    return world.find("payments", merchant_order=order["id"])


def remaining(order: Json) -> Decimal:
    return max(Decimal(order["total_amount"]) - _sum(payments_of(order), "approved"), Decimal(0))


def public(order: Json) -> Json:
    """As GET /merchant_orders tells it. Young ones omit most fields, e.g. `payments`."""
    payments = payments_of(order)
    told = {name: value for name, value in order.items() if not name.startswith("_")}
    if not payments:
        return told
    return told | {
        "payments": [_payment_of_order(payment) for payment in payments],
        "shipments": [],
        "shipping_cost": 0,
        "paid_amount": _sum(payments, "approved"),
        "refunded_amount": total(payments, "transaction_amount_refunded"),
        "payer": {"id": 999999999, "email": ""},
        "additional_info": "",
        "application_id": "7910800073137785",
        "is_test": True,
    }


def public_payment(payment: Json) -> Json:
    """As GET /v1/payments tells it."""
    return {k: v for k, v in payment.items() if k != "merchant_order"} | {
        "order": {"id": str(payment["merchant_order"]), "type": "mercadopago"},
        "live_mode": False,
    }


def _payment_of_order(payment: Json) -> Json:
    names = ("id", "transaction_amount", "currency_id", "status", "status_detail", "operation_type", "date_approved",
             "date_created")  # fmt: skip
    return {name: payment[name] for name in names} | {
        "total_paid_amount": payment["transaction_amount"],
        "shipping_cost": 0,
        "last_modified": payment["date_last_updated"],
        "amount_refunded": payment["transaction_amount_refunded"],
    }


def _order_status(order: Json, payments: list[Json]) -> str:
    due = Decimal(order["total_amount"])
    if _sum(payments, "approved", "charged_back", "in_mediation") >= due:
        back = total((p for p in payments if p["status"] == "approved"), "transaction_amount_refunded")
        return "partially_reverted" if back else "paid"
    if _sum(payments, "refunded", "charged_back") and not _sum(payments, "approved"):
        return "reverted"
    if _sum(payments, "refunded"):
        return "partially_reverted"
    if _sum(payments, "approved"):
        return "partially_paid"
    if _sum(payments, "pending", "in_process", "authorized"):
        return "payment_in_process"
    return "payment_required"


def _sum(payments: list[Json], *statuses: str) -> Decimal:
    return total((p for p in payments if p["status"] in statuses), "transaction_amount")
