from datetime import timedelta

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from notifications import services
from notifications.models import Notification
from stores.services import connect

BATCH = 500


@shared_task
def process_notification(notification_id: int) -> None:
    notification = Notification.objects.select_related("account").get(pk=notification_id)
    services.process(notification, client=connect(notification.account, about=notification))


@shared_task
def sweep() -> None:
    """Wake the work on what nobody was woken for, and on what failed and is due again."""
    for notification_id in services.lease(Notification.objects.due(timezone.now()), limit=BATCH):
        process_notification.delay(notification_id)


@shared_task
def purge() -> None:
    """Forget old deliveries: a batch, and the next one as long as there is something left."""
    if services.purge(older_than=timedelta(days=settings.NOTIFICATION_RETENTION_DAYS), batch=BATCH) == BATCH:
        purge.delay()
