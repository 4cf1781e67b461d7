"""What rows keep as codes, in words for people: who did it, why, and how it stands. The rows stay as they are."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from gateway.sites import Site
from orders.refusals import why_not
from orders.states import Attention, PaymentStatus, RefundStatus, RequestStatus, Status
from stores.amounts import quantity, written

Words = Mapping[str, StrOrPromise]

_OURS: Final[Words] = {
    "check": _("our own check"),
    "sweep": _("our own check"),
    "reconcile": _("our own check"),
    "audit": _("the nightly comparison"),
    "expiry": _("the clock"),
    "rules": _("the rules"),
    "policy": _("the store's policy"),
    "automatic": _("the automatic printing"),
}
_NOTIFICATION, _REFUND = re.compile(r"notification \d+"), re.compile(r"refund \d+")
_KEY = re.compile(r"controller key (\w+)")
_AMOUNT = re.compile(r"\d{1,12}(\.\d{1,2})?")
_SET_ASIDE = re.compile(r"set aside \((\w+)\): (.*)", re.DOTALL)

_REASONS: Final[Words] = {
    "reported by the controller": _("reported by the controller"),
    "paid": _("the customer has paid"),
    "canceled": _("canceled"),
    "not paid in time": _("not paid in time"),
    "replaced": _("The controller reported another sale in its place."),
} | {one.value: one.label for one in Attention}

# Mercado Pago's words for payments and for its own orders (protocol.md §5), and ours for our orders.
_STATUSES: Final[Words] = {one.value: one.label for one in (*PaymentStatus, *Status)} | {
    "approved": _("approved"),
    "in_mediation": _("disputed"),
    "pending": _("pending"),
    "in_process": _("in process"),
    "authorized": _("authorized"),
    "rejected": _("rejected"),
    "cancelled": _("canceled"),
    "opened": _("open"),
    "payment_required": _("nothing paid"),
    "payment_in_process": _("a payment is not decided yet"),
    "partially_reverted": _("given back in part"),
    "reverted": _("given back"),
    "undefined": _("not known"),
}
_DETAILS: Final[Words] = {
    "accredited": _("credited to the account"),
    "refunded": _("refunded"),
    "partially_refunded": _("partially refunded"),
}
_OPERATIONS: Final[Words] = {"regular_payment": _("ordinary payment"), "pos_payment": _("ordinary payment")}


def who(actor: str) -> StrOrPromise:
    """Rows name machines in words of ours; a person's name and a key's stay as they are."""
    if _NOTIFICATION.fullmatch(actor):
        return gettext("a notification of Mercado Pago")
    if _REFUND.fullmatch(actor):
        return gettext("a refund")
    if key := _KEY.fullmatch(actor):
        return gettext("the controller (key %(key)s…)") % {"key": key[1]}
    return _OURS.get(actor, actor)


def why(reason: str) -> StrOrPromise:
    """Why an order changed, or money goes back. What a person wrote stays as it is."""
    if aside := _SET_ASIDE.fullmatch(reason):
        return gettext("set aside (%(what)s): %(why)s") % {"what": why(aside[1]), "why": aside[2]}
    return _REASONS.get(reason, reason)


def status(word: str) -> StrOrPromise:
    """How a payment or an order of Mercado Pago's stands. A word that is not known stands as it is."""
    return _STATUSES.get(word, word)


def detail(word: str) -> StrOrPromise:
    """What Mercado Pago adds to a payment's status."""
    return _DETAILS.get(word) or (why_not(word) if word else "")


def operation(word: str) -> StrOrPromise:
    """What kind of payment it is."""
    return _OPERATIONS.get(word, word)


def request_status(word: str) -> StrOrPromise:
    """Where a wish to give money back stands."""
    return RequestStatus(word).label if word in RequestStatus.values else word


def refund_status(word: str) -> StrOrPromise:
    """Where the refund of one payment stands."""
    return RefundStatus(word).label if word in RefundStatus.values else word


def money(text: str, site: Site) -> str:
    """An amount that a row keeps as a text; what is none stays as it is."""
    return written(Decimal(text), site) if _AMOUNT.fullmatch(text) else text


def amount_of(item: Mapping[str, Any], site: Site) -> str:
    """How much of it was sold: `10.5 L`, `2`."""
    unit = "" if item["unit_measure"] == "unit" else f" {item['unit_measure']}"  # the API's word for "so many"
    return f"{quantity(Decimal(item['quantity']), site)}{unit}"


def side(text: str, site: Site) -> str:
    """One side of a difference: statuses, amounts and references, one after the other."""
    return " ".join(money(str(status(part)), site) for part in text.split())
