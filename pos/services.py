"""Points of sale: registered at Mercado Pago, reported on by their controllers."""

from datetime import datetime, timedelta
from decimal import Decimal
from time import monotonic
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

import stores.services
from gateway.errors import TemporaryError
from gateway.remote import RemotePos
from pos import spells
from pos.models import ControllerKey, ControllerStatus, PointOfSale
from stores import breaker, registering
from stores.models import Account, Store
from stores.registration import Registration
from stores.services import connect


def report(pos: PointOfSale, status: ControllerStatus, *, amount_so_far: Decimal | None = None) -> None:
    """Step 3A: what the controller says of its point of sale. Saying it again is its heartbeat.

    `amount_so_far` is what a sale in process comes to yet; every report that does not name one forgets the last.
    """
    spells.keep(pos, status, amount_so_far)


def register_pos(store: Store, *, external_id: str, **fields: Any) -> PointOfSale:
    """Make or change the point of sale here, then tell Mercado Pago at once. Running it again continues it.

    Raises ValidationError, by field, with what is wrong; what was saved here stays, and a worker goes on with it.
    """
    pos = save_pos(store, external_id=external_id, told_after=registering.LEASE, **fields)
    _tell(pos)
    registering.demand(pos)
    return pos


def register(pos: PointOfSale) -> PointOfSale:
    """Tell Mercado Pago of a point of sale that is due, and of its store before. The outcome is in the row."""
    if registering.lease(pos):
        _tell(pos)
    return pos


def register_due(account: Account, *, seconds: float) -> bool:
    """Tell Mercado Pago of all that is due of an account, stores first, for so long at most. Whether any is left."""
    end = monotonic() + seconds
    while monotonic() < end and (row := _next_due(account)):
        stores.services.register(row) if isinstance(row, Store) else register(row)
    return _next_due(account) is not None


def accounts_due(now: datetime) -> set[int]:
    """The accounts of which Mercado Pago may be told something now."""
    due = {*Store.objects.due_to_register(now).values_list("account", flat=True)}
    due |= {*PointOfSale.objects.due_to_register(now).values_list("account", flat=True)}
    return due & {*Account.objects.exclude(quiet_until__gt=now).filter(is_active=True).values_list("pk", flat=True)}


@transaction.atomic
def save_pos(store: Store, *, external_id: str, told_after: timedelta | None = None, **fields: Any) -> PointOfSale:
    """Make or change the point of sale here. Mercado Pago is told when it must know, or `told_after` some time."""
    # Locked: it is written whole, and its controller reports meanwhile.
    points = PointOfSale.objects.select_for_update(of=("self",)).select_related("store__account")
    pos = points.filter(account=store.account, external_id=external_id).first()
    before = body(pos) if pos else None
    if pos is None:
        pos = PointOfSale(store=store, external_id=external_id)
    elif pos.store_id != store.pk:
        text = _("%(id)s belongs to store %(store)s already; choose another external id.")
        raise ValidationError({"external_id": text % {"id": external_id, "store": pos.store.external_id}})
    for name, value in fields.items():
        setattr(pos, name, value)
    pos.full_clean()
    if told_after is not None or before != body(pos) or pos.remote_id is None:
        pos.is_to_be_told(after=told_after or timedelta())
    pos.save()
    return pos


def create_key(*, name: str, store: Store | None = None, pos: PointOfSale | None = None) -> str:
    """A new controller key. This is the only time it can be read."""
    _key, key = ControllerKey.objects.create_key(name=name[:50], store=store, pos=pos)
    return str(key)


def _next_due(account: Account) -> Store | PointOfSale | None:
    """What Mercado Pago may be told of now; nothing while the account is to be left alone."""
    now = timezone.now()
    account.refresh_from_db(fields=["quiet_until"])
    if (account.quiet_until and account.quiet_until > now) or not breaker.may_ask(account):
        return None
    due_stores = Store.objects.select_related("account").filter(account=account).due_to_register(now)
    due_points = PointOfSale.objects.select_related("store__account").filter(account=account).due_to_register(now)
    return due_stores.order_by("pk").first() or due_points.order_by("pk").first()


def _tell(pos: PointOfSale) -> None:
    def tell() -> dict[str, Any]:
        _tell_of_the_store_first(pos.store)
        return _facts(connect(pos.store.account, about=pos).upsert_pos(body(pos)))

    registering.attempt(pos, pos.store.account, tell, forbidden=Registration.HOST_NOT_ENABLED)


def _tell_of_the_store_first(store: Store) -> None:
    if store.remote_id is None and store.registration == Registration.PENDING:
        stores.services.register(store)
    if store.remote_id is None:
        raise TemporaryError(f"its store {store.external_id} is not registered yet", code="STORE_FIRST")


def _facts(remote: RemotePos) -> dict[str, Any]:
    """What of Mercado Pago's answer is kept."""
    return {
        "remote_id": remote.id,
        "qr_image": remote.qr_image,
        "qr_template_document": remote.qr_template_document,
        "qr_template_image": remote.qr_template_image,
    }


def body(pos: PointOfSale) -> dict[str, Any]:
    """The point of sale in Mercado Pago's words: with a `url`, `fixed_amount` must be true (protocol.md §3)."""
    wire: dict[str, Any] = {
        "name": pos.name,
        "fixed_amount": True,
        "external_store_id": pos.store.external_id,
        "external_id": pos.external_id,
        "url": pos.poll_url,
    }
    if code := pos.store.account.site.categories.get(pos.category):
        wire["category"] = code
    return wire
