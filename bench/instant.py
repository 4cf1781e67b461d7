"""Mercado Pago as fast as can be: says at once what it was told to say. python -m bench.instant PORT"""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

import requests

from bench import ground

# An instant answer must not cost what the real one does: these are kept as bytes.
_SAID: Final[dict[str, bytes]] = {}
_NOTHING: Final = b'{"elements": null, "results": [], "total": 0, "next_offset": 0, "paging": {"total": 0}}'


@contextmanager
def serving() -> Iterator[str]:
    """In a process of its own, so that what it costs is not ours; its address."""
    port = ground.free_port()
    with subprocess.Popen([sys.executable, "-m", "bench.instant", str(port)]) as process:  # noqa: S603 - our own
        try:
            time.sleep(1)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


def tell(session: requests.Session, url: str, merchant_order: dict[str, Any]) -> None:
    """Have it know of a merchant order."""
    body = json.dumps(merchant_order)
    session.put(f"{url}/merchant_orders/{merchant_order['id']}", body, timeout=5).raise_for_status()


def paid(number: int, reference: str, user_id: int, amount: str = "500.00") -> dict[str, Any]:
    """The closed merchant order of an order of ours."""
    at = datetime.now(UTC).isoformat(timespec="milliseconds")
    payment = {
        "id": number + 10**14, "transaction_amount": float(amount), "total_paid_amount": float(amount),
        "currency_id": "ARS", "status": "approved", "status_detail": "accredited", "date_approved": at,
        "operation_type": "regular_payment", "date_created": at, "last_modified": at, "amount_refunded": 0,
    }  # fmt: skip
    return {
        "id": number, "status": "closed", "external_reference": reference, "payments": [payment],
        "collector": {"id": user_id}, "total_amount": float(amount), "paid_amount": float(amount),
        "refunded_amount": 0, "date_created": at, "last_updated": at, "site_id": "MLA", "order_status": "paid",
    }  # fmt: skip


class _Stub(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = 65536  # an answer in one packet: otherwise its second half waits for an acknowledgement

    def do_GET(self) -> None:
        self._answer(_SAID.get(_key(self.path), _NOTHING))

    def do_PUT(self) -> None:
        _SAID[_key(self.path)] = self.rfile.read(int(self.headers["Content-Length"]))
        self._answer(b"{}")

    def log_message(self, format: str, *args: object) -> None:
        pass

    def _answer(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()


def _key(path: str) -> str:
    """Searches differ by the order they are about only."""
    parts = urlsplit(path)
    return f"{parts.path}?{parse_qs(parts.query).get('external_reference', [''])[0]}"


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), _Stub).serve_forever()
