"""A controller that is told: a real HTTP server, which answers what it is given and remembers what it got."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Receiver:
    url: str = ""
    statuses: list[int] = field(default_factory=list)  # the next answers; 200 when there are none
    says: str = "thanks"
    kind: str = ""  # the content type, none when it is empty
    got: list[tuple[dict[str, str], str]] = field(default_factory=list)
    hold: threading.Event | None = None  # answers only when it is set

    def events(self) -> list[str]:
        return [body.split('"event":"')[1].split('"')[0] for _headers, body in self.got]


@contextmanager
def listening(host: str = "127.0.0.1") -> Iterator[Receiver]:
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            receiver.got.append(({name.lower(): value for name, value in self.headers.items()}, body))
            if receiver.hold:
                receiver.hold.wait(20)
            status = receiver.statuses.pop(0) if receiver.statuses else 200
            self.send_response(status)
            self.send_header("Location", f"{receiver.url}elsewhere")
            if receiver.kind:
                self.send_header("Content-Type", receiver.kind)
            self.end_headers()
            self.wfile.write(receiver.says.encode())

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer((host, 0), Handler)
    receiver.url = f"http://{host}:{server.server_port}/hook"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
