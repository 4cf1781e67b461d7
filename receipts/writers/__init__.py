"""Drawing a receipt's content. Pure: no queries, no clock, no network; all writers draw the same blocks."""

from collections.abc import Callable

from receipts.layout import Content
from receipts.models import Format
from receipts.writers import html, text

WRITERS: dict[Format, Callable[[Content], bytes]] = {Format.HTML: html.write, Format.TEXT: text.write}
