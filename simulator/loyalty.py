"""Points of the petrol brands' programs: the block in an order, and what became of it (protocol.md §1.2).

On purpose written from the document alone: it shares no table with the merchant's side.
"""

import re
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from simulator import ledger
from simulator.http import Call, Refusal
from simulator.world import Json, world

Problem = tuple[str, str | Promise]
_TEXTS = {
    "transaction_id": (r".{1,40}", _("is not a text of 1 to 40 characters")),
    "invoice_number": (r"[A-Za-z0-9]{8}", _("is not a text of 8 characters, with zeros in front")),
    "store_id": (r"[A-Za-z0-9]{5}", _("is not a text of 5 characters, with zeros in front")),
    "period": (r"[A-Za-z0-9]{4}", _("is not a text of 4 characters")),
    "shift": (r"[A-Za-z0-9]", _("is not a text of 1 character")),
    "affinity_plan": (r"[A-Za-z0-9]", _("is not a text of 1 character")),
    "program": (r"serviclub|CTC", _("is neither serviclub nor CTC")),
}
_FIELDS = {*_TEXTS, "transaction_date", "transaction_amount", "products", "cashier_identification"}
_PRODUCT = {"code", "quantity", "unit", "unit_price"}
_FUELS = {"serviclub": ("1", "3", "4", "6", "7", "8"), "CTC": ("1", "2", "3")}
_OTHERS = {"serviclub": ("0", "11"), "CTC": ("4", "5", "6", "7")}
_REGISTRY = "_loyalty"  # private keys of a merchant order: the world keeps them, nobody is told
_ASKED = "_loyalty_asked"


def problems(block: Any, *, total: Decimal) -> Iterator[Problem]:
    """What is wrong with the block of an order that comes to `total`: fields, and why."""
    if not isinstance(block, dict):
        yield "loyalty", _("is not an object")
        return
    for name in block.keys() ^ _FIELDS:
        yield f"loyalty.{name}", _("is not a field of it") if name in block else _("is missing")
    for name, (shape, problem) in _TEXTS.items():
        if not _is_text(block.get(name), shape):
            yield f"loyalty.{name}", problem
    if not _is_moment(block.get("transaction_date")):
        yield "loyalty.transaction_date", _("is not a date and time of ISO 8601")
    if not _is_number(block.get("transaction_amount")) or block["transaction_amount"] != total:
        yield "loyalty.transaction_amount", _("is not the order's total")
    yield from _problems_of_cashier(block.get("cashier_identification"))
    yield from _problems_of_products(block.get("products"), program=str(block.get("program")))


def _problems_of_cashier(cashier: Any) -> Iterator[Problem]:
    if not isinstance(cashier, dict) or cashier.keys() != {"type", "number"}:
        yield "loyalty.cashier_identification", _("is not an object with type and number")
    elif not all(_is_text(value, ".+") for value in cashier.values()):
        yield "loyalty.cashier_identification", _("holds what is not a text")


def _problems_of_products(products: Any, *, program: str) -> Iterator[Problem]:
    fuels, others, is_late = _FUELS.get(program, ()), _OTHERS.get(program, ()), False
    if not isinstance(products, list) or not products:
        yield "loyalty.products", _("is missing or empty")
        return
    for index, product in enumerate(products):
        at = f"loyalty.products.{index}"
        if not isinstance(product, dict) or product.keys() != _PRODUCT:
            yield at, _("is not an object with code, quantity, unit and unit_price")
            continue
        if not _is_text(product["code"], ".+"):
            yield f"{at}.code", _("is not a text")
        elif product["code"] in fuels and is_late:
            yield f"{at}.code", _("is fuel, which must be the first product")
        is_late = is_late or product["code"] in others
        quantity = product["quantity"]
        if not _is_number(quantity) or quantity != round(quantity, 3):
            yield f"{at}.quantity", _("is not a number above 0 with at most 3 decimals")
        if not _is_text(product["unit"], "litre|piece"):
            yield f"{at}.unit", _("is neither litre nor piece")
        if not _is_number(product["unit_price"]):
            yield f"{at}.unit_price", _("is not a number above 0")


def remember(order: Json, block: Json | None) -> None:
    """The points that a merchant order will earn once it is paid."""
    if block:
        order[_REGISTRY] = block
        world.changed()


def read(call: Call, *, order_id: int) -> tuple[int, Any]:
    """GET /instore/loyalty/<merchant order id>: pending when asked for the first time, accredited from then on."""
    order = world.tables["merchant_orders"].get(str(order_id))
    is_own = order is not None and order["collector"]["id"] == call.user_id
    if order is None or not is_own or _REGISTRY not in order or not ledger.was_covered(order):
        text = "Loyalty registry not found for the given merchant order id."
        raise Refusal(404, "loyalty_registry_not_found", text)
    order[_ASKED] = order.get(_ASKED, 0) + 1
    world.changed()
    if order[_ASKED] == 1:
        return 200, {"status": "pending"}
    points = {product["code"]: _points(product) for product in order[_REGISTRY]["products"]}
    products = [{"code": code, "points": str(earned)} for code, earned in points.items()]
    return 200, {"status": "accredited", "total_points": sum(points.values()), "products": products}


def _points(product: Json) -> int:
    """One for each ten of the currency: what the programs really give is theirs to say."""
    return int(Decimal(product["quantity"]) * Decimal(product["unit_price"]) / 10)


def _is_text(value: Any, shape: str) -> bool:
    return isinstance(value, str) and re.fullmatch(shape, value, re.DOTALL) is not None


def _is_number(value: Any) -> bool:
    return isinstance(value, int | Decimal) and not isinstance(value, bool) and value > 0


def _is_moment(value: Any) -> bool:
    try:
        return isinstance(value, str) and "T" in value and datetime.fromisoformat(value) is not None
    except ValueError:
        return False
