"""Asking what may hang: every question on a thread of its own, with its own way to the database, until a deadline."""

import socket
from collections.abc import Callable, Mapping
from contextlib import suppress
from threading import Thread
from time import monotonic
from typing import Any, Generic, TypeVar

from django.db import DEFAULT_DB_ALIAS, connections

T = TypeVar("T")


def ask(questions: Mapping[str, Callable[[], T]], *, seconds: float) -> dict[str, T | Exception]:
    """All at once; what each answered or raised. A TimeoutError stands for what gave no answer in time."""
    asked = {name: _Question(question) for name, question in questions.items()}
    for one in asked.values():
        one.start()
    end = monotonic() + seconds
    for one in asked.values():
        one.join(max(end - monotonic(), 0))
        if one.is_alive():
            one.give_up()
    too_late = TimeoutError(f"no answer within {seconds:g} s")
    return {name: too_late if one.outcome is None else one.outcome for name, one in asked.items()}


class _Question(Thread, Generic[T]):
    def __init__(self, question: Callable[[], T]) -> None:
        super().__init__(name="question", daemon=True)
        self._question = question
        self._django: Any = None
        self.outcome: T | Exception | None = None

    def run(self) -> None:
        self._django = connections[DEFAULT_DB_ALIAS]
        try:
            self.outcome = self._question()
        except Exception as error:
            self.outcome = error
        finally:
            connections.close_all()  # of this thread

    def give_up(self) -> None:
        """Cut its connection, or the thread would wait for as long as a silent database keeps its side open."""
        used = getattr(self._django, "connection", None)
        if used is not None and self._django.vendor == "postgresql":
            with suppress(Exception), socket.socket(fileno=used.pgconn.socket) as wire:
                try:
                    wire.shutdown(socket.SHUT_RDWR)
                finally:
                    wire.detach()  # libpq closes it
