"""gunicorn's worker, with what strangers at the door must not get: a thread for ever, or a page of HTML."""

import json
from contextlib import suppress
from http import HTTPStatus
from socket import SHUT_RD, socket
from time import monotonic
from typing import Any, Final

from gunicorn import util
from gunicorn.workers.gthread import TConn, ThreadWorker

READ_WITHIN: Final = 20.0  # seconds for a request's head and, if it has one, its body
_UPLOAD_WITHIN: Final = 900.0  # seconds for a file of a person's
_LARGE: Final = 1024 * 1024  # bytes; no machine sends as much


class Worker(ThreadWorker):  # type: ignore[misc]
    """Threads as gunicorn's, which would wait for a slow sender without an end: a few dozen would stop all sales."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._reading: dict[TConn, float] = {}  # until when; looked at each second by the thread that accepts

    def handle(self, conn: TConn) -> Any:
        self._reading[conn] = monotonic() + READ_WITHIN
        try:
            return super().handle(conn)
        finally:
            self._reading.pop(conn, None)

    def handle_request(self, req: Any, conn: TConn) -> Any:
        """Its head is read. What has no body may take its time: long polls do."""
        if _is_chunked(req):
            req.force_close()  # behind chunks that are none another request could hide
        length = _length_of(req)
        if not length:
            self._reading.pop(conn, None)
        elif length > _LARGE:
            self._reading[conn] = monotonic() + _UPLOAD_WITHIN
        return super().handle_request(req, conn)

    def murder_pending(self) -> None:
        super().murder_pending()
        now = monotonic()
        for conn, until in list(self._reading.items()):
            if until < now:
                with suppress(OSError):  # gone meanwhile
                    conn.sock.shutdown(SHUT_RD)  # who waits for more reads an end, and closes quietly


def write_error(sock: socket, status: int, reason: str, _said: str) -> None:
    """What gunicorn itself refuses: no HTML, and nothing of what was sent."""
    body = json.dumps({"type": "about:blank", "title": reason or HTTPStatus(status).phrase, "status": status})
    head = (
        f"HTTP/1.1 {status} {reason}\r\nConnection: close\r\nContent-Type: application/problem+json\r\n"
        f"X-Content-Type-Options: nosniff\r\nCache-Control: no-store\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    util.write_nonblock(sock, f"{head}{body}".encode("latin1"))


def _length_of(req: Any) -> int:
    """Of the body, in bytes; 1 where nobody says."""
    return 1 if _is_chunked(req) else int(dict(req.headers).get("CONTENT-LENGTH") or 0)


def _is_chunked(req: Any) -> bool:
    return "TRANSFER-ENCODING" in dict(req.headers)


util.write_error = write_error  # gunicorn has no setting for it
