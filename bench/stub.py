"""Mercado Pago at its least: any merchant order is closed and paid, after DELAY ms. python -m bench.stub PORT DELAY."""

import asyncio
import json
import sys
from typing import Final

TOTAL: Final = 500
_PAYMENT: Final = {
    "transaction_amount": TOTAL, "total_paid_amount": TOTAL, "currency_id": "ARS", "status": "approved",
    "status_detail": "accredited", "operation_type": "regular_payment", "amount_refunded": 0,
    "date_approved": "2026-11-20T10:01:00.000-03:00", "last_modified": "2026-11-20T10:01:00.000-03:00",
}  # fmt: skip
_ORDER: Final = {
    "status": "closed", "total_amount": TOTAL, "paid_amount": TOTAL, "refunded_amount": 0, "order_status": "paid",
    "site_id": "MLA", "collector": {"id": 1}, "date_created": "2026-11-20T10:00:00.000-03:00",
    "last_updated": "2026-11-20T10:01:00.000-03:00",
}  # fmt: skip


def reference(number: int) -> str:
    """The external reference that merchant order `number` names."""
    return f"BENCH{number:019}"


def _answer(path: str) -> bytes:
    number = int(path.rpartition("/")[2])
    order = _ORDER | {"id": number, "external_reference": reference(number), "payments": [_PAYMENT | {"id": number}]}
    body = json.dumps(order).encode()
    return b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)


async def _serve(port: int, delay: float) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while head := await reader.readuntil(b"\r\n\r\n"):
            if delay:
                await asyncio.sleep(delay)
            writer.write(_answer(head.split(b" ", 2)[1].decode()))

    async with await asyncio.start_server(talk, "127.0.0.1", port) as server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1]), int(sys.argv[2]) / 1000))
