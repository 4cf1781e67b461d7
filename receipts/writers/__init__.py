"""Drawing a receipt's content. Pure: no queries, no clock, no network; all writers draw the same blocks.

The libraries of PDF and ESC/POS are loaded by who draws these: all other processes start sooner, and are smaller.
"""

from collections.abc import Mapping

from receipts.layout import Content
from receipts.models import Format
from receipts.variants import Variant
from receipts.writers import html, text


def write(content: Content, format: Format, variant: Variant, images: Mapping[str, bytes]) -> bytes:
    """`images` holds the PNGs that the content names, by SHA-256."""
    match format:
        case Format.HTML:
            return html.write(content, images)
        case Format.PDF:
            from receipts.writers import pdf

            return pdf.write(content, variant, images)
        case Format.ESCPOS:
            from receipts.writers import escpos

            return escpos.write(content, variant, images)
        case Format.TEXT:
            return text.write(content)
