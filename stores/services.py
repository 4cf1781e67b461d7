"""Accounts and stores: made here, registered at Mercado Pago."""

from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import transaction

from gateway.client import Client
from gateway.sites import SITES
from stores.models import Account, Store


def connect(account: Account) -> Client:
    """Mercado Pago on behalf of this account."""
    return Client(base_url=settings.MERCADO_PAGO_API_URL, access_token=account.access_token, user_id=account.user_id)


def register_store(account: Account, *, external_id: str, **fields: Any) -> Store:
    """Make or update the store here, then at Mercado Pago. Running it again continues where it stopped."""
    store = _save_store(account, external_id, fields)
    remote = connect(account).upsert_store(_body(store))
    store.remote_id = remote.id
    store.save(update_fields=["remote_id"])
    return store


@transaction.atomic
def _save_store(account: Account, external_id: str, fields: dict[str, Any]) -> Store:
    # The account's lock: two stores made at once must not get one branch number.
    Account.objects.select_for_update().get(pk=account.pk)
    store = Store.objects.filter(account=account, external_id=external_id).first()
    if store is None:
        last = Store.objects.filter(account=account).order_by("-branch_number").first()
        store = Store(account=account, external_id=external_id, branch_number=last.branch_number + 1 if last else 1)
        store.time_zone = SITES[account.site_code].time_zone
    for name, value in fields.items():
        setattr(store, name, value)
    store.full_clean()
    store.save()
    return store


def _body(store: Store) -> dict[str, Any]:
    """The store in Mercado Pago's words (protocol.md §2)."""
    body: dict[str, Any] = {
        "name": store.name,
        "external_id": store.external_id,
        "location": {
            "street_name": store.street,
            "street_number": store.number,
            "city_name": store.city,
            "state_name": store.state,
            "latitude": Decimal(store.latitude),
            "longitude": Decimal(store.longitude),
            "reference": store.reference,
        },
    }
    if store.business_hours:
        body["business_hours"] = store.business_hours
    return body
