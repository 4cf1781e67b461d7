"""Which states are good news and which are not."""

from typing import Final

from orders.states import Attention, PaymentStatus, RefundStatus, RequestStatus, Status
from stores.admin.badges import BAD, BUSY, CALM, GOOD, WARN, Tones

ORDER: Final[Tones] = {Status.OPEN: BUSY, Status.CLOSED: GOOD}
PAYMENT_STATUS: Final[Tones] = {
    PaymentStatus.PARTIALLY_PAID: WARN,
    PaymentStatus.PAID: GOOD,
    PaymentStatus.OVERPAID: WARN,
    PaymentStatus.CHARGED_BACK: BAD,
}
ATTENTION: Final[Tones] = dict.fromkeys(Attention.values, BAD) | {
    Attention.OVERPAID: WARN,
    Attention.PARTIALLY_PAID: WARN,
    Attention.REFUNDED_OUTSIDE: WARN,
}
REFUND_REQUEST: Final[Tones] = {
    RequestStatus.PROPOSED: WARN,
    RequestStatus.PENDING: BUSY,
    RequestStatus.APPROVED: GOOD,
    RequestStatus.FAILED: BAD,
    RequestStatus.DECLINED: CALM,
}
REFUND: Final[Tones] = {RefundStatus.PENDING: BUSY, RefundStatus.APPROVED: GOOD, RefundStatus.FAILED: BAD}
# Mercado Pago's own words.
PAYMENT: Final[Tones] = {
    "approved": GOOD, "refunded": CALM, "charged_back": BAD, "in_mediation": BAD, "pending": BUSY, "authorized": BUSY,
    "in_process": BUSY, "rejected": WARN, "cancelled": CALM,
}  # fmt: skip
MERCHANT_ORDER: Final[Tones] = {"opened": BUSY, "closed": GOOD}
