"""Telling Mercado Pago of points of sale, and of all that is due. The rows hold the schedule."""

from celery import shared_task
from django.utils import timezone

from pos import services
from pos.chain import runs
from pos.models import ImportRun, PointOfSale
from stores.models import Account

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
def save_import(run_id: int) -> None:
    runs.go_on(run_id, seconds=_TURN)


@shared_task
def sweep_imports() -> None:
    """Go on with the imports that are not saved yet."""
    for run_id in ImportRun.objects.filter(due_at__lte=timezone.now()).values_list("pk", flat=True):
        save_import.apply_async((run_id,), expires=_TURN)
