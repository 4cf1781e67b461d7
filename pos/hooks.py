"""Webhooks of ours: what controllers are told is written down with the change itself, and sent afterwards."""

import base64
import uuid
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, Min, OuterRef, Q, QuerySet
from django.utils import timezone
from rest_framework.renderers import JSONRenderer

from pos.models import Hook, HookDelivery, PointOfSale, PointOfSaleQuerySet
from pos.signals import hook_told
from stores.compiled import Compiled
from stores.fields import make_token
from stores.models import Store
from stores.setting_aside import UNMARKED, marked

_LOCKED = Compiled(
    lambda pos_id, store_id: (
        Hook.objects.filter(Q(pos=pos_id) | Q(store=store_id), is_active=True)
        .select_for_update(no_key=True)
        .order_by("pk")
    )
)
LEASE = timedelta(minutes=1)  # longer than an attempt can take


def make(*, url: str, store: Store | None = None, pos: PointOfSale | None = None) -> tuple[Hook, bool]:
    """A webhook, and whether it is new: two to the same address would tell it twice. Raises ValidationError."""
    hook = Hook(url=url, store=store, pos=pos)
    if twin := hook.twin():
        return twin, False
    hook.full_clean()
    with transaction.atomic():
        _lock_owner(hook)
        if twin := hook.twin():
            return twin, False
        hook.save()
    return hook, True


def shown_secret(hook: Hook) -> str:
    return shown(hook.secret)


def shown(secret: str) -> str:
    """A secret as receivers are given it; its bytes are what is signed with (Standard Webhooks)."""
    return "whsec_" + base64.b64encode(secret.encode()).decode()


def renew_secret(hook: Hook) -> str:
    """What is sent from now on is signed with a new secret. This is the only time it can be read."""
    hook.secret = make_token()
    hook.save(update_fields=["secret"])
    return shown_secret(hook)


def with_hooks(points: PointOfSaleQuerySet) -> PointOfSaleQuerySet:
    """Points of sale that know whether they have webhooks, so that `tell` need not look: nearly none has."""
    theirs = Hook.objects.filter(Q(pos=OuterRef("pk")) | Q(store=OuterRef("store")), is_active=True)
    return points.annotate(has_hooks=Exists(theirs))


def tell(pos: PointOfSale, event: str, content: Callable[[], Mapping[str, Any]]) -> None:
    """Write down an event for each webhook of this point of sale, in the transaction of what happened.

    The webhooks stay locked until the commit, so that the order of the rows is the order of the commits.
    """
    if not getattr(pos, "has_hooks", True):  # see `with_hooks`
        return
    if hooks := _LOCKED(pos.pk, pos.store_id):
        _write(hooks, event, content())


@transaction.atomic
def ping(hook: Hook) -> HookDelivery:
    """A test event: only to try whether it is taken."""
    return _write([hook], "ping", {})[0]


def redeliver(chosen: "QuerySet[HookDelivery]") -> int:
    """Send again what was delivered or given up, and send now what waits for its next attempt. How many."""
    over = chosen.filter(due_at=None).update(due_at=timezone.now(), delivered_at=None, failed_at=None, **UNMARKED)
    return over + hurry(chosen)


def drop(chosen: "QuerySet[HookDelivery]", *, actor: str, reason: str) -> int:
    """A person decides that these need not be delivered: neither waiting nor a failure any more. How many."""
    undelivered = chosen.filter(delivered_at=None, set_aside_at=None)
    return undelivered.update(due_at=None, failed_at=None, **marked(actor=actor, reason=reason))


def hurry(chosen: "QuerySet[HookDelivery]") -> int:
    """Try again at once what waits for its next attempt, but not what is being sent at this moment. How many."""
    now = timezone.now()
    return chosen.filter(due_at__gt=now + LEASE).update(due_at=now)


def due() -> list[int]:
    """The webhooks whose foremost delivery is due."""
    waiting = HookDelivery.objects.filter(due_at__isnull=False, hook__is_active=True).order_by()
    foremost = waiting.values("hook").annotate(first=Min("pk")).values("first")
    return list(HookDelivery.objects.filter(pk__in=foremost, due_at__lte=timezone.now()).values_list("hook", flat=True))


def purge(*, older_than: timedelta, batch: int) -> int:
    """Delete the oldest deliveries that nothing is left to do for; how many."""
    old = HookDelivery.objects.filter(created_at__lt=timezone.now() - older_than)
    over = old.filter(Q(due_at=None) | Q(hook__is_active=False))
    deleted, _rows = HookDelivery.objects.filter(pk__in=over.order_by("pk").values_list("pk")[:batch]).delete()
    return deleted


def _lock_owner(hook: Hook) -> None:
    """Who makes the same webhook at the same moment waits."""
    if hook.store:
        Store.objects.select_for_update(no_key=True).get(pk=hook.store.pk)
    if hook.pos:
        PointOfSale.objects.select_for_update(no_key=True).get(pk=hook.pos.pk)


def _write(hooks: list[Hook], event: str, content: Mapping[str, Any]) -> list[HookDelivery]:
    now = timezone.now()
    body = JSONRenderer().render({"id": str(uuid.uuid4()), "event": event, "created_at": now} | dict(content)).decode()
    made = []
    for hook in hooks:
        made.append(HookDelivery.objects.create(hook=hook, event=event, body=body, due_at=now))
        hook_told.send(sender=Hook, hook_id=hook.pk)
    return made
