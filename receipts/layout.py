"""The words of a receipt, in their order. Frozen once; every writer draws the same blocks."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any, TypedDict

from babel.dates import format_datetime
from babel.numbers import format_decimal, get_currency_symbol
from django.utils import translation
from django.utils.translation import gettext as _

from gateway.sites import Site
from orders.models import Order, Payment


class Block(TypedDict, total=False):
    """`title` and `text` are centred, `left` is not; `row` and `total` have two sides; `rule` is a line."""

    kind: str
    text: str
    left: str
    right: str


class Content(TypedDict):
    """All that a receipt says."""

    version: int
    language: str
    number: str
    blocks: list[Block]


def freeze(order: Order, payments: list[Payment], *, number: str, issued_at: datetime) -> Content:
    """Everything the receipt of this order will ever say, in the language of its country."""
    with translation.override(order.site.language):
        blocks = list(_blocks(order, payments, number, issued_at))
    return {"version": 1, "language": order.site.language, "number": number, "blocks": blocks}


def _blocks(order: Order, payments: list[Payment], number: str, issued_at: datetime) -> Iterator[Block]:
    store, site = order.pos.store, order.site
    yield {"kind": "title", "text": store.name}
    yield _text(f"{store.street} {store.number}")
    yield _text(f"{store.city}, {store.state}")
    yield {"kind": "rule"}
    yield _row(_("Receipt"), number)
    yield _row(_("Date"), format_datetime(issued_at.astimezone(store.tz), "dd/MM/yyyy HH:mm", locale=site.locale))
    yield _row(_("Point of sale"), order.pos.name)
    if order.reference:
        yield _row(_("Reference"), order.reference)
    yield {"kind": "rule"}
    for item in order.items:
        yield from _item(item, site)
    yield {"kind": "rule"}
    yield {"kind": "total", "left": _("TOTAL"), "right": spell(order.total_amount, site)}
    yield {"kind": "rule"}
    for payment in payments:
        yield _row(_("Paid with Mercado Pago"), spell(payment.amount, site))
        yield _row(_("Operation"), str(payment.remote_id))
    yield _row(_("Order"), order.external_reference)
    yield {"kind": "rule"}
    yield _text(_("Thank you!"))
    yield _text(_("Not valid as a fiscal invoice."))


def _item(item: dict[str, Any], site: Site) -> Iterator[Block]:
    total = spell(Decimal(item["total_amount"]), site)
    if item["quantity"] == "1":
        yield _row(item["title"], total)
        return
    yield _text_left(item["title"])
    quantity = format_decimal(Decimal(item["quantity"]), format="#,##0.###", locale=site.locale)
    yield _row(f"{quantity} {item['unit_measure']} × {spell(Decimal(item['unit_price']), site)}", total)


def spell(amount: Decimal, site: Site) -> str:
    """An amount for people of that country: `$ 1.234,50`, `R$ 12,00`, `$ 1.500`."""
    pattern = "#,##0." + "0" * site.decimals if site.decimals else "#,##0"
    symbol = get_currency_symbol(site.currency, locale=site.locale)
    return f"{symbol} {format_decimal(amount, format=pattern, locale=site.locale)}"


def _row(left: str, right: str) -> Block:
    return {"kind": "row", "left": left, "right": right}


def _text(text: str) -> Block:
    return {"kind": "text", "text": text}


def _text_left(text: str) -> Block:
    return {"kind": "left", "text": text}
