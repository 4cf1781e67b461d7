"""One line of the log for who comes and goes: log-in, log-out, second factor; let in or not, as whom and from where."""

import logging
from collections.abc import Mapping
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractUser
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.http import HttpRequest

from backoffice import pauses
from stores.visitors import address_of

logger = logging.getLogger(__name__)


def start() -> None:
    """Hear of each. After the library that makes the pauses: it has said by then whether there is one."""
    user_logged_in.connect(_came, dispatch_uid="backoffice.came")
    user_login_failed.connect(_was_refused, dispatch_uid="backoffice.was_refused")
    user_logged_out.connect(_went, dispatch_uid="backoffice.went")


def note(request: HttpRequest, what: str) -> None:
    """Something that this person did about their own log-in."""
    logger.info("%s: %s, from %s", request.user.get_username(), what, address_of(request))


def note_refusal(request: HttpRequest, why: str) -> None:
    """Their password was right, their second factor was not."""
    logger.warning("%s: not let in, %s, from %s", request.user.get_username(), why, address_of(request))


def _came(*, request: HttpRequest, user: AbstractUser, **_signal: Any) -> None:
    logger.info("%s: right password, from %s", user.get_username(), address_of(request))


def _was_refused(*, credentials: Mapping[str, Any], request: HttpRequest | None = None, **_signal: Any) -> None:
    why = "a pause after too many wrong passwords" if pauses.is_paused(request) else "not the right password"
    place = address_of(request) if request else "nowhere"
    logger.warning("%s: not let in, %s, from %s", _somebody(credentials.get("username")), why, place)


def _went(*, request: HttpRequest, user: AbstractUser | None, **_signal: Any) -> None:
    if user is not None:
        logger.info("%s: logged out, from %s", user.get_username(), address_of(request))


def _somebody(name: object) -> str:
    """Only names that there are: some people type their password where their name belongs."""
    found = get_user_model().objects.filter(username=name).exists() if isinstance(name, str) else False
    return str(name) if found else "somebody unknown"
