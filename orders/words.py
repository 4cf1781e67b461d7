"""What rows keep as codes, in words for people: who did it, why, and how it stands. The rows stay as they are."""

import re
from decimal import Decimal
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django_stubs_ext import StrOrPromise

from gateway.sites import Site
from orders.refusals import why_not
from orders.states import Attention, PaymentStatus, RefundStatus, RequestStatus, Status
from stores.amounts import written

Words = dict[str, StrOrPromise]

_OURS: Final[Words] = {
    "check": lazy("our own check"),
    "sweep": lazy("our own check"),
    "reconcile": lazy("our own check"),
    "audit": lazy("the nightly comparison"),
    "expiry": lazy("the clock"),
    "rules": lazy("the rules"),
    "policy": lazy("the store's policy"),
    "automatic": lazy("the automatic printing"),
}
_NOTIFICATION, _REFUND = re.compile(r"notification \d+"), re.compile(r"refund \d+")
_KEY = re.compile(r"controller key (\w+)")
_AMOUNT = re.compile(r"\d{1,12}(\.\d{1,2})?")
_SET_ASIDE = re.compile(r"set aside \((\w+)\): (.*)", re.DOTALL)

_REASONS: Final[Words] = {
    "reported by the controller": lazy("reported by the controller"),
    "paid": lazy("paid"),
    "canceled": lazy("canceled"),
    "not paid in time": lazy("not paid in time"),
    "replaced": lazy("The controller reported another sale in its place."),
} | {one.value: one.label for one in Attention}

# Mercado Pago's words for payments and for its own orders (protocol.md §5), and ours for our orders.
_STATUSES: Final[Words] = {one.value: one.label for one in (*PaymentStatus, *Status)} | {
    "approved": lazy("approved"),
    "in_mediation": lazy("disputed"),
    "pending": lazy("pending"),
    "in_process": lazy("in process"),
    "authorized": lazy("authorized"),
    "rejected": lazy("rejected"),
    "cancelled": lazy("canceled"),
    "opened": lazy("open"),
    "payment_required": lazy("nothing paid"),
    "payment_in_process": lazy("a payment is not decided yet"),
    "partially_reverted": lazy("given back in part"),
    "reverted": lazy("given back"),
    "undefined": lazy("not known"),
}
_DETAILS: Final[Words] = {
    "accredited": lazy("credited to the account"),
    "refunded": lazy("refunded"),
    "partially_refunded": lazy("partially refunded"),
}
_OPERATIONS: Final[Words] = {"regular_payment": lazy("ordinary payment"), "pos_payment": lazy("ordinary payment")}


def who(actor: str) -> StrOrPromise:
    """Rows name machines in words of ours; a person's name and a key's stay as they are."""
    if _NOTIFICATION.fullmatch(actor):
        return _("a notification of Mercado Pago")
    if _REFUND.fullmatch(actor):
        return _("a refund")
    if key := _KEY.fullmatch(actor):
        return _("the controller (key %(key)s…)") % {"key": key[1]}
    return _OURS.get(actor, actor)


def why(reason: str) -> StrOrPromise:
    """Why an order changed, or money goes back. What a person wrote stays as it is."""
    if aside := _SET_ASIDE.fullmatch(reason):
        return _("set aside (%(what)s): %(why)s") % {"what": why(aside[1]), "why": aside[2]}
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


def side(text: str, site: Site) -> str:
    """One side of a difference: statuses, amounts and references, one after the other."""
    return " ".join(money(str(status(part)), site) for part in text.split())
