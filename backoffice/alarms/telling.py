"""Whom an alarm concerns: what they are told is written down, and sent afterwards."""

from collections.abc import Sequence

from django.conf import settings

from backoffice.models import Alarm, AlarmEvent, AlarmMessage, AlarmQuerySet, AlarmRecipient


def write(alarms: Sequence[int], event: AlarmEvent) -> None:
    """For each recipient whom they concern. That it is over hears only who has heard of it."""
    if not alarms:
        return
    recipients = AlarmRecipient.objects.filter(is_active=True).select_related("user").order_by("pk")
    for recipient in recipients:
        concern = concerning(recipient, Alarm.objects.filter(pk__in=alarms))
        if event == AlarmEvent.OVER:
            concern = concern.filter(messages__recipient=recipient).distinct()
        AlarmMessage.objects.bulk_create(
            AlarmMessage(recipient=recipient, alarm_id=pk, event=event)
            for pk in sorted(concern.order_by().values_list("pk", flat=True))
        )


def concerning(recipient: AlarmRecipient, alarms: AlarmQuerySet) -> AlarmQuerySet:
    """A person is told what they may see, as long as they may; a webhook what is of its store, or everything."""
    if recipient.store_id:
        alarms = alarms.filter(store=recipient.store_id)
    user = recipient.user
    if user is None:
        return alarms
    can_be_told = settings.SENDS_EMAIL and user.email and user.is_active
    return alarms.visible_to(user) if can_be_told and user.has_perm("backoffice.view_alarm") else alarms.none()


def test(recipient: AlarmRecipient) -> None:
    """Only to try whether it arrives."""
    AlarmMessage.objects.create(recipient=recipient, event=AlarmEvent.TEST)
