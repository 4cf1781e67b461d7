"""Receipts, their numbers, and what was drawn of them."""

from receipts.models.document import Copy, Document, content_type, file_name
from receipts.models.receipt import (
    EXTENSIONS,
    MEDIA_TYPES,
    Format,
    Kind,
    Receipt,
    ReceiptBook,
    ReceiptQuerySet,
    receipt_id_of,
)

__all__ = [
    "EXTENSIONS",
    "MEDIA_TYPES",
    "Copy",
    "Document",
    "Format",
    "Kind",
    "Receipt",
    "ReceiptBook",
    "ReceiptQuerySet",
    "content_type",
    "file_name",
    "receipt_id_of",
]
