"""What waits for people, closed days against late news, settlement reports. Rows hold the schedule."""

from celery import shared_task
from django.contrib.sessions.models import Session
from django.utils import timezone

from backoffice.cases import queue
from backoffice.closing import services
from backoffice.models import Closing, SettlementRun
from backoffice.settlement import runs

_TURN = 30.0  # seconds: other work waits no longer
_BATCH = 100
_SESSIONS = 500


@shared_task
def look_what_waits() -> None:
    """Between two visits of people: what waits since when, and what left by itself, is on record all the same."""
    queue.look()


@shared_task
def purge_sessions() -> None:
    """Forget log-ins that are over: a batch, and the next one as long as there is something left."""
    over = Session.objects.filter(expire_date__lt=timezone.now()).order_by("expire_date").values_list("pk")
    deleted, _rows = Session.objects.filter(pk__in=over[:_SESSIONS]).delete()
    if deleted == _SESSIONS:
        purge_sessions.delay()


@shared_task
def compare_closings() -> None:
    """Wake a look at every closed day and shift that is due for one."""
    due = Closing.objects.in_force().filter(compare_at__lte=timezone.now()).order_by("compare_at")
    for pk in due.values_list("pk", flat=True)[:_BATCH]:
        compare_closing.apply_async((pk,), expires=60)


@shared_task
def compare_closing(closing_id: int) -> None:
    services.compare(Closing.objects.select_related("store__account").get(pk=closing_id))


@shared_task
def sweep_settlements() -> None:
    """Wake every report that is not read to its end."""
    for pk in SettlementRun.objects.filter(due_at__lte=timezone.now()).values_list("pk", flat=True):
        read_settlement.apply_async((pk,), expires=10)


@shared_task
def read_settlement(run_id: int) -> None:
    runs.go_on(run_id, seconds=_TURN)
