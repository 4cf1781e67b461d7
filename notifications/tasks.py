from celery import shared_task
from django.utils import timezone

from notifications import services
from notifications.models import Notification
from stores.services import connect

BATCH = 500


@shared_task
def process_notification(notification_id: int) -> None:
    notification = Notification.objects.select_related("account").get(pk=notification_id)
    services.process(notification, client=connect(notification.account))


@shared_task
def sweep() -> None:
    """Wake the work on what nobody was woken for, and on what failed and is due again."""
    for notification_id in services.lease(Notification.objects.due(timezone.now()), limit=BATCH):
        process_notification.delay(notification_id)
