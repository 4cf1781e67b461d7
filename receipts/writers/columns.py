"""Blocks as lines of so many characters: for plain text and for receipt printers."""

from collections.abc import Iterator

from receipts.layout import Block
from receipts.writers.breaking import wrap


def lines(block: Block, columns: int) -> Iterator[str]:
    """A block of words, line by line."""
    kind = block["kind"]
    if kind == "rule":
        yield "-" * columns
    elif kind in ("row", "total"):
        yield from _row(block["left"], block["right"], columns)
    else:
        for line in wrap(block["text"], columns, len):
            yield line if kind == "left" else line.center(columns)


def _row(left: str, right: str, columns: int) -> Iterator[str]:
    """Both sides on one line; a left side that is too long wraps above, the right side is never cut."""
    *above, last = wrap(left, columns, len)
    yield from above
    if last and len(last) + 1 + len(right) > columns:
        yield last
        last = ""
    *full, end = wrap(right, columns, len)
    yield from (line.rjust(columns) for line in full)
    yield f"{last}{end:>{columns - len(last)}}"
