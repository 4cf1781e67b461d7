"""Stores are registered, credentials tested and renewed by the worker. Rows hold the schedule."""

from datetime import timedelta
from threading import BoundedSemaphore

from celery import shared_task
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from stores import calls, credentials, renewal, services, turns, working
from stores.models import Account, Errand, Store

BATCH = 200
_CALLS_BATCH = 500
_TURN = 5.0  # seconds of one errand, then the next one has its turn
# Of a worker's threads, so that payments always find one; what is about one object waits for no long one.
_LONG, _QUICK = BoundedSemaphore(1), BoundedSemaphore(2)


@shared_task
def register_store(store_id: int) -> None:
    """Tell Mercado Pago of a store; `pos.tasks.sweep_registrations` wakes what is due."""
    services.register(Store.objects.select_related("account").get(pk=store_id))


@shared_task
def sweep_credentials() -> None:
    """Wake a test for every account that waits for one."""
    for account_id in credentials.lease(timezone.now(), limit=BATCH):
        check_credentials.delay(account_id)


@shared_task
def check_credentials(account_id: int) -> None:
    credentials.check(Account.objects.get(pk=account_id))


@shared_task
def renew_tokens() -> None:
    """Wake the renewal of every token that is due; each takes its own lease."""
    for account_id in Account.objects.due_for_renewal(timezone.now()).values_list("pk", flat=True)[:BATCH]:
        renew_token.apply_async((account_id,), expires=60)


@shared_task
def renew_token(account_id: int) -> None:
    renewal.renew(account_id)


@shared_task
def purge_calls() -> None:
    """Forget what we asked long ago: a batch, and the next one as long as there is something left."""
    older_than = timedelta(days=settings.TIMELINE_RETENTION_DAYS)
    if calls.purge(older_than=older_than, batch=_CALLS_BATCH) == _CALLS_BATCH:
        purge_calls.delay()


def wake_errand(errand: Errand) -> None:
    """As soon as this is committed; with the broker down, the sweep does."""
    transaction.on_commit(lambda: run_errand.delay(errand.pk), robust=True)


@shared_task
def run_errand(errand_id: int) -> None:
    """One turn. Who finds no place free leaves the errand due: the next turn's end or the sweep wakes it."""
    errand = Errand.objects.filter(pk=errand_id).first()
    places = _QUICK if errand and errand.total == 1 else _LONG
    if errand is None or not places.acquire(blocking=False):
        return
    try:
        turns.go_on(errand_id, seconds=_TURN)
    finally:
        places.release()
    _wake(1)


@shared_task
def sweep_errands() -> None:
    _wake(BATCH)


@shared_task
def purge_errands() -> None:
    """Forget old errands and their files: a batch, and the next one as long as there is something left."""
    if working.purge(batch=BATCH) == BATCH:
        purge_errands.delay()


def _wake(most: int) -> None:
    """Those that wait longest first."""
    due = Errand.objects.due(timezone.now()).order_by("due_at", "pk")
    for errand_id in due.values_list("pk", flat=True)[:most]:
        run_errand.apply_async((errand_id,), expires=5)
