"""What recipients are sent: an e-mail that tells several things, a body of JSON that tells one."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from django.conf import settings
from django.core.mail import EmailMessage
from django.urls import reverse
from django.utils.translation import gettext as _
from rest_framework.renderers import JSONRenderer

from backoffice.alarms import words
from backoffice.models import Alarm, AlarmEvent, AlarmMessage, AlarmRecipient
from stores.times import written

_ORDER: Final = (AlarmEvent.BEGAN, AlarmEvent.GOES_ON, AlarmEvent.OVER, AlarmEvent.TEST)


def mail(recipient: AlarmRecipient, messages: Sequence[AlarmMessage]) -> EmailMessage:
    """In the language that is active."""
    assert recipient.user is not None  # noqa: S101 - a constraint: a person or a webhook
    subject = " ".join(_subject(messages).split())
    foot = _("You are told because you asked to be. To be told no more, switch it off: %(url)s")
    url = _whole(reverse("admin:backoffice_alarmrecipient_change", args=[recipient.pk]))
    body = "\n\n".join([*_parts(messages), foot % {"url": url}]) + "\n"
    headers = {"Auto-Submitted": "auto-generated"}  # nobody's absence is to be announced to us
    return EmailMessage(subject, body, settings.DEFAULT_FROM_EMAIL, [recipient.user.email], headers=headers)


def body(message: AlarmMessage) -> tuple[str, str]:
    """Its id, the same with each attempt, and the JSON."""
    id = f"alarm-message-{message.pk}"
    told = {"id": id, "event": f"alarm.{message.event}", "created_at": message.created_at}
    return id, JSONRenderer().render(told | {"alarm": _facts(message.alarm) if message.alarm else None}).decode()


def _facts(alarm: Alarm) -> dict[str, Any]:
    account = alarm.account
    return {
        "id": alarm.pk,
        "kind": alarm.kind,
        "text": words.sentence(alarm),
        "advice": words.advice(alarm),
        "about": alarm.label,
        "store": alarm.store.external_id if alarm.store else None,
        "account": account.user_id if account else None,
        "since": alarm.since,
        "over_at": alarm.ended_at,
        "url": _whole(reverse("admin:backoffice_alarm_change", args=[alarm.pk])),
    }


def _subject(messages: Sequence[AlarmMessage]) -> str:
    [first, *others] = sorted(messages, key=lambda message: _ORDER.index(AlarmEvent(message.event)))
    if first.alarm is None:
        return _("Alarms: a test")
    values = {"what": first.alarm.get_kind_display(), "place": words.place(first.alarm)}
    if first.event == AlarmEvent.OVER:
        text = _("Over: %(what)s, %(place)s") % values
    else:
        text = _("Alarm: %(what)s, %(place)s") % values
    more = _("and %(count)s more") % {"count": len(others)}
    return f"{text} ({more})" if others else text


def _parts(messages: Sequence[AlarmMessage]) -> Iterator[str]:
    headings = {
        AlarmEvent.BEGAN: _("NEW"),
        AlarmEvent.GOES_ON: _("STILL GOING ON"),
        AlarmEvent.OVER: _("OVER"),
    }
    for event in _ORDER:
        alarms = [message.alarm for message in messages if message.event == event and message.alarm]
        if alarms:
            yield headings[event]
            yield from (_paragraph(alarm, is_over=event == AlarmEvent.OVER) for alarm in alarms)
    if any(message.event == AlarmEvent.TEST for message in messages):
        yield _("This is a test: alarms arrive here.")


def _paragraph(alarm: Alarm, *, is_over: bool) -> str:
    values = {"place": words.place(alarm), "since": words.since(alarm)}
    if is_over and alarm.ended_at:
        line = _("%(place)s, from %(since)s until %(until)s.")
        until = written(alarm.ended_at, words.clock(alarm))
        return f"{words.sentence(alarm)}\n{line % (values | {'until': until})}"
    line = _("%(place)s, since %(since)s.") % values
    url = _whole(reverse("admin:backoffice_alarm_change", args=[alarm.pk]))
    where = _("See it, or snooze it: %(url)s") % {"url": url}
    return "\n".join((words.sentence(alarm), line, words.advice(alarm), where))


def _whole(path: str) -> str:
    return f"{settings.PUBLIC_URL}{path}"
