"""What Mercado Pago's error codes for points of sale mean to a station manager (protocol.md §3)."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from stores.refusals import STORE_REFUSALS, Refusal, Refusals

_OURS = STORE_REFUSALS["UNKNOWN_FIELD"]
_CATEGORY = Refusal(
    "category", _("Mercado Pago does not know this category in the account's country. Choose another, or “other”.")
)
_STORE = Refusal("store", _("Mercado Pago does not know the store of this point of sale. Register the store again."))

POS_REFUSALS: Final[Refusals] = {
    "MISSING_BODY": _OURS,
    "UNKNOWN_FIELD_EXCEPTION": _OURS,
    "INVALID_NAME": Refusal("name", _("Mercado Pago refuses this name. Give it a name like Pump 1.")),
    "NAME_TOO_LONG": Refusal("name", _("The name is too long for Mercado Pago: at most 44 characters.")),
    "INVALID_FIXED_AMOUNT": _OURS,
    "FIXED_AMOUNT_FALSE": _OURS,
    "INVALID_CATEGORY": _CATEGORY,
    "UNKNOWN_MCC": _CATEGORY,
    "POS_UNKNOWN_MCC": _CATEGORY,
    "INVALID_STORE_ID": _STORE,
    "POS_INVALID_STORE_ID": _STORE,
    "INVALID_EXTERNAL_STORE_ID": _STORE,
    "INEXISTENT_EXTERNAL_STORE_ID": _STORE,
    "EXTERNAL_STORE_ID_NOT_MATCH": Refusal(
        "store", _("At Mercado Pago this point of sale belongs to another store. Choose another external id.")
    ),
    "INVALID_EXTERNAL_ID": Refusal(
        "external_id",
        _("Mercado Pago refuses the external id: letters and digits only, and never changed once registered."),
    ),
    "EXTERNAL_ID_TOO_LONG": Refusal(
        "external_id", _("The external id is too long for Mercado Pago: at most 39 characters.")
    ),
    "INVALID_URL": Refusal(
        "",
        _("Mercado Pago refuses our address. Its beginning is the setting PUBLIC_URL: https and a public host name."),
    ),
    "URL_TOO_LONG": Refusal(
        "", _("Our address is too long for Mercado Pago: choose a shorter host name in PUBLIC_URL, below 300 in all.")
    ),
    "INVALID_POS_ID": Refusal(
        "", _("Mercado Pago does not know this point of sale any more. Register it again: it is made anew.")
    ),
    "INVALID_LIMIT": _OURS,
    "INVALID_OFFSET": _OURS,
    "CONFLICT": Refusal(
        "external_id", _("Mercado Pago has another point of sale with this external id. Choose another one.")
    ),
    "NOT_FOUND": Refusal(
        "", _("Mercado Pago does not know this point of sale any more. Register it again: it is made anew.")
    ),
}
