from receipts.admin.jobs import PrintJobAdmin
from receipts.admin.mails import ReceiptMailAdmin
from receipts.admin.printers import PrinterAdmin, PrinterKeyAdmin
from receipts.admin.receipts import DocumentAdmin, ReceiptAdmin, ReceiptBookAdmin

__all__ = [
    "DocumentAdmin",
    "PrintJobAdmin",
    "PrinterAdmin",
    "PrinterKeyAdmin",
    "ReceiptAdmin",
    "ReceiptBookAdmin",
    "ReceiptMailAdmin",
]
