"""What an order of dialect v2 says beside its price: the tax it holds, the fee that the integrator keeps (§1.3)."""

from collections.abc import Sequence
from decimal import Decimal

from gateway.sites import Site
from stores.models import Account, Store

Tax = dict[str, str]


def taxes_of(store: Store, total: Decimal) -> list[Tax]:
    """The store's tax as it is frozen into an order. Prices include it."""
    site = store.account.site
    if not site.has_taxes or not store.tax or store.tax_percentage is None:
        return []
    return [_tax(store.tax, store.tax_percentage, total, site)]


def taxes_of_rest(taxes: Sequence[Tax], rest: Decimal, site: Site) -> list[Tax]:
    """Of an order that was paid short: what the rest holds of them."""
    return [_tax(tax["type"], Decimal(tax["percentage"]), rest, site) for tax in taxes]


def fee_of(account: Account, total: Decimal) -> Decimal:
    """The integrator's part of an order; only of accounts that are connected through an application."""
    if account.application_id is None:
        return Decimal(0)
    return min(account.site.quantize(total * account.marketplace_fee_percentage / 100), total)


def fee_of_rest(fee: Decimal, rest: Decimal, *, total: Decimal, site: Site) -> Decimal:
    """Of an order that was paid short: the rest's share of it."""
    return min(site.quantize(fee * rest / total), rest)


def _tax(kind: str, percentage: Decimal, amount: Decimal, site: Site) -> Tax:
    held = amount - amount / (1 + percentage / 100)
    return {"type": kind, "value": site.text(held), "percentage": f"{percentage.normalize():f}"}
