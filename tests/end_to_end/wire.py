"""A cable between two processes, which a test can hold or pull."""

import contextlib
import socket
import ssl
from selectors import EVENT_READ, DefaultSelector
from threading import Event, Thread


class Wire:
    """Forwards TCP from a port of its own to `target`. With `tls`, who connects meets that certificate first."""

    def __init__(self, target: tuple[str, int], tls: ssl.SSLContext | None = None) -> None:
        self._target = target
        self._tls = tls
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.port: int = self._listener.getsockname()[1]
        self._open: set[socket.socket] = set()
        self._is_free = Event()
        self._is_free.set()
        self._is_pulled = False
        self._held_word, self._word_is_free = b"", Event()
        self.is_held_by_someone = Event()
        Thread(target=self._accept, daemon=True).start()

    def hold(self) -> None:
        """From now on connections are taken and kept, and nothing passes. `is_held_by_someone`: somebody waits."""
        self.is_held_by_someone.clear()
        self._is_free.clear()

    def hold_only(self, word: bytes) -> None:
        """From now on whatever holds this word, such as the access token of one account, does not pass."""
        self._word_is_free.clear()
        self._held_word = word

    def pull(self) -> None:
        """Close all connections and refuse new ones."""
        self._is_pulled = True
        self._close_all()

    def show(self, tls: ssl.SSLContext | None) -> ssl.SSLContext | None:
        """Another certificate, to who connects from now on; and all have to. The one before."""
        before, self._tls = self._tls, tls
        self._close_all()
        return before

    def mend(self) -> None:
        self._close_all()
        self._is_pulled = False
        self._is_free.set()
        self._held_word = b""
        self._word_is_free.set()

    def close(self) -> None:
        self._listener.close()
        self._close_all()

    def _close_all(self) -> None:
        while self._open:
            with contextlib.suppress(OSError):
                self._open.pop().shutdown(socket.SHUT_RDWR)

    def _accept(self) -> None:
        with contextlib.suppress(OSError):  # the listener was closed
            while True:
                client, _ = self._listener.accept()
                Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with client:
            if self._is_pulled:
                return
            self._open.add(client)
            self._wait_while_held()
            with contextlib.suppress(OSError):  # also what a client says to a certificate that it does not trust
                if self._tls:
                    self._open.discard(client)
                    client = self._tls.wrap_socket(client, server_side=True)
                    self._open.add(client)
                with client, socket.create_connection(self._target) as server:
                    self._open.add(server)
                    self._carry(client, server)
                    self._open.discard(server)
            self._open.discard(client)

    def _carry(self, client: socket.socket, server: socket.socket) -> None:
        """Both ways in one thread: two must not use a TLS connection at once."""
        with DefaultSelector() as selector:
            selector.register(client, EVENT_READ, server)
            selector.register(server, EVENT_READ, client)
            while True:
                for key, _events in selector.select():
                    source, to = key.fileobj, key.data
                    assert isinstance(source, socket.socket)
                    while data := source.recv(65536):
                        self._wait_while_held(data)
                        to.sendall(data)
                        if not isinstance(source, ssl.SSLSocket) or not source.pending():
                            break
                    else:
                        return

    def _wait_while_held(self, data: bytes = b"") -> None:
        if not self._is_free.is_set():
            self.is_held_by_someone.set()
            self._is_free.wait()
        if self._held_word and self._held_word in data:
            self._word_is_free.wait()
