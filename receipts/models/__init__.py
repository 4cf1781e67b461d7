"""Receipts, their numbers, what was drawn of them, and where they were printed or sent to."""

from receipts.models.document import Copy, Document, content_type, file_name
from receipts.models.mail import ReceiptMail, ReceiptMailQuerySet
from receipts.models.printing import Printer, PrinterKey, PrinterQuerySet, PrintJob, PrintJobQuerySet
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
    "PrintJob",
    "PrintJobQuerySet",
    "Printer",
    "PrinterKey",
    "PrinterQuerySet",
    "Receipt",
    "ReceiptBook",
    "ReceiptMail",
    "ReceiptMailQuerySet",
    "ReceiptQuerySet",
    "content_type",
    "file_name",
    "receipt_id_of",
]
