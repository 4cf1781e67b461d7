"""Stores are registered, credentials tested and renewed by the worker. Rows hold the schedule."""

from datetime import timedelta

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from stores import calls, credentials, renewal, services
from stores.models import Account, Store

BATCH = 200
_CALLS_BATCH = 500


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
