"""The states of an order, and the only ways between them."""

from typing import Final

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Status(TextChoices):
    """Where an order stands (contract §4)."""

    OPEN = "open", _("open")
    CLOSED = "closed", _("closed")
    CANCELED = "canceled", _("canceled")
    EXPIRED = "expired", _("expired")


class PaymentStatus(TextChoices):
    """What the payments of an order add up to (contract §4)."""

    UNPAID = "unpaid", _("unpaid")
    PARTIALLY_PAID = "partially_paid", _("partially paid")
    PAID = "paid", _("paid")
    OVERPAID = "overpaid", _("overpaid")
    PARTIALLY_REFUNDED = "partially_refunded", _("partially refunded")
    REFUNDED = "refunded", _("refunded")
    CHARGED_BACK = "charged_back", _("charged back")


class Attention(TextChoices):
    """Why a person must look at an order."""

    OVERPAID = "overpaid", _("paid twice or too much")
    PAID_AFTER_CANCEL = "paid_after_cancel", _("paid after it was canceled")
    PAID_AFTER_EXPIRY = "paid_after_expiry", _("paid after it expired")
    PARTIALLY_PAID = "partially_paid", _("paid in part only")
    NOT_COVERED = "not_covered", _("closed, but its payment did not stay")
    CHARGED_BACK = "charged_back", _("charged back")
    IN_MEDIATION = "in_mediation", _("the customer disputes a payment")
    REFUND_FAILED = "refund_failed", _("Mercado Pago refused a refund")
    REFUNDED_OUTSIDE = "refunded_outside", _("refunded at Mercado Pago, not from here")
    UNCONFIRMED = "unconfirmed", _("paid, but Mercado Pago does not confirm it")
    NOT_UNDERSTOOD = "not_understood", _("Mercado Pago's answer is not understood")
    UNKNOWN_STATUS = "unknown_status", _("Mercado Pago reports a status that is not known here")
    FOREIGN_COLLECTOR = "foreign_collector", _("the money went to another account")
    FOREIGN_CURRENCY = "foreign_currency", _("paid in another currency")
    FOREIGN_REFERENCE = "foreign_reference", _("Mercado Pago reports another reference")


FOREIGN: Final = (Attention.FOREIGN_COLLECTOR, Attention.FOREIGN_CURRENCY, Attention.FOREIGN_REFERENCE)


class RequestStatus(TextChoices):
    """Where a wish to give back money stands."""

    PROPOSED = "proposed", _("proposed")
    PENDING = "pending", _("being refunded")
    APPROVED = "approved", _("refunded")
    FAILED = "failed", _("failed")
    DECLINED = "declined", _("declined: the money is kept")
    WITHDRAWN = "withdrawn", _("no longer needed")


class RefundStatus(TextChoices):
    """Where the refund of one payment stands."""

    PENDING = "pending", _("being refunded")
    APPROVED = "approved", _("refunded")
    FAILED = "failed", _("failed")


# Everything else is late news, and ignored by this rule. Steps may be skipped: we sample Mercado Pago.
TRANSITIONS: Final[dict[Status, frozenset[Status]]] = {
    Status.OPEN: frozenset({Status.CLOSED, Status.CANCELED, Status.EXPIRED}),
    Status.CANCELED: frozenset({Status.CLOSED}),  # money that arrived late is still money
    Status.EXPIRED: frozenset({Status.CLOSED}),
    Status.CLOSED: frozenset(),
}

# Mercado Pago's words (protocol.md §5). One that is not listed is never guessed.
MERCHANT_ORDER_STATUSES: Final = ("opened", "closed", "expired")
APPROVED: Final = "approved"
REFUNDED: Final = "refunded"
CHARGED_BACK: Final = "charged_back"
IN_MEDIATION: Final = "in_mediation"
ARRIVED: Final = frozenset({APPROVED, REFUNDED, CHARGED_BACK, IN_MEDIATION})
UNDECIDED: Final = frozenset({"pending", "authorized", "in_process"})
PAYMENT_STATUSES: Final = tuple(sorted(ARRIVED | UNDECIDED | {"rejected", "cancelled"}))


class LoyaltyStatus(TextChoices):
    """What became of a sale's loyalty points (protocol.md §1.2)."""

    PENDING = "pending", _("pending")
    ACCREDITED = "accredited", _("accredited")
    NOT_APPLICABLE = "not_applicable", _("not applicable")
    FAILURE = "failure", _("failed")
    NOT_FOUND = "not_found", _("not known to the program")
