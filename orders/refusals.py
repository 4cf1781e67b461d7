"""Why Mercado Pago did not take a payment, or did not give money back, as a cashier would say it.

protocol.md §6, §7, and Mercado Pago's own lists of details and of errors.
"""

import re
from typing import Final

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

_BANK: Final = _("The bank refuses it. The customer can pay by another means, or ask the bank.")
_CARD: Final = _("The card was typed wrongly. The customer checks number, date and code and tries again.")
_RISK: Final = _("Mercado Pago finds the payment too risky. The customer pays by another means.")
_REVIEW: Final = _("Mercado Pago is looking at it. Wait: it is decided by itself.")

REASONS: Final[dict[str, StrOrPromise]] = {
    "cc_rejected_call_for_authorize": _(
        "The bank wants the customer to authorize it first. The customer calls the bank, or pays by another means."
    ),
    "cc_rejected_insufficient_amount": _(
        "There is not enough money on the card or in the account. The customer pays by another means."
    ),
    "cc_rejected_bad_filled_card_number": _CARD,
    "cc_rejected_bad_filled_date": _CARD,
    "cc_rejected_bad_filled_other": _CARD,
    "cc_rejected_bad_filled_security_code": _CARD,
    "cc_rejected_card_disabled": _("The card is not activated. The customer calls the bank, or pays by another means."),
    "cc_rejected_card_error": _BANK,
    "cc_rejected_other_reason": _BANK,
    "rejected_by_bank": _BANK,
    "bank_error": _BANK,
    "cc_rejected_blacklist": _RISK,
    "cc_rejected_high_risk": _RISK,
    "rejected_high_risk": _RISK,
    "rejected_by_regulations": _RISK,
    "rejected_insufficient_data": _(
        "Mercado Pago wants more data of the customer. The customer completes the account."
    ),
    "cc_rejected_duplicated_payment": _(
        "The customer has just paid the same amount. Look whether that was this sale before it is tried again."
    ),
    "cc_rejected_max_attempts": _("The card was tried too often. The customer pays by another means."),
    "cc_rejected_invalid_installments": _("The card does not take these instalments. The customer chooses others."),
    "cc_rejected_card_type_not_allowed": _("This kind of card is not accepted here. The customer chooses another."),
    "cc_amount_rate_limit_exceeded": _(
        "The amount is above what this means of payment allows. The customer pays by another means."
    ),
    "amount_limit_exceeded": _("The amount is above what the customer's account may pay."),
    "pending_contingency": _REVIEW,
    "pending_review_manual": _REVIEW,
    "pending_waiting_payment": _("The customer has still to pay at the bank or the shop that was chosen."),
    "pending_waiting_transfer": _("The customer has still to finish the transfer in the bank's app."),
    "pending_challenge": _("The bank asks the customer to confirm it on the phone."),
    "expired": _("The customer did not finish it in time."),
    "by_payer": _("The customer has canceled it."),
    "by_collector": _("It was canceled from the seller's account at Mercado Pago."),
    "by_admin": _("Mercado Pago has canceled it."),
}

# How the gateway's errors begin: which call, and the status of its answer. What does not begin so is ours.
_CALL: Final = re.compile(r"(?:GET|POST) /\S+: ")
# Looked for in what Mercado Pago says: of the codes in its list, few answers carry one. The first that fits speaks.
_WORDS: Final[tuple[tuple[str, StrOrPromise], ...]] = (
    (r"no answer|no JSON|^(423|424|429|5\d\d)\b", _("Mercado Pago did not answer as it should.")),
    (r"^401\b", _("Mercado Pago refuses the account's access token: renew it.")),
    (
        r"enough money|insufficient|balance",
        _("There is not enough money in the Mercado Pago account: fill it up, then try again."),
    ),
    (r"too old|refund period", _("It was paid too long ago for Mercado Pago to give it back.")),
    (r"max number of refunds", _("Mercado Pago gives back no more parts of this payment.")),
    (r"[Pp]artial refund|partially_refund", _("Of this payment only the whole can go back.")),
    (
        r"current payment state|cannot be refunded|not allowed to be refunded|payment method type|^404\b",
        _("Mercado Pago gives this payment back no more: it went back already, or is disputed. Check now."),
    ),
    (r"amount", _("It is more than what is left of the payment. Check now.")),
)


def why_not(detail: str) -> StrOrPromise:
    """What to say of a payment's status_detail. One that is not known stands as Mercado Pago writes it."""
    if not detail:
        return _("Mercado Pago does not say why. The customer tries again, or pays by another means.")
    return REASONS.get(detail) or _("Mercado Pago's reason: %(detail)s") % {"detail": detail}


def why_not_back(error: str) -> StrOrPromise:
    """What to say of a refund's error: in our words, with Mercado Pago's behind them. What is ours stands as it is."""
    call = _CALL.match(error)
    if call is None:
        return error
    theirs = error[call.end() :]
    ours = next((words for pattern, words in _WORDS if re.search(pattern, theirs)), gettext("Mercado Pago refuses it."))
    return gettext("%(ours)s (Mercado Pago: “%(theirs)s”)") % {"ours": ours, "theirs": theirs}
