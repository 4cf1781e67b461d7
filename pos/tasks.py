"""What workers do for points of sale. Rows hold the schedule; what fails is due again later."""

import logging
from datetime import timedelta
from time import monotonic

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from gateway.errors import GatewayError
from pos import delivery, doctor, hooks, official, services, spells
from pos.chain import runs
from pos.models import ImportRun, PointOfSale
from pos.strangers import with_strangers
from stores import credentials
from stores.models import Account, Credentials
from stores.services import connect

logger = logging.getLogger(__name__)

_FILES_TURN = 14.0  # seconds: a little less than the sweep of QR codes
_HOOKS_KEPT, _HOOKS_BATCH = timedelta(days=90), 500
_SPELLS_BATCH = 500
_TURN = 9.0  # seconds: a little less than the sweep's, so that one account has one turn at a time


@shared_task
def register_pos(pos_id: int) -> None:
    services.register(PointOfSale.objects.select_related("store__account").get(pk=pos_id))


@shared_task
def sweep_registrations() -> None:
    """Give each account with something due a turn."""
    for account_id in services.accounts_due(timezone.now()):
        register_account.apply_async((account_id,), expires=_TURN)


@shared_task
def register_account(account_id: int) -> None:
    services.register_due(Account.objects.get(pk=account_id), seconds=_TURN)


@shared_task
def compare_due() -> None:
    """Once a night, see for each account whether Mercado Pago has what we have."""
    for account in doctor.due(timezone.now()):
        compare_account.apply_async((account.pk,), expires=600)


@shared_task
def compare_account(account_id: int) -> None:
    account = Account.objects.get(pk=account_id)
    if credentials.check(account).credentials is not Credentials.GOOD:
        return  # that is on the front page, and the reason for all else
    try:
        doctor.compare(account, client=connect(account))
    except GatewayError as error:
        logger.warning("account %s could not be compared with Mercado Pago: %s", account, error)


@shared_task
def sweep_official_files() -> None:
    """Fetch what is missing of QR codes, one after the other for a turn: who hangs holds one thread, not all."""
    end = monotonic() + _FILES_TURN
    while monotonic() < end and (taken := official.lease(timezone.now(), limit=1)):
        official.fetch(PointOfSale.objects.select_related("store__account").get(pk=taken[0]))


@shared_task
def save_import(run_id: int) -> None:
    runs.go_on(run_id, seconds=_TURN)


@shared_task
def sweep_imports() -> None:
    """Go on with the imports that are not saved yet."""
    for run_id in ImportRun.objects.filter(due_at__lte=timezone.now()).values_list("pk", flat=True):
        save_import.apply_async((run_id,), expires=_TURN)


@shared_task
def sweep_hooks() -> None:
    """Wake every webhook that has something due; each is a task of its own, so that a dead one delays no other."""
    for hook_id in hooks.due():
        send_to_hook.apply_async((hook_id,), expires=10)


@shared_task
@with_strangers
def send_to_hook(hook_id: int) -> None:
    delivery.send_due(hook_id)


@shared_task
def purge_hooks() -> None:
    """Forget old deliveries: a batch, and the next one as long as there is something left."""
    if hooks.purge(older_than=_HOOKS_KEPT, batch=_HOOKS_BATCH) == _HOOKS_BATCH:
        purge_hooks.delay()


@shared_task
def purge_spells() -> None:
    """Forget what controllers said long ago: a batch, and the next one as long as there is something left."""
    older_than = timedelta(days=settings.TIMELINE_RETENTION_DAYS)
    if spells.purge(older_than=older_than, batch=_SPELLS_BATCH) == _SPELLS_BATCH:
        purge_spells.delay()
