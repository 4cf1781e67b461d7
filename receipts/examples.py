"""What the description of the API shows of screens and of agents that print."""

from typing import Any

DISPLAY: dict[str, Any] = {
    "version": "5f2b8c1d9e0a7364",
    "state": "pay",
    "currency": "ARS",
    "amount_so_far": None,
    "amount_due": "12600.00",
    "expires_at": "2026-11-24T12:16:00Z",
    "order": 42,
    "pay_qr": "https://www.mercadopago.com/instore/merchant/qr/2711382/0977011a.png",
    "receipt": None,
}
PAID = DISPLAY | {
    "version": "0d3a55e7c19b8f42",
    "state": "paid",
    "amount_due": None,
    "expires_at": None,
    "receipt": {
        "number": "0001-00000007",
        "url": "https://pay.example.com/r/7.Zk3a",
        "qr_svg": "data:image/svg+xml;charset=utf-8,%3Csvg…",
        "qr_png": "https://pay.example.com/r/7.Zk3a/qr.png",
    },
}
JOB: dict[str, Any] = {
    "id": 9,
    "attempt": 1,
    "receipt": "0001-00000007",
    "is_copy": False,
    "columns": 42,
    "must_answer": False,
    "content": "G0AbdBMdIQE=",
}
BEGINS: dict[str, Any] = {"attempt": 1, "state": "printing"}
PRINTED: dict[str, Any] = {"attempt": 1, "state": "printed", "bytes_sent": 1830}
NO_PAPER: dict[str, Any] = {"attempt": 1, "state": "failed", "error": "paper_out"}
