"""The words of a receipt, in their order. Frozen once; every writer draws the same blocks.

Version 1 had titles, texts, rows, totals and rules. Version 2 adds logos, headings, marks and QR codes, its own
`title` and its time, so that drawing it needs nothing but the content and the pictures it names.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, NotRequired, TypedDict

from babel.dates import format_datetime
from babel.numbers import format_decimal, get_currency_symbol
from django.utils import translation
from django.utils.translation import gettext as _

from gateway.sites import Site
from orders.models import Order, Payment, Refund
from orders.states import LoyaltyStatus
from receipts.characters import sayable
from stores.models import Store


class Block(TypedDict, total=False):
    """`title`, `heading`, `mark` and `text` are centred, `left` is not; `row` and `total` have two sides.

    `rule` is a line; `logo` names a picture by its SHA-256; `qr` has what it holds in `data` and says so in `text`.
    """

    kind: str
    text: str
    left: str
    right: str
    data: str
    image: str


class Content(TypedDict):
    """All that a receipt says."""

    version: int
    language: str
    number: str
    blocks: list[Block]
    title: NotRequired[str]  # from version 2 on
    issued_at: NotRequired[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """What a document is called, when it was made and where it can be seen."""

    number: str
    issued_at: datetime
    url: str


def language_of(store: Store) -> str:
    """Of the store's receipts, as Django names it."""
    return store.receipt_language or store.account.site.language


def freeze(order: Order, payments: list[Payment], heading: Heading) -> Content:
    """Everything the receipt of this order will ever say, in the language of its store."""
    with translation.override(language_of(order.pos.store)):
        return _content(order.pos.store, f"{_('Receipt')} {heading.number}", heading, _sale(order, payments, heading))


def freeze_refund(order: Order, refunds: list[Refund], heading: Heading, *, receipt: str) -> Content:
    """Everything the slip of this refund will ever say. `receipt` is the number of what was paid."""
    with translation.override(language_of(order.pos.store)):
        return _content(
            order.pos.store, f"{_('Refund slip')} {heading.number}", heading, _refund(order, refunds, heading, receipt)
        )


def mark(content: Content, text: str) -> Content:
    """The same words under a mark: a copy."""
    blocks: list[Block] = [{"kind": "mark", "text": text}, *content["blocks"]]
    return {**content, "blocks": blocks}


def copy_mark(store: Store, *, language: str, number: int, at: datetime, actor: str) -> str:
    """`COPY 1 · 24/11/2026 12:00 · ana`, by the store's clock and in the language of what it is a copy of."""
    with translation.override(language):
        copy = _("COPY %(number)s") % {"number": number}
        return sayable(f"{copy} · {spell_time(at, store)} · {actor}")


def total_of(content: Content) -> str:
    """The amount it is about, as it says it."""
    return next((block["right"] for block in content["blocks"] if block["kind"] == "total"), "")


def images_of(content: Content) -> list[str]:
    """The pictures it names."""
    return [block["image"] for block in content["blocks"] if block["kind"] == "logo"]


def spell(amount: Decimal, site: Site) -> str:
    """An amount for people of that country: `$ 1.234,50`, `R$ 12,00`, `$ 1.500`."""
    pattern = "#,##0." + "0" * site.decimals if site.decimals else "#,##0"
    symbol = get_currency_symbol(site.currency, locale=site.locale)
    return f"{symbol} {format_decimal(amount, format=pattern, locale=site.locale)}"


def spell_time(moment: datetime, store: Store) -> str:
    """By the store's clock."""
    return str(format_datetime(moment.astimezone(store.tz), "dd/MM/yyyy HH:mm", locale=store.account.site.locale))


def _content(store: Store, title: str, heading: Heading, blocks: Iterable[Block]) -> Content:
    return {
        "version": 2,
        "language": language_of(store),
        "title": title,
        "number": heading.number,
        "issued_at": heading.issued_at.isoformat(),
        "blocks": [*_head(store), *blocks, *_foot(heading)],
    }


def _head(store: Store) -> Iterator[Block]:
    if store.logo is not None:
        yield {"kind": "logo", "image": store.logo.sha256}
    yield {"kind": "title", "text": sayable(store.name)}
    yield _text(f"{store.street} {store.number}")
    yield _text(f"{store.city}, {store.state}")
    yield {"kind": "rule"}


def _foot(heading: Heading) -> Iterator[Block]:
    yield {"kind": "rule"}
    yield {"kind": "qr", "data": heading.url, "text": _("Scan to keep it on your phone.")}
    yield _text(_("Thank you!"))
    yield _text(_("Not valid as a fiscal invoice."))


def _sale(order: Order, payments: list[Payment], heading: Heading) -> Iterator[Block]:
    site = order.site
    yield _row(_("Receipt"), heading.number)
    yield _row(_("Date"), spell_time(heading.issued_at, order.pos.store))
    yield _row(_("Point of sale"), order.pos.name)
    if order.reference:
        yield _row(_("Reference"), order.reference)
    yield {"kind": "rule"}
    for item in order.items:
        yield from _item(item, site)
    yield {"kind": "rule"}
    yield {"kind": "total", "left": _("TOTAL"), "right": spell(order.total_amount, site)}
    for tax in order.taxes:
        yield _row(_tax(tax, site), spell(Decimal(tax["value"]), site))
    yield {"kind": "rule"}
    # Neither card nor account money is named: a merchant order's payments[] do not say what was paid with, nor do the
    # fields of /v1/payments that we may count on (protocol.md §5, §6). What is not known is not printed.
    for payment in payments:
        yield _row(_("Paid with Mercado Pago"), spell(payment.amount, site))
        yield _row(_("Operation"), str(payment.remote_id))
    yield _row(_("Order"), order.external_reference)
    if order.loyalty_status == LoyaltyStatus.ACCREDITED and order.loyalty_points is not None:
        yield _row(_("Points earned"), format_decimal(order.loyalty_points, locale=site.locale))
    elif order.loyalty and order.loyalty_status in ("", LoyaltyStatus.PENDING):
        # They are credited after the close, by the loyalty program; the customer's page tells how many.
        yield _row(_("Points"), _("are being credited"))


def _refund(order: Order, refunds: list[Refund], heading: Heading, receipt: str) -> Iterator[Block]:
    site = order.site
    yield {"kind": "heading", "text": _("REFUND")}
    yield _row(_("Refund slip"), heading.number)
    yield _row(_("Date"), spell_time(heading.issued_at, order.pos.store))
    yield _row(_("Of receipt"), receipt)
    yield _row(_("Point of sale"), order.pos.name)
    yield {"kind": "rule"}
    for refund in refunds:
        yield _row(_("Back through Mercado Pago"), spell(refund.amount, site))
        yield _row(_("Of operation"), str(refund.payment.remote_id))
        if refund.remote_id:
            yield _row(_("Refund number"), str(refund.remote_id))
    yield {"kind": "rule"}
    total = sum((refund.amount for refund in refunds), Decimal(0))
    yield {"kind": "total", "left": _("REFUNDED"), "right": spell(total, site)}
    yield {"kind": "rule"}
    yield _row(_("Order"), order.external_reference)


def _item(item: dict[str, Any], site: Site) -> Iterator[Block]:
    total = spell(Decimal(item["total_amount"]), site)
    if item["quantity"] == "1" and item["unit_measure"] == "unit":
        yield _row(item["title"], total)
        return
    yield {"kind": "left", "text": sayable(item["title"])}
    quantity = format_decimal(Decimal(item["quantity"]), format="#,##0.###", locale=site.locale)
    unit = "" if item["unit_measure"] == "unit" else f" {item['unit_measure']}"  # the API's word for "so many"
    yield _row(f"{quantity}{unit} × {spell(Decimal(item['unit_price']), site)}", total)


def _tax(tax: dict[str, str], site: Site) -> str:
    percentage = format_decimal(Decimal(tax["percentage"]), format="#,##0.##", locale=site.locale)
    return _("%(tax)s %(percentage)s%% included") % {"tax": tax["type"], "percentage": percentage}


def _row(left: str, right: str) -> Block:
    return {"kind": "row", "left": sayable(left), "right": sayable(right)}


def _text(text: str) -> Block:
    return {"kind": "text", "text": sayable(text)}
