"""The thread through the logs: what is worked on stands in every line that is logged meanwhile, whoever logs it."""

from collections.abc import Iterator
from contextlib import contextmanager

from structlog.contextvars import bind_contextvars, reset_contextvars


@contextmanager
def following(**names: object) -> Iterator[None]:
    """Until it is left, lines carry these. `bound_contextvars` does the same and copies the whole context for it."""
    tokens = bind_contextvars(**names)
    try:
        yield
    finally:
        reset_contextvars(**tokens)
