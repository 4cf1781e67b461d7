"""Accounts and stores: made here, registered at Mercado Pago."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Model

from gateway.client import Client
from stores import breaker, calls, places, registering
from stores.models import Account, Store
from stores.registration import Registration


def connect(account: Account, *, about: Model | None = None) -> Client:
    """Mercado Pago on behalf of this account. Calls `about` one row are written down for its timeline."""
    return Client(
        base_url=settings.MERCADO_PAGO_API_URL,
        access_token=account.access_token,
        user_id=account.user_id,
        observe=calls.recorder(account, about),
        breaker=breaker.of(account),
    )


def register_store(account: Account, *, external_id: str, **fields: Any) -> Store:
    """Make or change the store here, then tell Mercado Pago at once. Running it again continues where it stopped.

    Raises ValidationError, by field, with what is wrong; what was saved here stays, and a worker goes on with it.
    """
    store = save_store(account, external_id=external_id, told_after=registering.LEASE, **fields)
    _tell(store)
    registering.demand(store)
    return store


def register(store: Store) -> Store:
    """Tell Mercado Pago of a store that is due. What comes of it is in the row, and never raised."""
    if registering.lease(store):
        _tell(store)
    return store


def save_store(account: Account, *, external_id: str, told_after: timedelta | None = None, **fields: Any) -> Store:
    """Make or change the store here. Mercado Pago is told when it must know, or `told_after` some time."""
    if "state" in fields or "city" in fields:
        fields |= _spelled(account, external_id, fields)
    with transaction.atomic():
        # The account's lock: two stores made at once must not get one branch number.
        Account.objects.select_for_update().get(pk=account.pk)
        store = Store.objects.filter(account=account, external_id=external_id).first() or _new(account, external_id)
        before = body(store) if store.pk else None
        for name, value in fields.items():
            setattr(store, name, value)
        store.full_clean()
        if told_after is not None or before != body(store) or store.remote_id is None:
            store.is_to_be_told(after=told_after or timedelta())
        store.save()
    return store


def _spelled(account: Account, external_id: str, fields: dict[str, Any]) -> dict[str, str]:
    now = Store.objects.filter(account=account, external_id=external_id).values("state", "city").first()
    names: dict[str, Any] = {**(now or {}), **fields}
    state, city = places.spell(account.site, names["state"], names["city"])
    return {"state": state, "city": city}


def _new(account: Account, external_id: str) -> Store:
    last = Store.objects.filter(account=account).order_by("-branch_number").first()
    number = last.branch_number + 1 if last else 1
    zone = account.site.time_zone
    return Store(account=account, external_id=external_id, branch_number=number, time_zone=zone)


def _tell(store: Store) -> None:
    def tell() -> dict[str, Any]:
        return {"remote_id": connect(store.account, about=store).upsert_store(body(store)).id}

    registering.attempt(store, store.account, tell, forbidden=Registration.REFUSED)


def body(store: Store) -> dict[str, Any]:
    """The store in Mercado Pago's words (protocol.md §2)."""
    wire: dict[str, Any] = {
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
        wire["business_hours"] = store.business_hours
    return wire
