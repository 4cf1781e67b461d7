"""What an order of version 2 says beside its price: taxes, the marketplace's fee and whose it is (protocol.md §1.3)."""

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from simulator.world import Json, world

Problem = tuple[str, str | Promise]
_TAX = {"type", "value", "percentage"}


def problems(headers: Mapping[str, str], document: Json, *, seller: int, total: Decimal) -> Iterator[Problem]:
    """What is wrong with them: fields, and why."""
    client = headers.get("client-id")
    if client is not None and not re.fullmatch(r"[0-9]+", client):
        yield "client-id", _("is not the digits of a user")
    if "taxes" in document:
        yield from _problems_of_taxes(document["taxes"], seller, total)
    if "marketplace_fee" in document:
        yield from _problems_of_fee(document["marketplace_fee"], client, total)


def _problems_of_taxes(taxes: Any, seller: int, total: Decimal) -> Iterator[Problem]:
    if not world.narrow(seller, ["MCO"]):
        yield "taxes", _("exists in Colombia only")
    if not isinstance(taxes, list) or not taxes:
        yield "taxes", _("is not a list, or an empty one")
        return
    for index, tax in enumerate(taxes):
        at = f"taxes.{index}"
        if not isinstance(tax, dict) or tax.keys() != _TAX or not all(isinstance(text, str) for text in tax.values()):
            yield at, _("is not an object of the texts type, value and percentage")
            continue
        if not re.fullmatch(r"[0-9]+", tax["value"]) or Decimal(tax["value"]) > total:
            yield f"{at}.value", _("is not an amount of whole pesos, or more than the total")
        if not re.fullmatch(r"[0-9]+(\.[0-9]{1,2})?", tax["percentage"]) or Decimal(tax["percentage"]) > 100:
            yield f"{at}.percentage", _("is not a percentage")


def _problems_of_fee(fee: Any, client: str | None, total: Decimal) -> Iterator[Problem]:
    if not isinstance(fee, int | Decimal) or isinstance(fee, bool) or not 0 <= fee <= total or fee != round(fee, 2):
        yield "marketplace_fee", _("is not a number from 0 to the total, with at most 2 decimals")
    if client is None:
        yield "client-id", _("is missing: only connected accounts have a marketplace_fee")
