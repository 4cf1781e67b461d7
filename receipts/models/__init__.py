"""Receipts, their numbers, what was drawn of them, and where they were printed or sent to."""

from receipts.models.mail import ReceiptMail, ReceiptMailQuerySet
from receipts.models.printing import Printer, PrinterKey, PrinterQuerySet, PrintJob, PrintJobQuerySet
from receipts.models.receipt import MEDIA_TYPES, Document, Format, Receipt, ReceiptBook, ReceiptQuerySet, receipt_id_of

__all__ = [
    "MEDIA_TYPES",
    "Document",
    "Format",
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
    "receipt_id_of",
]
