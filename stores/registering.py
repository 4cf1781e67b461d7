"""Telling Mercado Pago of a store or a point of sale, and keeping what came of it in the row."""

import logging
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils import timezone

from gateway.errors import Conflict, Forbidden, GatewayError, NotAsked, NotFound, TemporaryError, Unauthorized
from stores.fields import Unreadable
from stores.models import Account
from stores.refusals import WAITS
from stores.registration import Registered, Registration

logger = logging.getLogger(__name__)

LEASE = timedelta(minutes=2)  # longer than the calls of one row can take
_FIRST_PAUSE, _LONGEST_PAUSE = 5, 3600  # seconds
_NOT_OURS_TO_HURRY = timedelta(hours=1)  # an adviser enables a host, a manager renews a token


def lease(row: Registered) -> bool:
    """Take a row that is due, or was just changed: nobody else tells Mercado Pago of it meanwhile."""
    now = timezone.now()
    free = Q(registration_due_at=None) | Q(registration_due_at__lte=now)
    rows = type(row)._default_manager.filter(free, pk=row.pk, revision=row.revision)
    return bool(rows.update(registration_due_at=now + LEASE))


def attempt(row: Registered, account: Account, tell: Callable[[], Mapping[str, Any]], *, forbidden: str) -> None:
    """Tell, and keep the outcome. What goes wrong is kept in the row, not raised: see `Registered.outcome`.

    `tell` returns what to keep of Mercado Pago's answer; `forbidden` is the state that its 403 means.
    """
    rows = type(row)._default_manager.filter(pk=row.pk)
    try:
        rows.update(**tell())
        outcome = _outcome(Registration.REGISTERED) | {"registered_at": timezone.now()}
    except (GatewayError, Unreadable) as error:
        logger.warning("%s is not registered: %s", row, error)
        outcome = _after(error, row.registration_attempts, forbidden)
        if pause := _pause(error, outcome["registration_due_at"]):
            Account.objects.filter(pk=account.pk).update(quiet_until=pause)
    # Changed meanwhile: then what was told is old, and the change has its own time.
    rows.filter(revision=row.revision).update(**outcome)
    row.refresh_from_db()


def _pause(error: Exception, due: datetime | None) -> datetime | None:
    """Until when the account is to be left alone: it asked for it, or its token must be renewed first."""
    if isinstance(error, Unauthorized | Unreadable):
        return timezone.now() + _NOT_OURS_TO_HURRY
    return due if getattr(error, "status", 0) == 429 else None


def demand(row: Registered) -> None:
    """Raise ValidationError, by field where one is wrong, when Mercado Pago does not know the row as it stands."""
    if row.registration != Registration.REGISTERED:
        refusal = row.refusal if row.registration == Registration.REFUSED else None
        raise ValidationError({refusal.field: str(row.outcome)} if refusal and refusal.field else str(row.outcome))


def _after(error: GatewayError | Unreadable, attempts: int, forbidden: str) -> dict[str, Any]:
    now = timezone.now()
    match error:
        case NotAsked():
            due = now + timedelta(seconds=error.retry_after)
            return _outcome(Registration.PENDING, error, "NO_ANSWER", due=due, attempts=attempts)
        case TemporaryError():
            # What it asks for is enough; only where it does not say is the wait ours to lengthen.
            pause = timedelta(seconds=error.retry_after or min(_FIRST_PAUSE * 2**attempts, _LONGEST_PAUSE))
            code = error.code if error.code in WAITS else "TOO_MANY" if error.status == 429 else "NO_ANSWER"
            return _outcome(Registration.PENDING, error, code, due=now + pause, attempts=attempts + 1)
        case Unauthorized() | Unreadable():
            # Soon after the account may be spoken for again, which is at once when its token is renewed.
            due = now + timedelta(seconds=_FIRST_PAUSE)
            return _outcome(Registration.PENDING, error, "UNAUTHORIZED", due=due)
        case Forbidden():
            later = now + _NOT_OURS_TO_HURRY if forbidden == Registration.HOST_NOT_ENABLED else None
            return _outcome(forbidden, error, "FORBIDDEN", due=later)
        case Conflict():
            return _outcome(Registration.REFUSED, error, "CONFLICT")
        case NotFound():
            return _outcome(Registration.REFUSED, error, "NOT_FOUND")
    return _outcome(Registration.REFUSED, error, error.code)


def _outcome(
    state: str,
    error: Exception | None = None,
    code: str = "",
    *,
    due: datetime | None = None,
    attempts: int = 0,
) -> dict[str, Any]:
    return {
        "registration": state,
        "registration_code": code[:60],
        "registration_message": str(error or "")[:300],
        "registration_due_at": due,
        "registration_attempts": attempts,
    }
