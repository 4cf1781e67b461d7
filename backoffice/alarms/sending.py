"""Telling recipients by e-mail or webhook, again and again until it is sent or given up."""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import F
from django.utils import timezone, translation

from backoffice.alarms import letters
from backoffice.models import AlarmMessage, AlarmRecipient
from pos.delivery import GONE, post
from pos.guard import guarded_session

logger = logging.getLogger(__name__)

_LEASE: Final = timedelta(minutes=5)  # longer than a turn can take
_IN_A_MAIL, _BY_WEBHOOK = 200, 20  # messages of a turn
_GIVE_UP_AFTER: Final = timedelta(hours=24)
_FIRST_PAUSE, _LONGEST_PAUSE = 30, 3600  # seconds


def due(now: datetime) -> list[int]:
    """The recipients for whom something is due."""
    return list(AlarmMessage.objects.due(now).order_by().values_list("recipient", flat=True).distinct())


def send_due(recipient_id: int) -> None:
    """What is due for one recipient; two at once do not send the same."""
    recipient = AlarmRecipient.objects.select_related("user", "store").get(pk=recipient_id)
    messages = _take(recipient, timezone.now())
    if not messages:
        return
    with translation.override(recipient.language):
        if recipient.url:
            _post(recipient, messages)
        else:
            _mail(recipient, messages)


@transaction.atomic
def _take(recipient: AlarmRecipient, now: datetime) -> list[AlarmMessage]:
    most = _BY_WEBHOOK if recipient.url else _IN_A_MAIL
    rows = AlarmMessage.objects.due(now).filter(recipient=recipient).order_by("pk")
    rows = rows.select_related("alarm__store__account", "alarm__account")
    taken = list(rows.select_for_update(skip_locked=True, of=("self",))[:most])
    _update(taken, due_at=now + _LEASE, attempts=F("attempts") + 1)
    return taken


def _mail(recipient: AlarmRecipient, messages: list[AlarmMessage]) -> None:
    """All in one, so that a bad night is one e-mail and not a hundred."""
    try:
        letters.mail(recipient, messages).send()
    except Exception as error:  # a mail server fails in many ways
        logger.warning("alarms could not be sent by e-mail: %s", type(error).__name__)
        _later(messages, type(error).__name__)  # a server's words repeat the address
    else:
        _update(messages, due_at=None, sent_at=timezone.now(), answer="")


def _post(recipient: AlarmRecipient, messages: list[AlarmMessage]) -> None:
    """One after the other, in their order: one that is not taken holds back those behind it."""
    with guarded_session() as session:
        for place, message in enumerate(messages):
            id, body = letters.body(message)
            answer = post(session, url=recipient.url, secret=recipient.secret, id=id, body=body)
            if answer.is_taken:
                _update([message], due_at=None, sent_at=timezone.now(), answer=answer.line)
                continue
            logger.warning("webhook of alarms %s did not take %s: %s", recipient.pk, message.pk, answer.line)
            if answer.status == GONE:
                AlarmRecipient.objects.filter(pk=recipient.pk).update(is_active=False)
            _later(messages[place:], answer.line)
            return


def _later(messages: Sequence[AlarmMessage], why: str) -> None:
    """After a pause that grows; given up after a day."""
    now = timezone.now()
    old = [message for message in messages if now - message.created_at > _GIVE_UP_AFTER]
    young = [message for message in messages if message not in old]
    _update(old, due_at=None, answer=why)
    if young:
        pause = min(_FIRST_PAUSE * 2 ** min(young[0].attempts, 20), _LONGEST_PAUSE)
        _update(young, due_at=now + timedelta(seconds=pause), answer=why)


def _update(messages: Sequence[AlarmMessage], **values: object) -> None:
    AlarmMessage.objects.filter(pk__in=[message.pk for message in messages]).update(**values)
