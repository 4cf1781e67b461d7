"""A receipt printer that behaves badly: a real socket in a thread."""

import contextlib
import select
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

READY = {1: 0x12, 2: 0x12, 4: 0x12}
PAPER_OUT = {1: 0x1A, 2: 0x32, 4: 0x72}
COVER_OPEN = {1: 0x1A, 2: 0x16, 4: 0x12}
PAPER_LOW = {1: 0x12, 2: 0x12, 4: 0x1E}


@dataclass
class Printer:
    """`behave(connection, printer)` plays it; `paper` is what of each connection it took for printing."""

    behave: Callable[[socket.socket, "Printer"], None]
    status: dict[int, int] | None = None
    delay: float = 0
    paper: list[bytes] = field(default_factory=list)
    faults: list[BaseException] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._server = socket.create_server(("127.0.0.1", 0))
        self.host, self.port = self._server.getsockname()
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while not self._is_over.is_set():
            if not select.select([self._server], [], [], 0.05)[0]:
                continue
            connection, _ = self._server.accept()
            with contextlib.suppress(OSError), connection:
                self.paper.append(b"")
                self.behave(connection, self)

    def take(self, data: bytes) -> bytes:
        """Answer what is a question, keep what is not; returns what was kept."""
        kept = b""
        while data:
            if data[:2] == b"\x10\x04":
                data = data[3:]
            else:
                kept, data = kept + data[:1], data[1:]
        self.paper[-1] += kept
        return kept

    def answers(self, data: bytes) -> bytes:
        asked = [data[at + 2] for at in range(len(data) - 2) if data[at : at + 2] == b"\x10\x04"]
        return bytes(self.status[n] for n in asked) if self.status else b""

    def wait(self) -> None:
        self._is_over.wait(30)

    def close(self) -> None:
        self._is_over.set()
        self._thread.join()
        self._server.close()


def well(connection: socket.socket, printer: Printer) -> None:
    """Reads all there is, answers when it can, closes when the other side does."""
    while data := connection.recv(4096):
        if answer := printer.answers(data):
            time.sleep(printer.delay)
            connection.sendall(answer)
        printer.take(data)


def hangs(connection: socket.socket, printer: Printer) -> None:
    """Takes the connection and does nothing with it."""
    printer.wait()


def cuts_in_the_middle(connection: socket.socket, printer: Printer) -> None:
    """A wire that is pulled: reset after the first bytes of the document."""
    while data := connection.recv(64):
        connection.sendall(printer.answers(data))
        if printer.take(data):
            reset(connection)
            return


def cuts_at_once(connection: socket.socket, printer: Printer) -> None:
    reset(connection)


def never_closes(connection: socket.socket, printer: Printer) -> None:
    """Reads all, says nothing, and does not end the connection when it is over."""
    while data := connection.recv(4096):
        printer.take(data)
    printer.wait()


def runs_out_of_paper(connection: socket.socket, printer: Printer) -> None:
    """Well before, and without paper after the first bytes."""
    while data := connection.recv(4096):
        if printer.take(data):
            printer.status = PAPER_OUT
        if answer := printer.answers(data):
            connection.sendall(answer)


def talks_nonsense(connection: socket.socket, printer: Printer) -> None:
    """Answers bytes that are no status."""
    while data := connection.recv(4096):
        if b"\x10\x04" in data:
            connection.sendall(b"HTTP")
        printer.take(data)


def reset(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


@contextlib.contextmanager
def printer(
    behave: Callable[[socket.socket, Printer], None] = well, status: dict[int, int] | None = None, delay: float = 0
) -> Iterator[Printer]:
    machine = Printer(behave, status, delay)
    try:
        yield machine
    finally:
        machine.close()
