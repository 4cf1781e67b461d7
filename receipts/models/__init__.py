"""Receipts, their numbers, and what was drawn of them."""

from receipts.models.receipt import MEDIA_TYPES, Document, Format, Receipt, ReceiptBook, ReceiptQuerySet, receipt_id_of

__all__ = ["MEDIA_TYPES", "Document", "Format", "Receipt", "ReceiptBook", "ReceiptQuerySet", "receipt_id_of"]
