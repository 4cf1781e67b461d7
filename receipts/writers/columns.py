"""Blocks as lines of so many characters: for plain text and for receipt printers."""

import textwrap
from collections.abc import Iterator

from receipts.layout import Block


def lines(block: Block, columns: int) -> Iterator[str]:
    """A block of words, line by line."""
    kind = block["kind"]
    if kind == "rule":
        yield "-" * columns
    elif kind in ("row", "total"):
        yield from _row(block["left"], block["right"], columns)
    else:
        for line in textwrap.wrap(block["text"], columns) or [""]:
            yield line if kind == "left" else line.center(columns)


def _row(left: str, right: str, columns: int) -> Iterator[str]:
    """Both sides on one line; a left side that is too long wraps above, the right side is never cut."""
    room = max(columns - len(right) - 1, 1)
    if len(left) > room:
        *above, left = textwrap.wrap(left, columns)
        yield from above
        if len(left) > room:
            yield left
            left = ""
    if len(right) > columns:
        yield left
        yield from textwrap.wrap(right, columns)
    else:
        yield f"{left}{right:>{columns - len(left)}}"
