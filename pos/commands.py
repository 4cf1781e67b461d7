"""Finding what an operator names."""

from django.core.management.base import CommandError

from pos.models import PointOfSale
from stores.commands import find_account
from stores.models import Store


def find_store(external_id: str, account: str | None) -> Store:
    stores = Store.objects.filter(external_id=external_id)
    stores = stores.filter(account=find_account(account)) if account else stores
    if len(stores) > 1:
        raise CommandError(f"Several accounts have a store {external_id}: say which with --account.", returncode=2)
    if not stores:
        raise CommandError(_no_store(external_id, account))
    return stores[0]


def find_pos(external_id: str, account: str | None) -> PointOfSale:
    points = PointOfSale.objects.filter(external_id=external_id)
    points = points.filter(account=find_account(account)) if account else points
    if len(points) > 1:
        raise CommandError(f"Several accounts have a POS {external_id}: say which with --account.", returncode=2)
    if not points:
        raise CommandError(f"There is no point of sale {external_id}. Make it with register_pos.")
    return points[0]


def _no_store(external_id: str, account: str | None) -> str:
    """A store of another account is a slip of the account; otherwise it is not made yet."""
    others = Store.objects.filter(external_id=external_id).order_by("account").values_list("account", flat=True)
    if not others:
        return f"There is no store {external_id}. Make it with register_store."
    whose = f"account {others[0]} has" if len(others) == 1 else f"accounts {', '.join(map(str, others))} have"
    return f"Account {account} has no store {external_id}; {whose} one of that name."
