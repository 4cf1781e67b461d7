"""For anything that shows fixed-width text."""

from collections.abc import Iterator

from receipts.layout import Block, Content
from receipts.writers import columns

COLUMNS = 42  # an 80 mm roll in the usual font


def write(content: Content) -> bytes:
    lines = (line.rstrip() for block in content["blocks"] for line in _lines(block))
    return ("\n".join(lines) + "\n").encode()


def _lines(block: Block) -> Iterator[str]:
    if block["kind"] == "logo":
        return
    yield from columns.lines(block, COLUMNS)
    if block["kind"] == "qr":
        yield block["data"]  # whole: an address that is broken over lines cannot be opened
