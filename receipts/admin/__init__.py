from receipts.admin.copies import CopyAdmin
from receipts.admin.documents import DocumentAdmin, ReceiptBookAdmin
from receipts.admin.jobs import PrintJobAdmin
from receipts.admin.mails import ReceiptMailAdmin
from receipts.admin.printers import PrinterAdmin, PrinterKeyAdmin
from receipts.admin.receipts import ReceiptAdmin

__all__ = [
    "CopyAdmin",
    "DocumentAdmin",
    "PrintJobAdmin",
    "PrinterAdmin",
    "PrinterKeyAdmin",
    "ReceiptAdmin",
    "ReceiptBookAdmin",
    "ReceiptMailAdmin",
]
