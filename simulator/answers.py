"""What a merchant's URL answered, read as strictly as the documents are written (protocol.md §1.2, §1.3)."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

import simplejson
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from simulator import levies, loyalty, sites
from simulator.world import Json, world

Text = str | Promise
_V1_WAITS = ("in_process", "unavailable", "timeout")
_V2_WAITS = {"in_process": "in_process", "Waiting_for_order": "unavailable", "notihing_to_pay": "unavailable"}
_REFERENCE = re.compile(r"[A-Za-z0-9]{1,256}")
_V1_FIELDS = {"collector_id", "sponsor_id", "items", "external_reference", "notification_url", "loyalty"}
_V1_ITEM = {"title", "currency_id", "description", "quantity", "unit_price"}
_V2_FIELDS = {"external_reference", "total_amount", "items", "title", "description", "notification_url", "sponsor",
              "taxes", "marketplace_fee"}  # fmt: skip
_V2_ITEM = {"sku_number", "category", "title", "description", "quantity", "unit_measure", "unit_price", "total_amount"}


@dataclass(frozen=True, slots=True)
class Reading:
    """`offer` when there is something to pay; otherwise `reason` says why to wait, and `message` is the merchant's."""

    offer: Json | None = None
    reason: str = ""
    message: str = ""


class Wrong(Exception):
    """The answer breaks the rules: the phone shows an error and stops asking."""

    def __init__(self, field: str, problem: Text) -> None:
        super().__init__(field)
        self.text = format_lazy("{}: {}", field, problem)


class NoAnswer(Exception):
    """Not an answer to the question: a fault, a redirect, a page. The phone asks again."""


def read(status: int, headers: Mapping[str, str], body: bytes, *, seller: int) -> Reading:
    """What to do next. Raises Wrong and NoAnswer."""
    if status not in (200, 202, 400):
        raise NoAnswer(f"HTTP {status}")
    if headers.get("Content-Type", "").partition(";")[0].strip() != "application/json":
        raise NoAnswer(f"HTTP {status}, Content-Type {headers.get('Content-Type')}")
    document = _parse(body)
    if status == 400:
        return _wait_v1(_object(document, "error"))
    if status == 202:
        return _wait_v2(_object(document, "status"))
    if "order-version" in headers:
        return Reading(offer=_offer_v2(headers, document, seller))
    return Reading(offer=_offer_v1(document, seller))


def _parse(body: bytes) -> Json:
    try:
        document = simplejson.loads(body, use_decimal=True)
    except (ValueError, RecursionError) as error:
        raise Wrong("body", _("is not readable JSON")) from error
    if not isinstance(document, dict):
        raise Wrong("body", _("is not an object"))
    return document


def _wait_v1(error: Json) -> Reading:
    kind = error.get("type")
    if kind == "invalid":
        raise Wrong("error.type", _("invalid: the merchant does not know this point of sale"))
    if kind not in _V1_WAITS:
        raise Wrong("error.type", _("is none of in_process, unavailable, invalid, timeout"))
    return Reading(reason=kind, message=_message(error))


def _wait_v2(status: Json) -> Reading:
    detail = status.get("status_detail")
    if detail not in _V2_WAITS:
        raise Wrong("status.status_detail", _("is none of in_process, Waiting_for_order, notihing_to_pay"))
    return Reading(reason=_V2_WAITS[detail], message=_message(status))


def _message(of: Json) -> str:
    message = of.get("message", "")
    if not isinstance(message, str):
        raise Wrong("message", _("is not a text"))
    return message


def _offer_v1(document: Json, seller: int) -> Json:
    _only(document, _V1_FIELDS, "")
    if document.get("collector_id") != seller:
        raise Wrong("collector_id", _("is not the owner of this point of sale"))
    items = _items(document, _V1_ITEM, _check_item_v1)
    for index, item in enumerate(items):
        if not world.narrow(seller, sites.with_currency(item["currency_id"])):
            raise Wrong(f"items.{index}.currency_id", _("is not the currency of the seller's country"))
    offer = _offer(document, items, seller, sponsor=document.get("sponsor_id"), name="sponsor_id")
    return offer | {"loyalty": _loyalty(document, seller, offer["total"])}


def _loyalty(document: Json, seller: int, total: Decimal) -> Json | None:
    if "loyalty" not in document:
        return None
    if not world.narrow(seller, ["MLA"]):
        raise Wrong("loyalty", _("exists in Argentina only"))
    for field, problem in loyalty.problems(document["loyalty"], total=total):
        raise Wrong(field, problem)
    block: Json = document["loyalty"]
    return block


def _check_item_v1(item: Json, at: str) -> Decimal:
    currency = item.get("currency_id")
    if not isinstance(currency, str) or len(currency) != 3:
        raise Wrong(f"{at}.currency_id", _("is not a currency's three letters"))
    return _quantity(item, at) * _price(item, f"{at}.unit_price")


def _offer_v2(headers: Mapping[str, str], document: Json, seller: int) -> Json:
    if headers["order-version"] != "2":
        raise Wrong("order-version", _("is not 2"))
    _only(document, _V2_FIELDS, "")
    items = _items(document, _V2_ITEM, _check_item_v2)
    sponsor = _object(document, "sponsor") if "sponsor" in document else {}
    offer = _offer(document, items, seller, sponsor=sponsor.get("id"), name="sponsor.id")
    if _price(document, "total_amount") != offer["total"]:
        raise Wrong("total_amount", _("is not the sum of the items"))
    for field, problem in levies.problems(headers, document, seller=seller, total=offer["total"]):
        raise Wrong(field, problem)
    return offer


def _check_item_v2(item: Json, at: str) -> Decimal:
    for name in _V2_ITEM - item.keys():
        raise Wrong(f"{at}.{name}", _("is missing"))
    if item["unit_measure"] != "unit":
        raise Wrong(f"{at}.unit_measure", _("is not unit"))
    total = _price(item, f"{at}.total_amount")
    if _quantity(item, at) * _price(item, f"{at}.unit_price") != total:
        raise Wrong(f"{at}.total_amount", _("is not quantity × unit_price"))
    return total


def _offer(document: Json, items: list[Json], seller: int, *, sponsor: Any, name: str) -> Json:
    reference, url = document.get("external_reference"), document.get("notification_url")
    if not isinstance(reference, str) or not _REFERENCE.fullmatch(reference):
        raise Wrong("external_reference", _("is not 1 to 256 letters and digits"))
    if not isinstance(url, str) or urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).hostname:
        raise Wrong("notification_url", _("is not an http or https address"))
    if sponsor is not None and (not isinstance(sponsor, int) or isinstance(sponsor, bool)):
        raise Wrong(name, _("is not a number"))
    if sponsor == seller:
        raise Wrong(name, _("must differ from the seller"))
    country = sites.SITES[world.site_of(seller)]
    total = Decimal(sum(item.pop("_total") for item in items))
    if total != round(total, country.decimals):
        raise Wrong("items", _("amounts have more decimals than the currency"))
    return {
        "external_reference": reference,
        "notification_url": url,
        "sponsor_id": sponsor,
        "currency": country.currency,
        "total": total,
        "items": [{"id": "", "category_id": "", "picture_url": "", "currency_id": country.currency} | i for i in items],
    }


def _items(document: Json, fields: set[str], check: Callable[[Json, str], Decimal]) -> list[Json]:
    items = document.get("items")
    if not isinstance(items, list) or not items:
        raise Wrong("items", _("is missing or empty"))
    read = []
    for index, item in enumerate(items):
        at = f"items.{index}"
        if not isinstance(item, dict):
            raise Wrong(at, _("is not an object"))
        _only(item, fields, at)
        for name in fields - {"quantity", "unit_price", "total_amount"}:
            if not isinstance(item.get(name, ""), str):
                raise Wrong(f"{at}.{name}", _("is not a text"))
        if not item.get("title"):
            raise Wrong(f"{at}.title", _("is missing"))
        read.append(item | {"_total": check(item, at)})
    return read


def _quantity(item: Json, at: str) -> Decimal:
    quantity = item.get("quantity")
    if not isinstance(quantity, int | Decimal) or isinstance(quantity, bool) or quantity <= 0 or quantity % 1:
        raise Wrong(f"{at}.quantity", _("is not a whole number above 0"))
    return Decimal(quantity)


def _price(of: Json, path: str) -> Decimal:
    price = of.get(path.rpartition(".")[2])
    if not isinstance(price, int | Decimal) or isinstance(price, bool):
        raise Wrong(path, _("is not a number"))
    if price <= 0:
        raise Wrong(path, _("is not above 0"))
    if price != round(price, 2):
        raise Wrong(path, _("has more than 2 decimals"))
    return Decimal(price)


def _object(document: Json, name: str) -> Json:
    value = document.get(name)
    if not isinstance(value, dict):
        raise Wrong(name, _("is missing or not an object"))
    return value


def _only(document: Json, fields: set[str], at: str) -> None:
    for name in document.keys() - fields:
        raise Wrong(f"{at}.{name}".strip("."), _("is not a field of an order"))
