"""Sending to webhooks: signed as in Standard Webhooks, one after the other, again and again until taken or given up."""

import base64
import hashlib
import hmac
import json
import logging
import time
from dataclasses import dataclass
from datetime import timedelta

import requests
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _
from urllib3.exceptions import HTTPError

from pos.addresses import check_url
from pos.guard import guarded_session
from pos.hooks import LEASE
from pos.models import Hook, HookDelivery

logger = logging.getLogger(__name__)

TIMEOUT = (3.05, 10.0)  # seconds to connect, then between bytes
GIVE_UP_AFTER = timedelta(hours=24)
_FIRST_PAUSE, _LONGEST_PAUSE = 5, 3600  # seconds
_TURN = 30.0  # seconds; then others get theirs, and the sweep continues
GONE = 410


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of an attempt: the status, 0 when there was none, and a short line for people."""

    status: int
    line: str

    @property
    def is_taken(self) -> bool:
        return 200 <= self.status < 300


def sign(secret: str, *, id: str, timestamp: int, body: str) -> str:
    """The value of `Webhook-Signature`."""
    digest = hmac.digest(secret.encode(), f"{id}.{timestamp}.{body}".encode(), hashlib.sha256)
    return "v1," + base64.b64encode(digest).decode()


def send_due(hook_id: int) -> None:
    """Send what waits for a webhook, in order, until one is not taken. Two at once do not send the same."""
    with guarded_session() as session:
        end = time.monotonic() + _TURN
        while time.monotonic() < end:
            foremost = _take_foremost(hook_id)
            if foremost is None or not _follow(foremost, _post(session, foremost)):
                return


def _take_foremost(hook_id: int) -> HookDelivery | None:
    """The delivery in front, leased; None when there is none, or it is not due, or somebody else is sending it."""
    now = timezone.now()
    waiting = HookDelivery.objects.filter(hook=hook_id, hook__is_active=True, due_at__isnull=False)
    foremost = waiting.select_related("hook").order_by("pk").first()
    if foremost is None:
        return None
    free = HookDelivery.objects.filter(pk=foremost.pk, due_at__lte=now)
    if not free.update(due_at=now + LEASE, attempts=F("attempts") + 1):
        return None
    foremost.attempts += 1
    return foremost


def post(session: requests.Session, *, url: str, secret: str, id: str, body: str) -> Answer:
    """One attempt, signed. The session is a guarded one; whatever goes wrong is in the answer."""
    timestamp = int(time.time())
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "qr-unattended-webhooks/1",
        "Webhook-Id": id,
        "Webhook-Timestamp": str(timestamp),
        "Webhook-Signature": sign(secret, id=id, timestamp=timestamp, body=body),
    }
    try:
        check_url(url)
        with session.post(
            url, data=body.encode(), headers=headers, timeout=TIMEOUT, allow_redirects=False, stream=True
        ) as answer:
            return Answer(answer.status_code, _line(f"{answer.status_code} {answer.reason} {_said(answer)}"))
    except (requests.RequestException, HTTPError, ValueError) as error:
        return Answer(0, _line(_why(error)))


def _post(session: requests.Session, delivery: HookDelivery) -> Answer:
    id = json.loads(delivery.body)["id"]
    return post(session, url=delivery.hook.url, secret=delivery.hook.secret, id=id, body=delivery.body)


def _follow(delivery: HookDelivery, answer: Answer) -> bool:
    """Write down what came of it. Whether the next one may go on."""
    now = timezone.now()
    row = HookDelivery.objects.filter(pk=delivery.pk)
    if answer.is_taken:
        row.update(delivered_at=now, due_at=None, answer=answer.line)
        return True
    logger.warning("webhook %s did not take %s: %s", delivery.hook_id, delivery, answer.line)
    if answer.status == GONE:
        line = _("The receiver wants no more: this webhook was switched off. It said: %(answer)s")
        row.update(failed_at=now, due_at=None, answer=_line(line % {"answer": answer.line}))
        Hook.objects.filter(pk=delivery.hook_id).update(is_active=False)
        return False
    if now - delivery.created_at > GIVE_UP_AFTER:
        row.update(failed_at=now, due_at=None, answer=answer.line)
        return True
    row.update(due_at=now + _pause(delivery.attempts), answer=answer.line)
    return False


def _pause(attempts: int) -> timedelta:
    return timedelta(seconds=min(_FIRST_PAUSE * 2 ** min(attempts - 1, 20), _LONGEST_PAUSE))


def _said(answer: requests.Response) -> str:
    """The beginning of a receiver's own words. A page of HTML is not for the people who read the line."""
    if "html" in answer.headers.get("Content-Type", "").lower():
        return ""
    return next(answer.iter_content(200), b"").decode(errors="replace")[:200]


def _why(error: BaseException) -> str:
    """What lies under the layers of libraries: Connection refused, timed out, certificate verify failed."""
    while error.__context__ is not None:
        error = error.__context__
    return str(error)


def _line(text: str) -> str:
    """One short line of what a stranger said."""
    return "".join(sign for sign in " ".join(text.split()) if sign.isprintable())[:300]
