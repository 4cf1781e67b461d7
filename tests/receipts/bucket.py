"""A bucket that speaks S3, as far as django-storages needs it: whole objects, in memory, over HTTP."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import unquote, urlsplit


class Bucket(ThreadingHTTPServer):
    """`objects` by path: /bucket/prefix/name."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.objects: dict[str, bytes] = {}
        self.signed_by: set[str] = set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: Bucket
    protocol_version = "HTTP/1.1"

    def do_PUT(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if "aws-chunked" in self.headers.get("Content-Encoding", ""):
            body = _unchunked(body)
        self.server.objects[self._key] = body
        self._answer(200)

    def do_HEAD(self) -> None:
        self.do_GET(body=False)

    def do_GET(self, *, body: bool = True) -> None:
        data = self.server.objects.get(self._key)
        if data is None:
            self._answer(404)
            return
        if requested := self.headers.get("Range"):
            first, _, last = requested.removeprefix("bytes=").partition("-")
            data = data[int(first) : int(last) + 1 if last else None]
        self._answer(206 if requested else 200, data, body=body)

    @property
    def _key(self) -> str:
        self.server.signed_by.add(self.headers.get("Authorization", "")[:60])
        return unquote(urlsplit(self.path).path)

    def _answer(self, status: int, data: bytes = b"", *, body: bool = True) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.send_header("ETag", '"-"')
        self.send_header("Last-Modified", "Tue, 24 Nov 2026 12:00:00 GMT")
        self.end_headers()
        if body:
            self.wfile.write(data)

    def log_message(self, *args: object) -> None:
        """Quiet."""


def _unchunked(body: bytes) -> bytes:
    """Without the chunk sizes and the trailing checksum of `aws-chunked`."""
    data = b""
    while True:
        head, _, body = body.partition(b"\r\n")
        size = int(head.split(b";")[0], 16)
        if size == 0:
            return data
        data, body = data + body[:size], body[size + 2 :]


@contextmanager
def open_bucket() -> Iterator[Bucket]:
    bucket = Bucket()
    thread = Thread(target=bucket.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield bucket
    bucket.shutdown()
    thread.join()
    bucket.server_close()
