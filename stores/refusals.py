"""What Mercado Pago's error codes for stores mean to a station manager (protocol.md §2)."""

from collections.abc import Mapping
from typing import Final, NamedTuple

from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise


class Refusal(NamedTuple):
    """The field that is wrong ("" when it is none), and what to do about it."""

    field: str
    sentence: StrOrPromise


Refusals = Mapping[str, Refusal]

# Why Mercado Pago does not know something yet: our own codes.
WAITS: Final[Mapping[str, StrOrPromise]] = {
    "NO_ANSWER": _("Mercado Pago did not answer."),
    "TOO_MANY": _("Mercado Pago asks for a pause: too many calls at once."),
    "UNAUTHORIZED": _("Mercado Pago refuses the account's access token: it is wrong, revoked or expired. Renew it."),
    "STORE_FIRST": _("Its store is not registered yet: open the store to see why."),
}

_OURS = _("Mercado Pago does not understand what we sent: this is a fault of ours. Tell your administrator: %(code)s.")
_TOKEN = _("The account's access token belongs to another user. Renew it with manage.py create_account.")

STORE_REFUSALS: Final[Refusals] = {
    "UNKNOWN_FIELD": Refusal("", _OURS),
    "INVALID_NAME": Refusal("name", _("Mercado Pago refuses this name. Give the store a name of letters and digits.")),
    "BAD_REQUEST": Refusal(
        "latitude",
        _("Mercado Pago says that this place is not in the account's country. Copy the coordinates from a map."),
    ),
    "INVALID_BUSINESS_HOURS": Refusal(
        "business_hours",
        _("Mercado Pago refuses the business hours: at most four slots a day, written like 08:00-13:00."),
    ),
    "INVALID_DAY": Refusal("business_hours", _("Mercado Pago does not know one of the days of the business hours.")),
    "INVALID_LOCATION": Refusal(
        "street", _("Mercado Pago refuses the address. Check street, number, city, state and the coordinates.")
    ),
    "INVALID_STREET_NAME": Refusal("street", _("Mercado Pago refuses the name of the street. Write it in full.")),
    "INVALID_STREET_NUMBER": Refusal(
        "number", _("Mercado Pago refuses the house number. Write its digits only; without one, write 0.")
    ),
    "INVALID_CITY_NAME": Refusal(
        "city", _("Mercado Pago does not know this city. Write it as Mercado Libre does, in the state that it is in.")
    ),
    "INVALID_STATE_NAME": Refusal(
        "state", _("Mercado Pago does not know this state. Write it as Mercado Libre does, without abbreviations.")
    ),
    "INVALID_REFERENCE": Refusal("reference", _("Mercado Pago refuses the reference. Shorten it, or leave it empty.")),
    "INVALID_ZIP_CODE": Refusal("reference", _("Mercado Pago refuses the zip code. Leave it out of the reference.")),
    "INVALID_LATITUDE": Refusal("latitude", _("Mercado Pago refuses the latitude: degrees, like -34.6352.")),
    "INVALID_LONGITUDE": Refusal("longitude", _("Mercado Pago refuses the longitude: degrees, like -58.4057.")),
    "INVALID_EXTERNAL_ID": Refusal(
        "external_id", _("Mercado Pago refuses the external id: letters and digits only, at most 60.")
    ),
    # The same message when city or state do not match (protocol.md §2): the text names both.
    "VALIDATION_ERROR": Refusal(
        "city",
        _(
            "Mercado Pago does not accept city and state together, or another store has this external id already. "
            "Write city and state as Mercado Libre does; if they are right, choose another external id."
        ),
    ),
    "INVALID_USER_ID": Refusal("", _TOKEN),
    "INVALID_STORE_ID": Refusal(
        "", _("Mercado Pago does not know this store any more. Register it again: it is made anew.")
    ),
    "INVALID_OFFSET": Refusal("", _OURS),
    "INVALID_LIMIT": Refusal("", _OURS),
    "FORBIDDEN": Refusal("", _TOKEN),
}
