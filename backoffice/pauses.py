"""How often passwords may be guessed: the library's pause for one person from one place, and two slower ones beside it.

Whoever guesses from many places at once, or tries one password with many names, never makes five errors as one person
from one place. So as one person, wherever it comes from, and from one place, whoever it says to be, there are no more
than so many wrong log-ins within an hour.
"""

from datetime import timedelta
from typing import Any, Final

from axes.handlers.database import AxesDatabaseHandler
from axes.helpers import get_client_username, get_cool_off
from axes.models import AccessFailureLog
from django.conf import settings
from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone

_WINDOW: Final = timedelta(hours=1)


class Pauses(AxesDatabaseHandler):  # type: ignore[misc]  # the library has no types
    """Each wrong log-in is a row for an hour. A right one ends the short pause only: a guesser has a log-in, too."""

    def is_locked(self, request: Any, credentials: dict[str, Any] | None = None) -> bool:
        if super().is_locked(request, credentials):
            return True
        name = get_client_username(request, credentials)
        request.is_paused_long = _is_too_much(username=name, ip_address=request.axes_ip_address)
        return bool(request.is_paused_long)

    def remove_out_of_limit_failure_logs(self, *, username: str, limit: int | None = None) -> int:
        """It is called after each new row; the library's would remove the newest ones of one name."""
        count, _rows = AccessFailureLog.objects.filter(attempt_time__lte=timezone.now() - _WINDOW).delete()
        return int(count)

    def reset_attempts(
        self, *, ip_address: str | None = None, username: str | None = None, ip_or_username: bool = False
    ) -> int:
        """Whoever is unlocked is unlocked for good."""
        named = {"ip_address": ip_address, "username": username}
        given = [(field, value) for field, value in named.items() if value]
        AccessFailureLog.objects.filter(Q(*given, _connector=Q.OR if ip_or_username else Q.AND)).delete()
        return int(super().reset_attempts(**named, ip_or_username=ip_or_username))


def is_paused(request: HttpRequest | None) -> bool:
    """Whether this log-in was refused because of those before it."""
    return bool(getattr(request, "axes_locked_out", False))


def is_long(request: HttpRequest | None) -> bool:
    """Whether it is one of the slower two."""
    return bool(getattr(request, "is_paused_long", False))


def length(request: HttpRequest | None) -> timedelta:
    """How long a pause is at most."""
    cool_off: timedelta = get_cool_off(request)
    return _WINDOW if is_long(request) else cool_off


def _is_too_much(**who: str | None) -> bool:
    lately = AccessFailureLog.objects.filter(attempt_time__gt=timezone.now() - _WINDOW)
    most: int = settings.LOGIN_FAILURES_PER_HOUR
    return most > 0 and any(lately.filter(**{field: value}).count() >= most for field, value in who.items() if value)
