"""Telling people and systems: over real SMTP and real HTTP, signed, in their language, and never in anybody's way."""

import json
from collections.abc import Iterator
from datetime import timedelta
from threading import BoundedSemaphore
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import User
from django.core import mail as outbox
from django.utils import timezone, translation

from backoffice import tasks
from backoffice.alarms import sending, telling, words
from backoffice.models import Alarm, AlarmEvent, AlarmMessage, AlarmRecipient
from pos import strangers
from pos.delivery import sign
from pos.models import PointOfSale
from tests import mail_server
from tests.mail_server import Mailbox
from tests.pos.receiver import Receiver, listening

pytestmark = pytest.mark.django_db


@pytest.fixture
def alarm(pos: PointOfSale) -> Alarm:
    """Since noon in Buenos Aires."""
    with time_machine.travel("2026-11-24T15:00:00Z", tick=False):
        return Alarm.objects.create(
            kind="paid_not_closed", subject="order 1", label="ABC", store=pos.store, account=pos.store.account,
            values={"pos": pos.name, "amount": "1234.50", "currency": "ARS"}, since=timezone.now(),
            raised_at=timezone.now(), tell_at=timezone.now(), told_at=timezone.now(),
        )  # fmt: skip


@pytest.fixture
def ana(pos: PointOfSale) -> AlarmRecipient:
    user = User.objects.create_superuser("ana", email="ana@example.com")
    return AlarmRecipient.objects.create(user=user, language="es")


@pytest.fixture
def mailbox(settings: Any) -> Iterator[Mailbox]:
    with mail_server.receiving() as mailbox:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", mailbox.port
        yield mailbox


@pytest.fixture
def receiver(settings: Any) -> Iterator[Receiver]:
    settings.HOOKS_ALLOW_HTTP = True
    with listening() as receiver:
        yield receiver


@pytest.fixture
def hook(receiver: Receiver) -> AlarmRecipient:
    return AlarmRecipient.objects.create(url=receiver.url, language="en")


def tell(alarm: Alarm, *events: AlarmEvent) -> None:
    for event in events:
        telling.write([alarm.pk], event)
    send()


def send() -> None:
    for recipient in sending.due(timezone.now()):
        sending.send_due(recipient)


def pause() -> timedelta:
    """Until the next attempt."""
    due_at = AlarmMessage.objects.get().due_at
    assert due_at
    return due_at - timezone.now()


def later() -> None:
    """The pause is over."""
    AlarmMessage.objects.filter(due_at__isnull=False).update(due_at=timezone.now())


# --- e-mail -----------------------------------------------------------------------------------------------------------
def test_an_e_mail_says_in_plain_words_what_is_wrong_where_since_when_and_what_to_do(alarm, ana, mailbox) -> None:
    AlarmRecipient.objects.update(language="en")
    tell(alarm, AlarmEvent.BEGAN)
    [message] = mailbox.got
    assert message["Subject"].strip() == "Alarm: paid at Mercado Pago, not closed here, Estación Caseros"
    assert (message["To"], message["From"]) == ("ana@example.com", "receipts@example.com")
    assert message["Auto-Submitted"] == "auto-generated"
    text = message.get_content()
    assert "Pump 1: Mercado Pago reports 1,234.50 ARS as paid, and the order is not closed here." in text
    assert f"Estación Caseros, since {words.since(alarm)}." in text
    assert f"http://localhost:8000/admin/backoffice/alarm/{alarm.pk}/change/" in text
    sent = AlarmMessage.objects.get()
    assert sent.sent_at
    assert (sent.due_at, sent.attempts) == (None, 1)


def test_it_is_in_the_recipients_language_whatever_the_workers_is(alarm, ana, mailbox) -> None:
    with translation.override("en"):
        tell(alarm, AlarmEvent.BEGAN)
        assert "1.234,50 ARS" in mailbox.got[0].get_content()
        assert translation.get_language() == "en"


def test_a_bad_night_is_one_e_mail(alarm, ana, mailbox) -> None:
    AlarmRecipient.objects.update(language="en")
    Alarm.objects.update(ended_at=alarm.since + timedelta(minutes=5))
    other = Alarm.objects.create(
        kind="token", subject="account 1", label="MLA 1", account=alarm.account, values={"note": {}},
        since=alarm.since, raised_at=alarm.since, tell_at=alarm.since,
    )  # fmt: skip
    telling.write([alarm.pk], AlarmEvent.BEGAN)
    telling.write([other.pk], AlarmEvent.GOES_ON)
    tell(alarm, AlarmEvent.OVER)
    [message] = mailbox.got
    assert message["Subject"].endswith("(and 2 more)")
    text = message.get_content()
    assert text.index("NEW") < text.index("STILL GOING ON") < text.index("OVER")
    assert not AlarmMessage.objects.filter(sent_at=None).exists()


def test_a_name_with_a_line_break_makes_no_header(alarm, ana, mailbox) -> None:
    alarm.store.name = "Evil\r\nBcc: eva@example.com"
    alarm.store.save()
    tell(alarm, AlarmEvent.BEGAN)
    assert mailbox.got[0]["Bcc"] is None


def test_a_mail_server_that_refuses_is_asked_again_and_given_up_after_a_day(alarm, ana, mailbox) -> None:
    mailbox.refuses = True
    tell(alarm, AlarmEvent.BEGAN)
    row = AlarmMessage.objects.get()
    assert (row.attempts, row.sent_at, row.answer) == (1, None, "SMTPRecipientsRefused")
    assert timedelta(seconds=20) < pause() <= timedelta(seconds=30)
    send()
    assert AlarmMessage.objects.get().attempts == 1  # not due yet
    later()
    send()
    assert timedelta(seconds=50) < pause() <= timedelta(seconds=60)
    AlarmMessage.objects.update(created_at=timezone.now() - timedelta(hours=25), due_at=timezone.now())
    send()
    assert AlarmMessage.objects.get().due_at is None
    mailbox.refuses = False
    send()
    assert mailbox.got == []


def test_a_dead_mail_server_loses_nothing(alarm, ana, settings) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    tell(alarm, AlarmEvent.BEGAN)
    assert AlarmMessage.objects.get().answer == "ConnectionRefusedError"
    with mail_server.receiving() as mailbox:
        settings.EMAIL_PORT = mailbox.port
        later()
        send()
        assert len(mailbox.got) == 1


def test_it_takes_a_place_among_strangers_or_waits(alarm, ana, monkeypatch) -> None:
    monkeypatch.setattr(strangers, "_places", BoundedSemaphore(1))
    telling.write([alarm.pk], AlarmEvent.BEGAN)
    with strangers._places:
        tasks.tell_recipient(ana.pk)
    assert AlarmMessage.objects.get().attempts == 0
    tasks.tell_recipient(ana.pk)
    assert len(outbox.outbox) == 1


def test_where_no_e_mail_is_sent_nobody_is_written_to(alarm, ana, settings) -> None:
    settings.SENDS_EMAIL = False
    tell(alarm, AlarmEvent.BEGAN)
    assert not AlarmMessage.objects.exists()


# --- webhooks ---------------------------------------------------------------------------------------------------------
def test_a_webhook_gets_signed_json(alarm, hook, receiver) -> None:
    tell(alarm, AlarmEvent.BEGAN, AlarmEvent.OVER)
    assert receiver.events() == ["alarm.began", "alarm.over"]
    headers, body = receiver.got[0]
    id, stamp = headers["webhook-id"], int(headers["webhook-timestamp"])
    assert headers["webhook-signature"] == sign(hook.secret, id=id, timestamp=stamp, body=body)
    told = json.loads(body)
    assert told["id"] == id
    assert told["alarm"] == {
        "id": alarm.pk,
        "kind": "paid_not_closed",
        "text": "Pump 1: Mercado Pago reports 1,234.50 ARS as paid, and the order is not closed here.",
        "advice": told["alarm"]["advice"],
        "about": "ABC",
        "store": alarm.store.external_id,
        "account": alarm.account.user_id,
        "since": "2026-11-24T15:00:00Z",
        "over_at": None,
        "url": f"http://localhost:8000/admin/backoffice/alarm/{alarm.pk}/change/",
    }


def test_what_is_not_taken_holds_back_what_is_behind_it_and_keeps_its_id(alarm, hook, receiver) -> None:
    receiver.statuses = [503]
    tell(alarm, AlarmEvent.BEGAN, AlarmEvent.OVER)
    later()
    send()
    assert receiver.events() == ["alarm.began", "alarm.began", "alarm.over"]
    first, again, _over = (headers["webhook-id"] for headers, _body in receiver.got)
    assert first == again


def test_who_is_gone_is_told_no_more(alarm, hook, receiver) -> None:
    receiver.statuses = [410]
    tell(alarm, AlarmEvent.BEGAN)
    assert not AlarmRecipient.objects.get().is_active
    later()
    send()
    assert len(receiver.got) == 1


def test_a_webhook_reaches_no_private_network(alarm, hook, receiver, settings) -> None:
    settings.HOOKS_ALLOW_HTTP = False
    tell(alarm, AlarmEvent.BEGAN)
    assert receiver.got == []
    assert "https://" in AlarmMessage.objects.get().answer


def test_a_test_arrives_and_is_known_as_one(hook, ana, receiver, mailbox) -> None:
    AlarmRecipient.objects.filter(pk=ana.pk).update(language="en")
    telling.test(hook)
    telling.test(ana)
    send()
    assert json.loads(receiver.got[0][1])["event"] == "alarm.test"
    assert "This is a test: alarms arrive here." in mailbox.got[0].get_content()


@pytest.mark.parametrize("recipient", ["ana", "hook"])
def test_one_that_hangs_is_not_told_twice_at_once(alarm, recipient, request) -> None:
    one = request.getfixturevalue(recipient)
    telling.write([alarm.pk], AlarmEvent.BEGAN)
    assert len(sending._take(one, timezone.now())) == 1
    assert sending._take(one, timezone.now()) == []
    assert sending.due(timezone.now()) == []
