import logging
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from gateway.errors import NotAsked
from notifications import services
from notifications.models import Notification
from stores.compiled import Compiled
from stores.doorbell import Doorbell, in_messages
from stores.services import connect
from stores.tracing import following

logger = logging.getLogger(__name__)
BATCH = 500
_WAITING = Compiled(lambda ids: Notification.objects.select_related("account").waiting().filter(pk__in=ids))


@shared_task
def process_notifications(notification_ids: list[int]) -> None:
    """Work on some deliveries. One that fails does not hurt the others; what is done already is left alone."""
    for notification in _WAITING(notification_ids):
        with following(notification=notification.pk, account=str(notification.account.user_id)):
            try:
                with suppress(NotAsked):
                    services.process(notification, client=connect(notification.account, about=notification))
            except Exception:
                logger.exception("notification %s could not be worked on, it is due again", notification.pk)


def wake(notification_ids: Sequence[int]) -> None:
    for some in in_messages(notification_ids):
        process_notifications.delay(some)


doorbell = Doorbell(wake)


@shared_task
def sweep() -> None:
    """Wake the work on what nobody was woken for, and on what failed and is due again."""
    wake(services.lease(Notification.objects.due(timezone.now()), limit=BATCH))


@shared_task
def purge() -> None:
    """Forget old deliveries: a batch, and the next one as long as there is something left."""
    if services.purge(older_than=timedelta(days=settings.NOTIFICATION_RETENTION_DAYS), batch=BATCH) == BATCH:
        purge.delay()
