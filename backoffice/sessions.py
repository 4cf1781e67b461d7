"""How long a log-in lasts: a while after the last page, and never longer than a week."""

import time
from typing import Any

from django.conf import settings
from django.http import HttpRequest

_SINCE, _SEEN = "since", "seen"  # in the session
_EVERY = 60  # seconds: a board that refreshes every few seconds does not write each time


def begin(*, request: HttpRequest, **_signal: Any) -> None:
    """Somebody has logged in."""
    request.session[_SINCE] = request.session[_SEEN] = int(time.time())


def go_on(request: HttpRequest) -> bool:
    """Whether the session may go on; if so, its idle time begins anew. Any page counts, also one that refreshes."""
    now = int(time.time())
    since = request.session.setdefault(_SINCE, now)
    if now - since >= settings.SESSION_MOST_SECONDS:
        return False
    if now - request.session.get(_SEEN, 0) >= _EVERY:
        request.session[_SEEN] = now
    return True
