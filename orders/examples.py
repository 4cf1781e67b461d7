"""What the description of the controllers' API shows: one sale, from the report to a refund."""

from typing import Any

from pos.openapi import POINT_OF_SALE, STORE_OF_EXAMPLES

ITEM: dict[str, Any] = {"title": "Súper", "quantity": "10.5", "unit_price": "1200.00", "unit_measure": "L"}
SALE: dict[str, Any] = {"items": [ITEM], "reference": "shift 7, 42"}
ORDER: dict[str, Any] = {
    "id": 42,
    "external_reference": "K7QXH3B5ZP2MWN8RDA4VTC6J",
    "reference": "shift 7, 42",
    "store": STORE_OF_EXAMPLES,
    "pos": "POS0001",
    "status": "open",
    "payment_status": "unpaid",
    "currency": "ARS",
    "total_amount": "12600.00",
    "paid_amount": "0.00",
    "refunded_amount": "0.00",
    "items": [ITEM | {"total_amount": "12600.00", "description": "", "sku_number": "", "category": ""}],
    "title": "",
    "description": "",
    "loyalty": None,
    "attention": None,
    "created_at": "2026-11-24T12:01:00Z",
    "expires_at": "2026-11-24T12:16:00Z",
    "first_served_at": None,
    "closed_at": None,
    "receipt": None,
}
CLOSED = ORDER | {
    "status": "closed",
    "payment_status": "paid",
    "paid_amount": "12600.00",
    "first_served_at": "2026-11-24T12:01:03Z",
    "closed_at": "2026-11-24T12:01:40Z",
    "receipt": {
        "number": "0001-00000007",
        "links": {
            "txt": "https://pay.example.com/api/v1/orders/42/receipt?format=txt",
            "public": "https://pay.example.com/r/7.Zk3a",
        },
        "refunds": [],
    },
}
SLIP: dict[str, Any] = {
    "number": "0001-00000007-R1",
    "links": {
        "txt": "https://pay.example.com/api/v1/orders/42/refunds/5/receipt?format=txt",
        "public": "https://pay.example.com/r/8.Q2vw",
    },
}
CANCELED = ORDER | {"status": "canceled"}
REFUND: dict[str, Any] = {
    "id": 5,
    "order": 42,
    "amount": "600.00",
    "currency": "ARS",
    "status": "approved",
    "reason": "spilled half a litre",
    "created_at": "2026-11-24T12:10:00Z",
    "refunds": [{"payment": 150211668619, "amount": "600.00", "status": "approved", "error": ""}],
    "receipt": None,
}
REFUND_WITH_SLIP = REFUND | {"receipt": SLIP}
PARTLY_REFUNDED = CLOSED | {
    "payment_status": "partially_refunded",
    "refunded_amount": "600.00",
    "receipt": CLOSED["receipt"] | {"refunds": [SLIP]},
}
WITH_ORDER = POINT_OF_SALE | {"status": "idle", "amount_so_far": None, "open_order": ORDER}
