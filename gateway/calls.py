"""What a client tells of each call to whoever wants to know."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One question to Mercado Pago and what came of it, tries included. Nothing secret: no headers, no bodies."""

    at: datetime
    method: str
    path: str  # without the query
    status: int  # 0 when there was no answer at all
    milliseconds: int
    error: str  # the class of the error; "" when there was none
    request_id: str


Observer = Callable[[Call], None]


def ignore(call: Call) -> None:
    """For who does not want to know."""
