"""One line of a story, and where its sources look."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

from django.db.models import Model, TextChoices
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from backoffice.severity import Severity
from orders.models import Order
from pos.models import PointOfSale
from stores.amounts import with_currency

LIMIT: Final = 200  # rows of one source on one page


class Kind(TextChoices):
    """What a line is about; people choose by it."""

    PUMP = "pump", _("controller")
    POLL = "poll", _("Mercado Pago asks")
    ORDER = "order", _("order")
    PAYMENT = "payment", _("payments")
    NEWS = "news", _("notifications")
    CALL = "call", _("we ask Mercado Pago")
    PAPER = "paper", _("receipts and prints")
    PERSON = "person", _("people")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What happened, when, by whom. `until` is the end of what went on for a while; `row` is where to read more.

    Of what machines say to each other over and over, lines with the same `folds` become one, with nothing between them.
    """

    at: datetime
    kind: Kind
    title: StrOrPromise
    detail: StrOrPromise = ""
    severity: Severity = Severity.INFO
    who: StrOrPromise = ""
    until: datetime | None = None
    row: Model | None = None
    times: int = 1
    folds: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """A point of sale in a time, and the orders there. Sources give their newest lines first."""

    pos: PointOfSale
    since: datetime
    until: datetime
    orders: tuple[Order, ...] = ()

    def money(self, amount: Decimal) -> str:
        return with_currency(amount, self.pos.store.account.site)
