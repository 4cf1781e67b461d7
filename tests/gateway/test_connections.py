"""The certificates of real connections; what they cost."""

import http.server
import ssl
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Thread
from typing import Any

import pytest
import requests

from gateway import connections
from tests.faults.certificates import Authority

MANY = 6


@pytest.fixture
def authority(tmp_path) -> Authority:
    return Authority(tmp_path)


@pytest.fixture
def session(authority) -> Iterator[requests.Session]:
    connections.session.cache_clear()
    session = connections.session()
    session.verify = str(authority.file)
    yield session
    session.close()
    connections.session.cache_clear()


@pytest.fixture
def serving() -> Iterator[Callable[[ssl.SSLContext], str]]:
    """Start a server that shows this certificate; it answers when as many as asked are there."""
    servers = []
    together = Barrier(MANY)

    class Answer(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            if self.path == "/together":
                together.wait(10)
            self.send_response(204)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    class Server(http.server.ThreadingHTTPServer):
        def handle_error(self, request: object, client_address: object) -> None:
            """Who does not trust us hangs up."""

    def start(shown: ssl.SSLContext) -> str:
        server = Server(("127.0.0.1", 0), Answer)
        server.socket = shown.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        servers.append(server)
        Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        return f"https://127.0.0.1:{server.server_port}"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def test_who_shows_a_certificate_of_an_authority_is_asked(session, serving, authority) -> None:
    assert session.get(serving(authority.server())).status_code == 204


def test_who_signed_for_himself_is_not(session, serving, authority) -> None:
    with pytest.raises(requests.exceptions.SSLError, match="self-signed certificate"):
        session.get(serving(authority.server(is_ours=False)))


def test_who_shows_what_was_made_for_another_host_is_not(session, serving, authority) -> None:
    with pytest.raises(requests.exceptions.SSLError, match="IP address mismatch"):
        session.get(serving(authority.server("127.0.0.2")))


def test_an_authority_of_nobody_is_not_trusted_by_itself(session, serving, authority) -> None:
    session.verify = True
    with pytest.raises(requests.exceptions.SSLError, match="unable to get local issuer certificate"):
        session.get(serving(authority.server()))


def test_authorities_are_read_once_for_all_connections(session, serving, authority, monkeypatch) -> None:
    """requests itself has each connection read them: with 24 threads 16 MB, and 20 ms of processor each time."""
    read = []

    class Counted(ssl.SSLContext):
        def load_verify_locations(self, cafile: Any = None, *more: Any, **others: Any) -> None:
            read.append(cafile)
            super().load_verify_locations(cafile, *more, **others)

    connections._trusting.cache_clear()
    monkeypatch.setattr(connections, "create_urllib3_context", lambda: Counted(ssl.PROTOCOL_TLS_CLIENT))
    url = serving(authority.server())
    session.get(url)
    with ThreadPoolExecutor(MANY) as threads:
        answers = list(threads.map(lambda _: session.get(f"{url}/together").status_code, range(MANY)))
    connections._trusting.cache_clear()
    assert answers == [204] * MANY
    assert read == [str(authority.file)]
