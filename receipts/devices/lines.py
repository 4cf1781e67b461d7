"""The ways to a printer. All times in seconds; what goes wrong is an OSError."""

import os
import select
import socket
import stat
import time
from contextlib import suppress
from typing import Protocol

CONNECT_WITHIN = 5.0
TAKE_WITHIN = 10.0  # for each piece: a printer that is busy with the pieces before takes its time
END_WITHIN = 15.0
_PIECE = 1024  # bytes


class Line(Protocol):
    """An open way to a printer. `can_answer`: whether anything can come back on it."""

    can_answer: bool

    def write(self, data: memoryview) -> int:
        """Send a piece; how many bytes were taken. TimeoutError when none are for too long."""

    def read(self, seconds: float) -> bytes:
        """What the printer says, or nothing when it says nothing for so long."""

    def end(self) -> None:
        """Close it. An error when the printer does not show that it took all."""

    def drop(self) -> None:
        """Close it, whatever happened before."""


class NetworkLine:
    """A printer on the network: raw TCP, port 9100."""

    can_answer = True

    def __init__(self, host: str, port: int) -> None:
        self._socket = socket.create_connection((host, port), timeout=CONNECT_WITHIN)

    def write(self, data: memoryview) -> int:
        self._socket.settimeout(TAKE_WITHIN)
        return self._socket.send(data[:_PIECE])

    def read(self, seconds: float) -> bytes:
        self._socket.settimeout(max(seconds, 0.01))
        try:
            answer = self._socket.recv(64)
        except TimeoutError:
            return b""
        if not answer:
            raise ConnectionAbortedError("the printer closed the connection")
        return answer

    def end(self) -> None:
        """Say that this was all, and wait until the other side closes too: then it has read everything."""
        self._socket.shutdown(socket.SHUT_WR)
        end = time.monotonic() + END_WITHIN
        while (left := end - time.monotonic()) > 0:
            self._socket.settimeout(left)
            if not self._socket.recv(64):
                return
        raise TimeoutError("the printer does not close the connection")

    def drop(self) -> None:
        with suppress(OSError):
            self._socket.close()


class DeviceLine:
    """A printer on a wire: `/dev/usb/lp0`, a serial line. Writing waits until the printer takes it."""

    def __init__(self, path: str) -> None:
        try:
            self._descriptor = os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_NOCTTY)
            self.can_answer = True
        except PermissionError:
            self._descriptor = os.open(path, os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY)
            self.can_answer = False
        if not stat.S_ISCHR(os.fstat(self._descriptor).st_mode):
            self.drop()
            raise OSError(f"{path} is no device; to print into a file use --file")

    def write(self, data: memoryview) -> int:
        _readable, writable, _ = select.select([], [self._descriptor], [], TAKE_WITHIN)
        if not writable:
            raise TimeoutError("the printer takes nothing")
        return os.write(self._descriptor, data[:_PIECE])

    def read(self, seconds: float) -> bytes:
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            readable, _writable, _ = select.select([self._descriptor], [], [], left)
            with suppress(BlockingIOError):
                if readable and (answer := os.read(self._descriptor, 64)):
                    return answer
            time.sleep(min(0.02, left))  # usblp is readable at once, with nothing to read
        return b""

    def end(self) -> None:
        os.close(self._descriptor)

    def drop(self) -> None:
        with suppress(OSError):
            os.close(self._descriptor)


class FileLine:
    """A file that receipts are added to: for a try, or for a program that prints what it finds there."""

    can_answer = False

    def __init__(self, path: str) -> None:
        self._file = open(path, "ab", buffering=0)  # noqa: SIM115 - closed by `end` or `drop`

    def write(self, data: memoryview) -> int:
        return self._file.write(data) or 0

    def read(self, seconds: float) -> bytes:
        return b""

    def end(self) -> None:
        os.fsync(self._file.fileno())
        self._file.close()

    def drop(self) -> None:
        with suppress(OSError):
            self._file.close()
