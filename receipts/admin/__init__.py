from receipts.admin.copies import CopyAdmin
from receipts.admin.documents import DocumentAdmin, ReceiptBookAdmin
from receipts.admin.receipts import ReceiptAdmin

__all__ = ["CopyAdmin", "DocumentAdmin", "ReceiptAdmin", "ReceiptBookAdmin"]
