"""Why could a pump not be paid? Compares what is registered here with what Mercado Pago has, and looks at the rest."""

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from gateway.client import Client
from gateway.remote import RemotePos, RemoteStore
from pos.models import Finding, FindingKind, PointOfSale
from pos.services import body
from stores.models import Account, Store
from stores.setting_aside import UNMARKED, AlreadyDecided, marked

logger = logging.getLogger(__name__)

_NIGHT = range(2, 6)  # local hours in which an account is looked at
_AT_LEAST, _AT_MOST = timedelta(hours=12), timedelta(hours=30)  # between two looks

Differences = Mapping[str, tuple[Any, Any]]


@dataclass(frozen=True, slots=True)
class Found:
    """One difference. `differences` holds by field what stands here and there."""

    kind: FindingKind
    row: Store | PointOfSale | None
    remote: RemoteStore | RemotePos | None
    differences: Differences

    @property
    def fields(self) -> dict[str, Any]:
        """As a row of `Finding`."""
        is_store = isinstance(self.row or self.remote, Store | RemoteStore)
        subject: Any = self.row or self.remote
        return {
            "kind": self.kind,
            "is_store": is_store,
            "external_id": subject.external_id or str(subject.id),
            "name": subject.name,
            "store": self.row if isinstance(self.row, Store) else None,
            "pos": self.row if isinstance(self.row, PointOfSale) else None,
            "differences": {name: [str(here), str(there)] for name, (here, there) in self.differences.items()},
        }


def due(now: datetime) -> Iterator[Account]:
    """The accounts to look at: once a night, by their country's clock; at once after a night that was missed."""
    for account in Account.objects.filter(is_active=True):
        since = now - account.compared_at if account.compared_at else _AT_MOST
        is_night = now.astimezone(ZoneInfo(account.site.time_zone)).hour in _NIGHT
        if since >= _AT_MOST or (is_night and since >= _AT_LEAST):
            yield account


def compare(account: Account, *, client: Client) -> list[Finding]:
    """Look at all stores and points of sale on both sides; what is not the same is kept until the next look."""
    found = [*_stores(account, client.list_stores()), *_points(account, client.list_points_of_sale())]
    return _keep(account, found)


def heal(findings: list[Finding]) -> list[Finding]:
    """Have Mercado Pago told again of what it lost or has otherwise. Returns those for which that helps."""
    healed = [finding for finding in findings if finding.can_be_healed]
    for finding in healed:
        row = finding.store or finding.pos
        if row is not None:
            row.tell_again()
            logger.info("%s is registered again: %s", row, finding)
    return healed


def set_aside(finding: Finding, *, actor: str, reason: str) -> None:
    """A person has looked: it may stay so. When something else differs later, it is shown again."""
    waits = Finding.objects.left_to_people().filter(pk=finding.pk)
    if not waits.update(**marked(actor=actor, reason=reason)):
        raise AlreadyDecided(_("Nothing is to be decided about this difference any more."))


@transaction.atomic
def _keep(account: Account, found: list[Found]) -> list[Finding]:
    key = ("is_store", "external_id", "kind")
    kept = []
    for one in found:
        fields = one.fields
        where = {name: fields.pop(name) for name in key}
        same = Finding.objects.filter(account=account, **where, differences=fields["differences"]).exists()
        defaults = fields if same else fields | UNMARKED
        kept.append(Finding.objects.update_or_create(account=account, **where, defaults=defaults)[0])
    Finding.objects.filter(account=account).exclude(pk__in=[finding.pk for finding in kept]).delete()
    Account.objects.filter(pk=account.pk).update(compared_at=timezone.now())
    return kept


def _stores(account: Account, remotes: list[RemoteStore]) -> Iterator[Found]:
    there = {remote.external_id: remote for remote in remotes}
    rows = {store.external_id: store for store in Store.objects.filter(account=account)}
    for store in rows.values():
        yield from _compare(store, store.is_active, there.get(store.external_id))
    yield from (Found(FindingKind.UNKNOWN_HERE, None, r, {}) for r in remotes if r.external_id not in rows)


def _points(account: Account, remotes: list[RemotePos]) -> Iterator[Found]:
    there = {remote.external_id: remote for remote in remotes}
    points = PointOfSale.objects.select_related("store__account").filter(account=account)
    rows = {pos.external_id: pos for pos in points}
    for pos in rows.values():
        yield from _compare(pos, pos.is_active and pos.store.is_active, there.get(pos.external_id))
    yield from (Found(FindingKind.UNKNOWN_HERE, None, r, {}) for r in remotes if r.external_id not in rows)


def _compare(row: Any, is_used: bool, remote: Any) -> Iterator[Found]:
    """What is on its way to Mercado Pago, or was refused, is no difference yet: its page says how it stands."""
    if remote is None:
        if is_used and row.remote_id is not None and row.registration_due_at is None:
            yield Found(FindingKind.MISSING_THERE, row, None, {})
    elif row.registration_due_at is None:
        pairs = _store_pairs(row, remote) if isinstance(row, Store) else _pos_pairs(row, remote)
        if differences := {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}:
            yield Found(FindingKind.CHANGED_THERE, row, remote, differences)


def _store_pairs(store: Store, remote: RemoteStore) -> dict[str, tuple[Any, Any]]:
    pairs: dict[str, tuple[Any, Any]] = {"id": (store.remote_id, remote.id), "name": (store.name, remote.name)}
    for axis, here, there in (
        ("latitude", store.latitude, remote.latitude),
        ("longitude", store.longitude, remote.longitude),
    ):
        if there is not None:
            pairs[axis] = (round(here, 5), round(there, 5))  # to about a metre
    if store.business_hours and remote.business_hours is not None:
        pairs["business_hours"] = (store.business_hours, dict(remote.business_hours))
    return pairs


def _pos_pairs(pos: PointOfSale, remote: RemotePos) -> dict[str, tuple[Any, Any]]:
    told = body(pos)
    pairs: dict[str, tuple[Any, Any]] = {
        "id": (pos.remote_id, remote.id),
        "name": (told["name"], remote.name),
        "url": (told["url"], remote.url),
        "fixed_amount": (True, remote.fixed_amount),
        "store": (told["external_store_id"], remote.external_store_id),
    }
    if "category" in told:
        pairs["category"] = (told["category"], remote.category)
    return pairs
