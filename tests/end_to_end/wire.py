"""A cable between two processes, which a test can hold or pull."""

import contextlib
import socket
from collections.abc import Callable
from threading import Event, Thread


class Wire:
    """Forwards TCP from a port of its own to `target`."""

    def __init__(self, target: tuple[str, int]) -> None:
        self._target = target
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._open: list[socket.socket] = []
        self._is_free = Event()
        self._is_free.set()
        self._is_pulled = False
        self._held_word, self._word_is_free = b"", Event()
        self.is_held_by_someone = Event()
        Thread(target=self._accept, daemon=True).start()

    def hold(self) -> None:
        """From now on connections are taken, and nothing passes. `is_held_by_someone` tells when one waits."""
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
            if not self._is_free.is_set():
                self._open.append(client)
                self.is_held_by_someone.set()
                self._is_free.wait()
                return
            with contextlib.suppress(OSError), socket.create_connection(self._target) as server:
                self._open += [client, server]
                back = Thread(target=_copy, args=(server, client), daemon=True)
                back.start()
                _copy(client, server, self._pass)
                back.join()

    def _pass(self, data: bytes) -> None:
        if self._held_word and self._held_word in data:
            self._word_is_free.wait()


def _copy(source: socket.socket, to: socket.socket, before: Callable[[bytes], object] = len) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            before(data)
            to.sendall(data)
    for end in (source, to):
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
