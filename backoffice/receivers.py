"""What other apps tell of that the queue must say at once."""

from typing import Any

from backoffice.cases import queue
from backoffice.cases.requests import RequestSource


def open_case(sender: type, request_id: int, **_signal: Any) -> None:
    """With the proposal itself: whoever is told of it finds it in the queue, and nobody that all is well."""
    queue.put(RequestSource.name, request_id)
