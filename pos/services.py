"""Points of sale: registered at Mercado Pago, reported on by their controllers."""

from decimal import Decimal
from typing import Any

from django.utils import timezone

from gateway.remote import RemotePos
from pos.models import ControllerKey, ControllerStatus, PointOfSale
from stores.models import Store
from stores.services import connect


def report(pos: PointOfSale, status: ControllerStatus, *, amount_so_far: Decimal | None = None) -> None:
    """Step 3A: what the controller says of its point of sale. Saying it again is its heartbeat.

    `amount_so_far` is what a sale in process comes to yet; every report that does not name one forgets the last.
    """
    pos.status, pos.status_at, pos.amount_so_far = status, timezone.now(), amount_so_far
    pos.save(update_fields=["status", "status_at", "amount_so_far"])


def register_pos(store: Store, *, external_id: str, **fields: Any) -> PointOfSale:
    """Make or update the point of sale here, then at Mercado Pago. Running it again continues where it stopped."""
    pos = PointOfSale.objects.filter(account=store.account, external_id=external_id).first()
    if pos is None:
        pos = PointOfSale(store=store, external_id=external_id)
    elif pos.store_id != store.pk:
        raise ValueError(f"{external_id} belongs to store {pos.store.external_id} already; choose another external id")
    for name, value in fields.items():
        setattr(pos, name, value)
    pos.full_clean()
    pos.save()
    _follow(pos, connect(store.account).upsert_pos(_body(pos)))
    return pos


def create_key(*, name: str, store: Store | None = None, pos: PointOfSale | None = None) -> str:
    """A new controller key. This is the only time it can be read."""
    _, key = ControllerKey.objects.create_key(name=name[:50], store=store, pos=pos)
    return str(key)


def _follow(pos: PointOfSale, remote: RemotePos) -> None:
    pos.remote_id = remote.id
    pos.qr_image = remote.qr_image
    pos.qr_template_document = remote.qr_template_document
    pos.qr_template_image = remote.qr_template_image
    pos.save(update_fields=["remote_id", "qr_image", "qr_template_document", "qr_template_image"])


def _body(pos: PointOfSale) -> dict[str, Any]:
    """The point of sale in Mercado Pago's words: with a `url`, `fixed_amount` must be true (protocol.md §3)."""
    body: dict[str, Any] = {
        "name": pos.name,
        "fixed_amount": True,
        "external_store_id": pos.store.external_id,
        "external_id": pos.external_id,
        "url": pos.poll_url,
    }
    if code := pos.store.account.site.categories.get(pos.category):
        body["category"] = code
    return body
