"""What waits for people, alarms, closed days against late news, settlement reports. Rows hold the schedule."""

from datetime import timedelta

from celery import shared_task
from django.contrib.sessions.models import Session
from django.utils import timezone

from backoffice.alarms import rounds, sending
from backoffice.cases import queue
from backoffice.closing import services
from backoffice.models import Closing, SettlementRun
from backoffice.settlement import runs
from pos.strangers import with_strangers

_TURN = 30.0  # seconds: other work waits no longer
_BATCH = 100
_ALARMS_KEPT = timedelta(days=365)
_PURGED = 500


@shared_task
def look_what_waits() -> None:
    """Between two visits of people: what waits since when, and what left by itself, is on record all the same."""
    queue.look()


@shared_task
def purge_sessions() -> None:
    """Forget log-ins that are over: a batch, and the next one as long as there is something left."""
    over = Session.objects.filter(expire_date__lt=timezone.now()).order_by("expire_date").values_list("pk")
    deleted, _rows = Session.objects.filter(pk__in=over[:_PURGED]).delete()
    if deleted == _PURGED:
        purge_sessions.delay()


@shared_task
def look_for_alarms() -> None:
    """Make a round, and wake the telling of everybody for whom something is due."""
    rounds.make(timezone.now())
    for recipient_id in sending.due(timezone.now()):
        tell_recipient.apply_async((recipient_id,), expires=30)


@shared_task
@with_strangers
def tell_recipient(recipient_id: int) -> None:
    sending.send_due(recipient_id)


@shared_task
def purge_alarms() -> None:
    """Forget what is long over: a batch, and the next one as long as there is something left."""
    if rounds.purge(older_than=_ALARMS_KEPT, batch=_PURGED) == _PURGED:
        purge_alarms.delay()


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
