"""For anything that shows fixed-width text."""

import textwrap
from collections.abc import Iterator

from receipts.layout import Block, Content

COLUMNS = 42  # an 80 mm roll in the usual font


def write(content: Content) -> bytes:
    lines = (line.rstrip() for block in content["blocks"] for line in _lines(block))
    return ("\n".join(lines) + "\n").encode()


def _lines(block: Block) -> Iterator[str]:
    kind = block["kind"]
    if kind == "rule":
        yield "-" * COLUMNS
    elif kind in ("row", "total"):
        yield from _row(block["left"], block["right"])
    else:
        for line in textwrap.wrap(block["text"], COLUMNS) or [""]:
            yield line if kind == "left" else line.center(COLUMNS)


def _row(left: str, right: str) -> Iterator[str]:
    """Both sides on one line; a left side that is too long wraps above, the right side is never cut."""
    room = max(COLUMNS - len(right) - 1, 1)
    if len(left) > room:
        *above, left = textwrap.wrap(left, COLUMNS)
        yield from above
        if len(left) > room:
            yield left
            left = ""
    if len(right) > COLUMNS:
        yield left
        yield from textwrap.wrap(right, COLUMNS)
    else:
        yield f"{left}{right:>{COLUMNS - len(left)}}"
